import { Type } from 'typebox';
import { SlipwayError } from '../../../base/errors.ts';

/** Parameters of all modules that have the Engine speak to a registry. `password` is one of their `secretParams`. */
export const accountParams = (what: string) => ({
  username: Type.Optional(Type.String({ description: `An account of the registry, ${what}.` })),
  password: Type.Optional(Type.String({ description: 'Its password or token.' })),
});

/** For a registry, as the Engine takes it. */
export interface Account {
  readonly username: string;
  readonly password: string;
}

/** @throws {SlipwayError} task.invalid for half of one */
export function accountOf(p: {
  readonly username?: string | undefined;
  readonly password?: string | undefined;
}): Account | undefined {
  const { username, password } = p;
  if (username === undefined && password === undefined) return undefined;
  if (username === undefined || password === undefined)
    throw new SlipwayError(
      'task.invalid',
      `\`${username === undefined ? 'username' : 'password'}\` is missing`,
      { hint: 'Give both, or neither.' },
    );
  return { username, password };
}

/** As the header `X-Registry-Auth` wants it: base64 for URLs, padded. */
export function authOf(account: Account | undefined): string {
  const text = Buffer.from(JSON.stringify(account ?? {})).toString('base64');
  return text.replaceAll('+', '-').replaceAll('/', '_');
}
