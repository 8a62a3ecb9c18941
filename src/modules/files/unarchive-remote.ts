import { SlipwayError } from '../../base/errors.ts';
import { change, type Difference, impossible, same, type Verdict } from '../../module/contract.ts';
import { type Outlook, Unclear } from '../../module/outlook.ts';
import { lines, type Program, sh } from '../../module/program.ts';
import { patternWord } from '../control/guard.ts';
import { compareAttributes } from './attributes.ts';
import { download, type Download } from './download.ts';
import { foreseePath, isFolderThen, NOTHING, pathSubject, stateAfter } from './expected.ts';
import type { FileResult } from './file-result.ts';
import { joinPath, pathWord } from './path.ts';
import { STAT } from './probe-path.ts';
import { statOf } from './path-state.ts';
import {
  compareTar,
  compareZip,
  enterDest,
  namesIn,
  packing,
  setAll,
  type Unpacking,
  unpack,
} from './unpack.ts';
import type { Way } from './way.ts';

const isZip = (path: string) => /\.(?:zip|jar|war|whl|apk)$/i.test(path.replace(/[?#].*$/s, ''));

interface Current {
  readonly dest: string;
  readonly archive: boolean;
  readonly differing: readonly string[];
  readonly problem?: string | undefined;
  readonly attributes: readonly Difference[];
}

type Change = { readonly kind: 'unpack' | 'attributes' };

/** An archive that is on the host. */
export function remoteWay(src: string, u: Unpacking): Way<Current, Change> {
  const zip = isZip(src);
  const wantsAttributes = Object.values(u.attributes).some((value) => value !== undefined);
  const result = (): FileResult => ({ src, dest: u.dest, state: 'directory' });
  return {
    probe: () => sh`
      a=${pathWord(src)}
      d=${pathWord(u.dest)}
      if [ -d "$d" ]; then echo dest directory; elif [ -e "$d" ]; then echo dest other; else echo dest absent; fi
      if [ -f "$a" ]; then
      echo archive
      if [ -d "$d" ]; then
      ${packing(zip ? 'zip' : undefined)}
      ${zip ? compareZip(u) : compareTar(u)}
      ${wantsAttributes ? probeAttributes(zip, u) : undefined}
      fi
      fi
      echo end
    `,
    read: (output) => readRemote(output.stdout, u),
    compare: (current) => compareRemote(current, src, u),
    apply: (to) => {
      const set = setAll(sh`${namesIn(zip, u)} | grep -v '/$'`, u.attributes);
      return lines(
        enterDest(u),
        sh`
          a=${pathWord(src)}
          if [ ! -f "$a" ]; then echo "$a is not there" >&2; exit 1; fi
        `,
        packing(zip ? 'zip' : undefined),
        to.kind === 'unpack' && unpack(zip, u),
        set,
      );
    },
    result,
    forecast: result,
    touches: () => [pathSubject(u.dest)],
    reads: () => [pathSubject(src)],
    foresee: (current, outlook) => foreseeRemote(current, src, u, outlook),
  };
}

/** What is unpacked into a new directory is missing there, whatever it is. */
function foreseeRemote(current: Current, src: string, u: Unpacking, outlook: Outlook): Current | Unclear {
  const there = stateAfter(NOTHING, { type: 'file', attributes: {} }, { user: undefined });
  const archive = foreseePath(src, current.archive ? there : NOTHING, outlook);
  const dest = outlook.of(pathSubject(u.dest));
  const inside = outlook.within(u.dest);
  if (archive instanceof Unclear) return archive;
  if (isFolderThen(u.dest, outlook) && current.dest === 'absent' && !inside)
    return { ...current, archive: archive.own !== undefined, dest: 'directory', differing: [src] };
  const touched = inside ?? dest ?? outlook.of(pathSubject(src));
  return touched ? new Unclear(touched.by) : current;
}

function probeAttributes(zip: boolean, u: Unpacking): Program {
  return sh`
    ${namesIn(zip, u)} | grep -v '/$' | tr '\n' '\0' | (cd "$d" && xargs -0 stat -c ${`stat ${STAT} %n`}) 2>/dev/null
  `;
}

function readRemote(stdout: string, u: Unpacking): Current {
  const said = stdout.split('\n');
  if (!said.includes('end'))
    throw new SlipwayError('task.failed', 'the comparison on the host did not arrive whole');
  const after = (key: string) =>
    said.filter((line) => line.startsWith(`${key} `)).map((line) => line.slice(key.length + 1));
  const attributes = said.flatMap((line) => {
    const parts = /^stat (.*?:[^:]*?) ([^ ].*)$/.exec(line);
    const stat = statOf(parts?.[1]);
    if (!stat || stat.type === 'link') return [];
    return compareAttributes(joinPath(u.dest, parts![2]!), stat, u.attributes);
  });
  return {
    dest: after('dest')[0] ?? 'absent',
    archive: said.includes('archive'),
    differing: [...new Set(after('differs'))],
    problem: after('problem')[0],
    attributes,
  };
}

function compareRemote(current: Current, src: string, u: Unpacking): Verdict<Change> {
  if (current.dest === 'other') return impossible(`${u.dest} is not a directory`, 'Remove it first.');
  if (!current.archive)
    return impossible(`${src} is not there`, 'A task before must bring it, or leave out `remote_src`.');
  if (current.dest === 'absent')
    return impossible(`${u.dest} is not there`, `Make it first: file: {path: ${u.dest}, state: directory}`);
  if (current.problem !== undefined)
    return impossible(
      `${src}: ${current.problem}`,
      'Look at the archive, and whether its packer is installed.',
    );
  if (current.differing.length > 0) {
    const diff = current.differing.map(
      (name): Difference => ({ subject: joinPath(u.dest, name), after: 'as in the archive', kind: 'value' }),
    );
    return change(`${diff.length} members differ in ${u.dest}`, diff, { kind: 'unpack' });
  }
  if (current.attributes.length === 0) return same(`${u.dest} has all of ${src}`);
  return change(`${current.attributes.length} attributes in ${u.dest} differ`, current.attributes, {
    kind: 'attributes',
  });
}

/** With `creates`, whatever is there is enough; `make` does the unpacking when it is not. */
export function createsWay(
  creates: string,
  names: { readonly src: string; readonly dest: string },
  make: () => ReturnType<Way['apply']>,
): Way<boolean, true> {
  const result = (): FileResult => ({ ...names, state: 'directory' });
  return {
    touches: () => [pathSubject(names.dest)],
    reads: () => [pathSubject(creates)],
    foresee: (there, outlook) => {
      const found = there
        ? stateAfter(NOTHING, { type: 'file', attributes: {} }, { user: undefined })
        : NOTHING;
      const seen = foreseePath(creates, found, outlook, { link: true });
      return seen instanceof Unclear ? seen : seen.own !== undefined;
    },
    probe: () =>
      sh`for p in ${patternWord(creates)}; do if [ -e "$p" ] || [ -L "$p" ]; then echo there; fi; done; echo end`,
    read: (output) => output.stdout.startsWith('there'),
    compare: (there) =>
      there
        ? same(`${creates} is there`)
        : change(
            `${creates} is not there`,
            [{ subject: names.dest, after: `content of ${names.src}`, kind: 'value' }],
            true,
          ),
    apply: make,
    result,
    forecast: result,
  };
}

/** Downloads on the host and unpacks; nothing of the download stays. */
export function unpackUrl(source: Download, u: Unpacking): Program {
  const zip = isZip(source.url);
  return lines(
    enterDest(u),
    sh`
      a=$(mktemp "\${TMPDIR:-/tmp}/slipway.XXXXXX")
      trap 'rm -f "$a"' 0; trap 'exit 1' 1 2 15
      {
      ${download(source)}
      } > "$a"
    `,
    packing(zip ? 'zip' : undefined),
    unpack(zip, u),
    setAll(sh`${namesIn(zip, u)} | grep -v '/$'`, u.attributes),
  );
}
