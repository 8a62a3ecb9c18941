import { quote, lines, type Program, raw, type Raw, sh } from '../../module/program.ts';
import { type Effect, type Outlook, Unclear } from '../../module/outlook.ts';
import { foreseePath, NOTHING, pathSubject, stateAfter } from '../files/expected.ts';
import { joinPath, pathWord } from '../files/path.ts';

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

/** Whether a command would run after the tasks before. */
export function foreseeGuard(runs: boolean, conditions: Conditions, outlook: Outlook): boolean | Unclear {
  let now = runs;
  for (const [key, wanted] of [
    ['creates', false],
    ['removes', true],
  ] as const) {
    const path = conditions[key];
    if (path === undefined) continue;
    const full = /^[/~]/.test(path) ? path : joinPath(conditions.chdir ?? '.', path);
    if (/[*?[]/.test(full)) {
      const inside = outlook.within(full.replace(/\/[^/]*[*?[].*$/, ''));
      if (inside) return new Unclear(inside.by);
      continue;
    }
    // What is there now is known only by what the guard said.
    const there = runs === wanted;
    const found = there ? THERE : NOTHING;
    const seen = foreseePath(full, found, outlook, { link: true });
    if (seen instanceof Unclear) return seen;
    if (seen === found) continue;
    const exists = seen.own !== undefined;
    if (exists !== wanted) return false;
    now = true;
  }
  return now;
}

/** What a command says that it makes or removes. */
export function guardEffects({ creates, removes, chdir }: Conditions): Effect[] {
  const paths = [creates, removes].filter((path) => path !== undefined && !/[*?[]/.test(path));
  return paths.map((path) => ({
    subject: pathSubject(/^[/~]/.test(path!) ? path! : joinPath(chdir ?? '.', path!)),
  }));
}

const THERE = stateAfter(NOTHING, { type: 'file', attributes: {} }, { user: undefined });

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
