import { createHash } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { pack } from 'tar-stream';

/** Files of a layer by their path, `bin/sh`. A text beginning with `->` is a link to what follows. */
export type LayerFiles = Readonly<Record<string, string | Buffer>>;

export interface ImageSpec {
  readonly tags: readonly string[];
  /** From the lowest to the highest; one is given as files or as the bytes of its tar. */
  readonly layers: readonly (LayerFiles | Buffer)[];
  readonly command?: readonly string[];
  /** More of the image's `config`: `{Env: ['A=b'], ExposedPorts: {'80/tcp': {}}}`. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** It does not say when it was made. */
  readonly ageless?: boolean;
  /** `amd64`; this machine's where nothing is said. */
  readonly architecture?: string;
}

export interface MadeImage {
  readonly tags: readonly string[];
  /** `sha256:...` of the configuration: the image's id in Docker. */
  readonly id: string;
  /** `sha256:...` of each layer's tar. */
  readonly diffIds: readonly string[];
  /** Bytes of each layer's tar. */
  readonly sizes: readonly number[];
}

const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };
const digest = (bytes: Buffer | string) => createHash('sha256').update(bytes).digest('hex');

/** Writes images into one tar as `docker save` does, the same bytes each time. Layers that images share are in it once. */
export async function writeImageTar(file: string, ...specs: readonly ImageSpec[]): Promise<MadeImage[]> {
  const entries = new Map<string, Buffer>();
  const made: MadeImage[] = [];
  const manifest: unknown[] = [];
  for (const spec of specs) {
    const layers = await Promise.all(
      spec.layers.map((layer) => (Buffer.isBuffer(layer) ? layer : layerTar(layer))),
    );
    const diffIds = layers.map((bytes) => `sha256:${digest(bytes)}`);
    const config = Buffer.from(JSON.stringify(configOf(spec, diffIds)));
    const names = layers.map((bytes) => `${digest(bytes)}/layer.tar`);
    for (const [at, bytes] of layers.entries()) entries.set(names[at]!, bytes);
    entries.set(`${digest(config)}.json`, config);
    manifest.push({ Config: `${digest(config)}.json`, RepoTags: spec.tags, Layers: names });
    const sizes = layers.map(({ length }) => length);
    made.push({ tags: spec.tags, id: `sha256:${digest(config)}`, diffIds, sizes });
  }
  entries.set('manifest.json', Buffer.from(JSON.stringify(manifest)));
  writeFileSync(file, await tarOf(entries));
  return made;
}

function configOf(spec: ImageSpec, diffIds: readonly string[]): unknown {
  const created = '2026-01-01T00:00:00Z';
  return {
    architecture: spec.architecture ?? ARCHITECTURES[process.arch] ?? process.arch,
    os: 'linux',
    ...(!spec.ageless && { created }),
    config: { Cmd: spec.command ?? null, Env: ['PATH=/bin'], ...spec.config },
    rootfs: { type: 'layers', diff_ids: diffIds },
    history: diffIds.map((_, at) => ({ created, created_by: `layer ${at + 1}` })),
  };
}

/** The tar of a layer. */
export const layerTar = (files: LayerFiles): Promise<Buffer> => tarOf(new Map(Object.entries(files)));

async function tarOf(files: ReadonlyMap<string, string | Buffer>): Promise<Buffer> {
  const stream = pack();
  const mtime = new Date(1_767_225_600_000);
  const folders = new Set<string>();
  for (const [name, content] of files) {
    for (const [at, letter] of [...name].entries()) {
      const folder = name.slice(0, at);
      if (letter !== '/' || folders.has(folder)) continue;
      folders.add(folder);
      stream.entry({ name: folder, type: 'directory', mode: 0o755, mtime });
    }
    if (typeof content === 'string' && content.startsWith('->'))
      stream.entry({ name, type: 'symlink', linkname: content.slice(2), mtime });
    else stream.entry({ name, mode: 0o755, mtime }, content);
  }
  stream.finalize();
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

const APPLETS =
  'sh cat echo sleep ls true false env id nc wget httpd touch test grep date kill head hostname';

/** What runs in a container: this machine's busybox, with the libraries that it wants where it is not static. */
export function busyboxLayer(): LayerFiles {
  const program = execFileSync('sh', ['-c', 'command -v busybox'], { encoding: 'utf8' }).trim();
  const libraries = execFileSync('sh', ['-c', 'ldd "$1" 2>/dev/null || :', 'sh', program], {
    encoding: 'utf8',
  });
  const files: Record<string, string | Buffer> = { 'bin/busybox': readFileSync(program), 'tmp/.keep': '' };
  for (const [, library] of libraries.matchAll(/(\/\S+) \(0x/g))
    files[library!.slice(1)] = readFileSync(library!);
  for (const applet of APPLETS.split(' ')) files[`bin/${applet}`] = '->busybox';
  files['etc/passwd'] = 'root:x:0:0:root:/:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n';
  return files;
}
