import { SlipwayError } from '../../base/errors.ts';

const OCTAL = /^(?:0o)?([0-7]{1,5})$/;
const CLAUSE = /^([ugoa]*)((?:[-+=](?:[rwxXst]*|[ugo]))+)$/;
/** Sessions run with this umask (it decides about symbolic modes without a who, and about new files). */
const UMASK = 0o022;

/** Four octal digits: 0644. */
export function octal(mode: number): string {
  return mode.toString(8).padStart(4, '0');
}

/**
 * The permission bits that `mode` ("0644", "u=rwX,go=rX") asks for, given those that are there now.
 * @throws {SlipwayError} schema.invalid-value
 */
export function resolveMode(mode: unknown, current: number, directory: boolean): number {
  if (typeof mode === 'number') throw unquoted(mode);
  const text = String(mode).trim();
  const digits = OCTAL.exec(text)?.[1];
  if (digits !== undefined) return Number.parseInt(digits, 8) & 0o7777;
  let bits = current;
  for (const clause of text.split(',')) {
    const parts = CLAUSE.exec(clause.trim());
    if (!parts) throw invalid(text);
    for (const [, operator, permissions] of parts[2]!.matchAll(/([-+=])([^-+=]*)/g))
      bits = apply(bits, parts[1]!, operator!, permissions!, directory);
  }
  return bits;
}

/** Checks a mode without a host. @throws {SlipwayError} schema.invalid-value */
export function checkMode(mode: unknown): void {
  if (mode !== undefined && mode !== 'preserve') resolveMode(mode, 0, false);
}

function apply(bits: number, who: string, operator: string, permissions: string, directory: boolean): number {
  const classes = who === '' || who.includes('a') ? 'ugo' : who;
  let wanted = 0;
  let mask = 0;
  for (const [at, name] of [...'ugo'].entries()) {
    if (!classes.includes(name)) continue;
    const shift = 6 - at * 3;
    mask |= 0o7 << shift;
    wanted |= rwx(bits, permissions, directory) << shift;
  }
  const special = (classes.includes('u') ? 0o4000 : 0) | (classes.includes('g') ? 0o2000 : 0);
  if (permissions.includes('s')) wanted |= special;
  if (permissions.includes('t') && (who === '' || who.includes('a') || classes.includes('o')))
    wanted |= 0o1000;
  if (who === '') wanted &= ~UMASK;
  if (operator === '+') return bits | wanted;
  if (operator === '-') return bits & ~wanted;
  // chmod's "=" clears set-id and sticky bits of the classes named, but those of a directory stay unless named.
  const cleared = mask | (directory ? 0 : special | (classes.includes('o') ? 0o1000 : 0));
  return (bits & ~cleared) | wanted;
}

/** The three bits that a list of permissions means; `X` and `u`, `g`, `o` look at the bits that are there. */
function rwx(bits: number, permissions: string, directory: boolean): number {
  if (/^[ugo]$/.test(permissions))
    return (bits >> { u: 6, g: 3, o: 0 }[permissions as 'u' | 'g' | 'o']) & 0o7;
  let wanted = 0;
  if (permissions.includes('r')) wanted |= 0o4;
  if (permissions.includes('w')) wanted |= 0o2;
  if (permissions.includes('x') || (permissions.includes('X') && (directory || (bits & 0o111) !== 0)))
    wanted |= 0o1;
  return wanted;
}

function unquoted(mode: number): SlipwayError {
  const digits = String(mode);
  const example = /^[0-7]{3,4}$/.test(digits) ? digits.padStart(4, '0') : '0644';
  return new SlipwayError(
    'schema.invalid-value',
    `mode is the number ${mode}, which YAML does not read as octal`,
    {
      hint: `Quote it, with a leading zero: mode: '${example}'.`,
    },
  );
}

function invalid(mode: string): SlipwayError {
  return new SlipwayError('schema.invalid-value', `${mode} is no file mode`, {
    hint: "Write octal digits in quotes ('0644') or chmod's symbolic form (u=rwX,go=rX).",
  });
}
