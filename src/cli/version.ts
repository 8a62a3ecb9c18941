declare const SLIPWAY_VERSION: string | undefined;

/** From package.json, put in by the build. */
export const version: string = typeof SLIPWAY_VERSION === 'string' ? SLIPWAY_VERSION : '0.0.0';
