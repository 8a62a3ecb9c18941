/**
 * Quick validators of the modules' parameters by module name: whether data is valid, not why it is not. The build puts
 * them in; without it ajv compiles at need.
 */
export const validators: ReadonlyMap<string, (data: unknown) => boolean> = new Map();
