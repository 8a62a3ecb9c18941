import { quote, lines, type Program, raw, type Raw, sh } from '../../module/program.ts';
import { pathWord } from '../files/path.ts';

export interface Conditions {
  readonly chdir?: string | undefined;
  readonly creates?: string | undefined;
  readonly removes?: string | undefined;
}

/**
 * The guard of a command: skip when something matches `creates`, or nothing matches `removes`. Both are shell patterns,
 * looked at from `chdir`. Where that folder is not there (yet), the command runs and says so itself.
 */
export function creationGuard({ chdir, creates, removes }: Conditions): Program | undefined {
  if (creates === undefined && removes === undefined) return undefined;
  return lines(
    chdir !== undefined && sh`cd ${pathWord(chdir)} 2>/dev/null || exit 0`,
    creates !== undefined &&
      sh`for p in ${patternWord(creates)}; do if [ -e "$p" ] || [ -L "$p" ]; then echo "$p exists"; exit 1; fi; done`,
    removes !== undefined &&
      sh`
        for p in ${patternWord(removes)}; do if [ -e "$p" ] || [ -L "$p" ]; then exit 0; fi; done
        printf '%s\n' ${`${removes} does not exist`}
        exit 1
      `,
    removes === undefined && sh`exit 0`,
  );
}

/** A path in which `*`, `?` and `[...]` keep their meaning and all else is quoted. */
export function patternWord(path: string): Raw {
  if (!/[*?[]/.test(path)) return pathWord(path);
  const home = /^~[A-Za-z0-9_.-]*\//.exec(path)?.[0] ?? '';
  const rest = path.slice(home.length);
  const word = rest
    .split(/(\*|\?|\[[!^]?\]?[^\]]*\])/)
    .map((part, at) => (at % 2 === 1 ? pattern(part) : part === '' ? '' : quote(part)))
    .join('');
  return raw(home + word);
}

function pattern(part: string): string {
  if (!part.startsWith('[')) return part;
  const set = part.slice(1, -1).replace(/^\^/, '!');
  return `[${set.replace(/[^\w!\-:.]/g, (c) => (c === '\n' ? '' : `\\${c}`))}]`;
}
