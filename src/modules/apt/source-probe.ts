import { lines, type Program, sh } from '../../module/program.ts';
import type { Output } from '../../transport/types.ts';
import { type PathState, readPaths } from '../files/path-state.ts';
import { probePath } from '../files/probe-path.ts';
import { type PublicKey, readKeys } from './openpgp.ts';
import { DEAD, type Source, type SourceParams } from './source.ts';

export interface Ready {
  readonly p: SourceParams;
  readonly source: Source;
  /** The wanted key, binary; undefined where there is none or where the host fetches it. */
  readonly key: Uint8Array | undefined;
}

export interface SourceState {
  readonly apt: boolean;
  readonly path: string;
  readonly keyringPath: string;
  readonly file: PathState;
  readonly keyring: PathState;
  /** What the keyring holds. */
  readonly keys: readonly PublicKey[];
  /** The host's clock. */
  readonly now: number;
  /** Files that name a repository which is gone. */
  readonly dead: readonly string[];
}

export function pathsOf(source: Source): { path: string; keyringPath: string } {
  return {
    path: `/etc/apt/sources.list.d/${source.filename}.sources`,
    keyringPath: `/etc/apt/keyrings/${source.filename}.gpg`,
  };
}

export function probeSource({ source }: Ready): Program {
  const { path, keyringPath } = pathsOf(source);
  return lines(
    sh`
      if ! command -v apt-get >/dev/null; then echo 'apt no'; fi
      printf 'now '; date +%s
      d=$(grep -lsE ${`^[^#]*(${DEAD})`} /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources)
      set -f; IFS='
    '
      for l in $d; do printf 'dead %s\n' "$l"; done
      set +f; unset IFS
    `,
    probePath(path, { content: 'always' }),
    probePath(keyringPath, { content: 'always', limit: 1024 * 1024 }),
  );
}

export function readSource(output: Output, { source }: Ready): SourceState {
  const values = (key: string) =>
    [...output.stdout.matchAll(new RegExp(`^${key} (.*)$`, 'gm'))].map((found) => found[1]!);
  const [file, keyring] = readPaths(output.stdout);
  return {
    ...pathsOf(source),
    apt: values('apt').length === 0,
    file: file!,
    keyring: keyring!,
    keys: keyring?.bytes ? readKeys(keyring.bytes) : [],
    now: Number(values('now')[0]),
    dead: values('dead').filter((path) => path !== pathsOf(source).path),
  };
}
