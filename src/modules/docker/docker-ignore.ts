/** Whether a path of a build context is left out, as Docker reads `.dockerignore`: the last pattern that fits counts. */
export type Ignores = (path: string) => boolean;

interface Pattern {
  readonly fits: RegExp;
  readonly keep: boolean;
}

/** @param dockerfile is always sent, and so is `.dockerignore`: the Engine needs them, whatever is written */
export function readIgnores(text: string, dockerfile: string): Ignores {
  const patterns = text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .flatMap((line) => (line.startsWith('#') ? [] : patternOf(line.trim())));
  const always = new Set([dockerfile, '.dockerignore']);
  return (path) => {
    if (always.has(path)) return false;
    const parts = path.split('/');
    const prefixes = parts.map((_, at) => parts.slice(0, at + 1).join('/'));
    const last = patterns.findLast(({ fits }) => prefixes.some((prefix) => fits.test(prefix)));
    return last !== undefined && !last.keep;
  };
}

function patternOf(line: string): Pattern[] {
  const keep = line.startsWith('!');
  const pattern = (keep ? line.slice(1).trim() : line)
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .join('/');
  return pattern === '' ? [] : [{ fits: new RegExp(`^${expression(pattern)}$`, 's'), keep }];
}

/** Go's `filepath.Match`, and `**` for any number of folders. */
function expression(pattern: string): string {
  return pattern.replace(
    /\*\*\/|\*\*|\*|\?|\[\^?(?:\\.|[^\]\\])+\]|\\(.)|([.+^$(){}|\\[\]])/gs,
    (found, escaped: string | undefined, special: string | undefined) => {
      if (found === '**/') return '(?:.*/)?';
      if (found === '**') return '.*';
      if (found === '*') return '[^/]*';
      if (found === '?') return '[^/]';
      if (found.startsWith('[') && found.length > 1) return found;
      return (escaped ?? special ?? found).replace(/[.+*?^$(){}|[\]\\]/g, '\\$&');
    },
  );
}
