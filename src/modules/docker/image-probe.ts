import { lines, type Program, sh } from '../../module/program.ts';
import type { Output } from '../../transport/types.ts';
import { canonicalName, familiarName } from './image-names.ts';

export type Runtime = 'docker' | 'containerd';

/** What a host has under one name. */
export interface HostImage {
  /** Docker: the layers' diff_ids. */
  readonly layers?: readonly string[];
  /** Digests of configurations; several where the name stands for several platforms. */
  readonly configs: readonly string[];
}

export interface HostImages {
  /** Undefined where neither is there yet. */
  readonly runtime: Runtime | undefined;
  /** What the runtime said when it could not be asked. */
  readonly problem: string | undefined;
  /** By name, as containerd writes it. */
  readonly images: ReadonlyMap<string, HostImage>;
}

function docker(names: readonly string[]): Program {
  return sh`
    if ! said=$(docker version --format ok 2>&1 >/dev/null); then echo "problem $said" | tr '\n' ' '
    else docker image inspect --format 'docker {{json .RepoTags}} {{.Id}} {{json .RootFS.Layers}}' ${names.map(familiarName)} 2>/dev/null
    fi
  `;
}

/** The configuration's digest stands in the manifest; crictl knows it too, where ctr cannot show content. */
function containerd(names: readonly string[], namespace: string): Program {
  return sh`
    if ! list=$(ctr -n ${namespace} images ls 2>&1); then echo "problem $list" | tr '\n' ' '
    else
      blind=
      for name in ${[...names]}; do
        digest=$(printf '%s\n' "$list" | awk -v n="$name" '$1 == n { print $3 }')
        [ -n "$digest" ] || continue
        if m=$(ctr -n ${namespace} content get "$digest" 2>/dev/null); then
          case $m in
            *'"manifests"'*) for d in $(printf %s "$m" | grep -o 'sha256:[0-9a-f]\{64\}'); do
              c=$(ctr -n ${namespace} content get "$d" 2>/dev/null) && echo "manifest $name $c" | tr -d '\n' && echo
            done ;;
            *) echo "manifest $name $m" | tr -d '\n'; echo ;;
          esac
        else blind=1
        fi
      done
      [ -z "$blind" ] || { printf 'cri '; timeout 20 crictl --runtime-endpoint unix:///run/containerd/containerd.sock images -o json 2>/dev/null | tr -d '\n'; echo; }
    fi
  `;
}

/** Read-only sh that finds out what the host has of `names`. */
export function probeImages(names: readonly string[], runtime: Runtime | 'auto', namespace: string): Program {
  const use = (which: Runtime, program: Program) => lines(sh`echo ${`runtime ${which}`}`, program);
  const both = {
    docker: use('docker', docker(names)),
    containerd: use('containerd', containerd(names, namespace)),
  };
  if (runtime !== 'auto') {
    const tool = runtime === 'docker' ? 'docker' : 'ctr';
    return lines(sh`if command -v ${tool} >/dev/null; then`, both[runtime], sh`fi; :`);
  }
  return lines(
    sh`if command -v docker >/dev/null; then`,
    both.docker,
    sh`elif command -v ctr >/dev/null; then`,
    both.containerd,
    sh`fi; :`,
  );
}

function dockerLine(line: string, images: Map<string, HostImage>): void {
  const [, tags = '[]', id = '', layers = '[]'] =
    /^docker (\[.*?\]|null) (\S+) (\[.*\]|null)$/.exec(line) ?? [];
  for (const tag of (JSON.parse(tags) as string[] | null) ?? [])
    images.set(canonicalName(tag), {
      configs: [id],
      layers: (JSON.parse(layers) as string[] | null) ?? [],
    });
}

function manifestLine(line: string, images: Map<string, HostImage>): void {
  const [, name = '', text = ''] = /^manifest (\S+) (.*)$/.exec(line) ?? [];
  const config = /"config"\s*:\s*\{[^}]*"digest"\s*:\s*"(sha256:[0-9a-f]{64})"/.exec(text)?.[1];
  if (config === undefined) return;
  images.set(name, { configs: [...(images.get(name)?.configs ?? []), config] });
}

function criLine(line: string, images: Map<string, HostImage>): void {
  if (!line.startsWith('cri {')) return;
  const { images: list = [] } = JSON.parse(line.slice(4)) as {
    images?: { id: string; repoTags?: string[] }[];
  };
  for (const { id, repoTags = [] } of list)
    for (const tag of repoTags)
      if (!images.has(canonicalName(tag))) images.set(canonicalName(tag), { configs: [id] });
}

export function readImages(output: Output): HostImages {
  const images = new Map<string, HostImage>();
  let runtime: Runtime | undefined;
  let problem: string | undefined;
  for (const line of output.stdout.split('\n')) {
    if (line.startsWith('runtime ')) runtime = line.slice(8) as Runtime;
    else if (line.startsWith('problem ')) problem = line.slice(8).trim();
    else if (line.startsWith('docker ')) dockerLine(line, images);
    else if (line.startsWith('manifest ')) manifestLine(line, images);
    else if (line.startsWith('cri ')) criLine(line, images);
  }
  return { runtime, problem, images };
}
