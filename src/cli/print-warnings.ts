import type { SlipwayError } from '../base/errors.ts';
import { formatError } from '../base/frame.ts';

/** Warnings go to stderr, so that stdout stays what was asked for. */
export function printWarnings(warnings: readonly SlipwayError[]): void {
  for (const warning of warnings) process.stderr.write(`warning: ${formatError(warning)}\n`);
}
