import { SlipwayError } from '../base/errors.ts';

/** One shell word. @throws {SlipwayError} task.invalid when it holds a NUL, which no shell can carry. */
export function quote(word: string): string {
  if (word.includes('\0')) {
    throw new SlipwayError('task.invalid', 'a script or argument for a shell holds a NUL character', {
      hint: 'Send binary content as a file, not inside a command.',
    });
  }
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** `export A=1 B='x y'` for a step, or nothing. @throws {SlipwayError} task.invalid for a name that sh cannot export. */
export function exports(environment: Readonly<Record<string, string>> | undefined): string {
  const entries = Object.entries(environment ?? {});
  for (const [name] of entries) {
    if (/^[A-Za-z_]\w*$/.test(name)) continue;
    throw new SlipwayError('task.invalid', `"${name}" cannot be the name of an environment variable`, {
      hint: 'Use letters, digits and underscores only.',
    });
  }
  if (entries.length === 0) return '';
  return `export ${entries.map(([name, value]) => `${name}=${quote(value)}`).join(' ')};`;
}

/**
 * A command line that any login shell (csh and fish too) hands to /bin/sh unchanged: these read quotes, newlines and
 * `!` in ways of their own, so all that is not plain goes as octal escapes.
 */
export function forLoginShell(script: string): string {
  if (/^[\w@%+=:,./ -]+$/.test(script)) return script;
  const encoded = [...Buffer.from(script)]
    .map((byte) => {
      const plain = /[\w@%+=:,./ ;"$(){}|&<>*?#-]/.test(String.fromCharCode(byte)) && byte < 128;
      return plain ? String.fromCharCode(byte) : `\\0${byte.toString(8).padStart(3, '0')}`;
    })
    .join('');
  return `exec /bin/sh -c 'eval "$(printf %b "$0")"' '${encoded}'`;
}
