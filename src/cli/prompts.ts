import type { Credentials } from '../transport/types.ts';
import { type Ask, ask } from './ask.ts';
import type { ConnectionFlags } from './options.ts';
import { SlipwayError } from '../base/errors.ts';

export interface Passwords {
  readonly login?: string | undefined;
  readonly become?: string | undefined;
}

/** Asks for what -k and -K want, before anything is connected. */
export async function askPasswords(flags: ConnectionFlags): Promise<Passwords> {
  const login = flags.askPass ? await needed('SSH password:', '-k') : undefined;
  const become = flags.askBecomePass
    ? (await needed('BECOME password (empty: the SSH password):', '-K')) || login
    : undefined;
  return { login, become };
}

async function needed(question: string, flag: string): Promise<string> {
  const answer = await ask(question, { secret: true });
  if (answer !== undefined) return answer;
  throw new SlipwayError('usage', `${flag} needs a terminal to ask at`, {
    hint: 'Give the password as a variable instead: ansible_password or ansible_become_password (-e @file).',
  });
}

/** What the transport may ask the person for while it connects. */
export function credentialsBy(asking: Ask): Credentials {
  return {
    passphrase: (keyFile, again) =>
      asking(`${again ? 'That is not it. ' : ''}Passphrase for ${keyFile}:`, { secret: true }),
    password: (userAtHost) => asking(`Password for ${userAtHost}:`, { secret: true }),
  };
}
