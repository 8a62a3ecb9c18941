import { change, type Difference, impossible, same, type Verdict } from '../../module/contract.ts';
import { Unclear } from '../../module/outlook.ts';
import { lines, type Program, raw, sh } from '../../module/program.ts';
import { type Attributes, compareAttributes, missingAttributes, setAttributes } from './attributes.ts';
import { type Checksum, hashInList } from './checksum.ts';
import { type Download, download, nameInUrl } from './download.ts';
import { becomes, foreseePath, isSet, pathSubject, stateAfter } from './expected.ts';
import { fileResult } from './file-result.ts';
import { joinPath, pathWord } from './path.ts';
import { type PathState, readPath } from './path-state.ts';
import { probePath } from './probe-path.ts';
import { putProgram } from './put-content.ts';
import type { Way } from './way.ts';
import { describe } from './write-file.ts';

export interface WantedDownload {
  readonly source: Download;
  readonly dest: string;
  readonly checksum?: Checksum | undefined;
  readonly force: boolean;
  readonly attributes: Attributes;
  readonly backup?: boolean | undefined;
  readonly validate?: string | undefined;
  readonly inPlace?: boolean | undefined;
}

interface Current {
  readonly path: PathState;
  /** By the checksum's algorithm. */
  readonly has?: string | undefined;
  /** What it must have: known from the task, from the list, or from the URL itself. */
  readonly wanted?: string | undefined;
  /** Why that could not be found out. */
  readonly problem?: string | undefined;
}

type Change = { readonly content: boolean; readonly current: Current };

export function downloadWay(w: WantedDownload): Way<Current, Change> {
  const name = nameInUrl(w.source.url);
  const intoFolder = w.dest.endsWith('/');
  const direct = intoFolder ? joinPath(w.dest, name) : w.dest;
  const pathOf = (current: Current) => (current.path.inside ? joinPath(w.dest, name) : direct);
  return {
    probe: () =>
      lines(
        probePath(direct, { inside: intoFolder ? undefined : name, backup: w.backup === true }),
        probeWanted(w),
      ),
    read: (output) => readCurrent(output.stdout, w, name),
    compare: (current) => compareDownload(pathOf(current), current, w),
    apply: (to) => {
      const path = pathOf(to.current);
      if (!to.content)
        return setAttributes(pathWord(path), missingAttributes(to.current.path.real!, w.attributes)) ?? sh`:`;
      return putProgram({ ...w, path, current: to.current.path }, fetchAndCheck(w, to.current), undefined);
    },
    result: (current) => ({ src: w.source.url, ...fileResult(pathOf(current), current.path) }),
    touches: () => [pathSubject(direct)],
    foresee: (current, outlook) => {
      const path = foreseePath(pathOf(current), current.path, outlook, {
        attributes: w.attributes,
        replaces: true,
      });
      if (path instanceof Unclear) return path;
      if (path === current.path) return current;
      const decides = w.checksum !== undefined || w.force;
      if (decides && path.own && path.sha256 === undefined)
        return new Unclear(outlook.concerning([pathSubject(pathOf(current))])?.by ?? pathOf(current));
      return { ...current, path, has: path.sha256 };
    },
    effects: (to, current, doer) => {
      const hash = w.checksum?.algorithm === 'sha256' || !w.checksum ? current.wanted : undefined;
      const made = { type: 'file', attributes: w.attributes, sha256: hash } as const;
      const state = stateAfter(current.path, made, doer);
      return [to.content ? becomes(pathOf(current), state) : isSet(pathOf(current), state)];
    },
    forecast: (_to, current) => ({ src: w.source.url, dest: pathOf(current), state: 'file' }),
  };
}

/** Hash of what is there, and what it has to be. Downloads only what the decision needs, and keeps nothing. */
function probeWanted(w: WantedDownload): Program | undefined {
  const { checksum } = w;
  if (checksum) {
    const own =
      checksum.algorithm !== 'sha256' &&
      sh`if [ -f "$f" ] && [ -r "$f" ]; then echo "sum $(${raw(`${checksum.algorithm}sum`)} < "$f")"; fi`;
    const list =
      checksum.url !== undefined &&
      sh`
        echo list
        (
        ${download({ ...w.source, url: checksum.url })}
        ) 2>&1 || echo 'list failed'
      `;
    return own || list ? lines(own, list) : undefined;
  }
  if (!w.force) return undefined;
  return sh`
    if [ -f "$f" ]; then
    { { {
    ${download(w.source)}
    } || echo 'remote failed' >&3; } | sha256sum | sed 's/^/remote /'; } 3>&1 2>&1
    fi
  `;
}

function readCurrent(stdout: string, w: WantedDownload, name: string): Current {
  const path = readPath(stdout);
  const { checksum } = w;
  const word = (key: string) => new RegExp(`^${key} ([0-9a-f]+)\\b`, 'm').exec(stdout)?.[1];
  const said = stdout
    .slice(stdout.indexOf('\nend\n') + 5)
    .split('\n')
    .filter((line) => !/^(?:list|remote|sum) ?/.test(line))
    .slice(0, 3)
    .join(' ')
    .trim();
  if (!checksum) {
    const failed = /^remote failed$/m.test(stdout);
    return {
      path,
      has: path.sha256,
      wanted: failed ? undefined : word('remote'),
      problem: failed ? `${w.source.url} could not be downloaded: ${said}` : undefined,
    };
  }
  const has = checksum.algorithm === 'sha256' ? path.sha256 : word('sum');
  if (checksum.url === undefined) return { path, has, wanted: checksum.hash };
  const list = stdout.slice(stdout.indexOf('\nlist\n') + 6);
  if (/^list failed$/m.test(list))
    return { path, has, problem: `${checksum.url} could not be downloaded: ${said}` };
  const wanted = hashInList(list, name, checksum.algorithm);
  return { path, has, wanted, problem: wanted ? undefined : `${checksum.url} has no checksum for ${name}` };
}

function compareDownload(path: string, current: Current, w: WantedDownload): Verdict<Change> {
  const { own, real } = current.path;
  const after = `${w.source.url}${current.wanted ? ` (${w.checksum?.algorithm ?? 'sha256'}:${current.wanted.slice(0, 12)})` : ''}`;
  const get = (why: string, before?: string): Verdict<Change> => {
    const content: Difference = {
      subject: path,
      kind: 'value',
      ...(before !== undefined && { before }),
      after,
    };
    const attributes = real?.type === 'file' ? compareAttributes(path, real, w.attributes) : [];
    return change(why, [content, ...attributes], { content: true, current });
  };
  if (!own) return get(`${path} is not there`);
  if (real && real.type !== 'file')
    return impossible(`${path} is a ${real.type}`, 'Add the name that the file should have.');
  if (!real) return get(`${path} is a link to nothing`);
  const decides = w.checksum !== undefined || w.force;
  if (decides && current.problem !== undefined)
    return impossible(current.problem, 'Look at the URL, and at the way from the host to it.');
  if (decides && current.has === undefined)
    return impossible(`${path} may not be read by this user`, 'Set `become: true` for the task.');
  if (decides && current.has !== current.wanted)
    return get(`${path} has other content`, `${current.has!.slice(0, 12)} (${real.size} bytes)`);
  const attributes = compareAttributes(path, real, w.attributes);
  if (attributes.length > 0) return change(describe(attributes), attributes, { content: false, current });
  return same(decides ? `${path} has this content` : `${path} is there, and force is false`);
}

function fetchAndCheck(w: WantedDownload, current: Current): Program {
  if (w.checksum && current.wanted === undefined)
    return sh`printf '%s\n' ${current.problem ?? 'the checksum is not known'} >&2; exit 1`;
  const get = download(w.source, '"$t"');
  if (!w.checksum) return get;
  return lines(
    get,
    sh`
      h=$(${raw(`${w.checksum.algorithm}sum`)} < "$t")
      if [ "\${h%% *}" != ${current.wanted} ]; then
        printf '%s has the checksum %s, not %s\n' ${w.source.url} "\${h%% *}" ${current.wanted} >&2; exit 1
      fi
    `,
  );
}
