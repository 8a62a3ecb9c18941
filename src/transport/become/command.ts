import { SlipwayError } from '../../base/errors.ts';
import { quote } from '../shell-text.ts';
import type { Become } from '../types.ts';

/** What a session runs: a shell that takes its steps from stdin. */
export const SESSION = 'exec /bin/sh';

/** The prompt that sudo is told to print; a nonce so that no banner looks like it. */
export function promptOf(nonce: string): string {
  return `[slipway ${nonce}]`;
}

/**
 * sh text that runs `inner` (sh text) as the other user. A password never goes into it: it is written to stdin when
 * the method asks.
 */
export function becomeScript(become: Become | undefined, inner: string, nonce: string): string {
  if (!become) return inner;
  if (!/^[\w.@\\+-]+\$?$/.test(become.user) || become.user.startsWith('-')) {
    throw new SlipwayError('connect.become', `"${become.user}" cannot be the name of a user`, {
      hint: 'Set become_user to the name of a user on the host.',
    });
  }
  const user = quote(become.user);
  const flags = become.flags ? `${become.flags} ` : '';
  // Without quotes it goes through any login shell as it is (`forLoginShell`): two programs less to start.
  const shell = inner === SESSION ? '/bin/sh' : `/bin/sh -c ${quote(inner)}`;
  const asks = become.password !== undefined;
  switch (become.method) {
    case 'sudo': {
      const ask = asks ? `-S -p ${quote(promptOf(nonce))}` : '-n';
      const sudo = `exec sudo -H ${ask} ${flags}-u ${user} ${shell}`;
      return become.terminal ? onTerminal(sudo) : sudo;
    }
    case 'su':
      // The target's login shell may be nologin or csh. LC_ALL so that the prompt can be recognised.
      return `LC_ALL=C;export LC_ALL;exec su ${flags}-s /bin/sh ${user} -c ${quote(inner)}`;
    case 'doas':
      return `exec doas ${asks ? '' : '-n '}${flags}-u ${user} ${shell}`;
  }
}

/**
 * Runs sh text with a controlling terminal, for sudoers with `requiretty`, and its three streams past that terminal:
 * through it they would be one, and not binary. `script` makes the terminal; it runs what $SHELL names.
 */
function onTerminal(text: string): string {
  const inside = quote(`${text} <&3 >&4 2>&5 3<&- 4>&- 5>&-`);
  return `SHELL=/bin/sh;export SHELL;exec script -q -c ${inside} /dev/null 3<&0 4>&1 5>&2 </dev/null >/dev/null`;
}

/** Whether what a method has printed so far ends in its question for the password. */
export function asksForPassword(become: Become, printed: string, nonce: string): boolean {
  if (become.method === 'sudo') return printed.includes(promptOf(nonce));
  return /(?:password|passphrase)[^\n]*:\s*$/i.test(printed);
}
