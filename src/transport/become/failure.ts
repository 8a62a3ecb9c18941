import { SlipwayError } from '../../base/errors.ts';
import type { Become } from '../types.ts';

/** Why a user could not be become, from what the method printed. */
export function becomeError(
  host: string,
  become: Become,
  said: string,
  why?: 'wrong' | 'silent' | 'ended',
): SlipwayError {
  const known = CAUSES.find(({ pattern }) => pattern.test(said));
  const cause = why === 'wrong' ? WRONG : (known ?? (why === 'silent' ? SILENT : OTHER));
  const last = said.trim().split('\n').at(-1) ?? '';
  const quoteOf = cause === WRONG || last === '' ? '' : `: ${last}`;
  return new SlipwayError(
    'connect.become',
    `${host}: cannot become ${become.user} with ${become.method}: ${cause.message}${quoteOf}`,
    {
      hint: cause.hint,
      data: { host, user: become.user, method: become.method, terminal: cause === TERMINAL, said },
    },
  );
}

const WRONG = {
  message: 'the password was not accepted',
  hint: 'Check the become password (-K, or ansible_become_password).',
};
const SILENT = {
  message: 'it neither started a shell nor asked for the password in a way that is known',
  hint: 'Try the command by hand on the host: it may wait for a second factor.',
};
const OTHER = {
  message: 'it did not start a shell',
  hint: 'Try the command by hand on the host.',
};

/** Tried again with one (see `terminal` in Become), so this is seen only where that cannot be made either. */
const TERMINAL = {
  pattern: /must have a tty|must be run from a terminal|tty is required/i,
  message: 'it insists on a terminal',
  hint: 'Allow the login user to do it without a password or terminal (for sudo: no `requiretty`).',
};

const CAUSES = [
  {
    pattern:
      /a password is required|Authentication required|no password was provided|a terminal is required/i,
    message: 'it asks for a password and none was given',
    hint: 'Give one with -K (or ansible_become_password), or allow it without one (NOPASSWD in sudoers).',
  },
  TERMINAL,
  {
    pattern: /Authentication failure|incorrect password|Authentication failed|Permission denied/i,
    ...WRONG,
  },
  {
    pattern: /not in the sudoers|is not allowed to|may not run|Operation not permitted/i,
    message: 'the login user is not allowed to',
    hint: 'Add the login user to the sudoers (or doas.conf) of the host, or log in as another user (-u).',
  },
  {
    pattern: /unknown user|does not exist|user .* not found|no passwd entry/i,
    message: 'there is no such user',
    hint: 'Create the user first, or correct become_user.',
  },
  {
    pattern: /not found|No such file/i,
    message: 'the command is not installed',
    hint: 'Install it on the host, choose another become_method, or log in as root.',
  },
];
