import path from 'node:path';
import { type Static, Type } from 'typebox';
import { SlipwayError } from '../../base/errors.ts';
import {
  change,
  defineState,
  type Difference,
  impossible,
  same,
  type Verdict,
} from '../../module/contract.ts';
import type { Host, Local } from '../../module/host.ts';
import { type Program, sh } from '../../module/program.ts';
import { type HostImages, probeImages, readImages, type Runtime } from './image-probe.ts';
import { type ImageTar, readImageTar, type TarImage } from './image-tar.ts';
import { Unclear } from '../../module/outlook.ts';

const params = Type.Object({
  src: Type.Union([Type.String(), Type.Array(Type.String())], {
    description:
      'Tars on the controller (`.tar`, `.tar.gz`): a path, a pattern such as `images/*.tar`, or a list.',
  }),
  runtime: Type.Optional(
    Type.Union([Type.Literal('auto'), Type.Literal('docker'), Type.Literal('containerd')], {
      default: 'auto',
      description: 'Where they go; `auto` is Docker where its command is, else containerd.',
    }),
  ),
  namespace: Type.Optional(
    Type.String({ default: 'k8s.io', description: "containerd's namespace; the kubelet looks in `k8s.io`." }),
  ),
});

type Params = Static<typeof params>;

interface Ready {
  readonly tars: readonly ImageTar[];
  readonly runtime: Runtime | 'auto';
  readonly namespace: string;
}

interface Plan {
  readonly runtime: Runtime;
  readonly tars: readonly ImageTar[];
}

export const containerImage = defineState({
  name: 'container_image',
  summary: "Images from tars, in a host's Docker or containerd.",
  description: `
Reads the tars on the controller without unpacking them and loads only those of which the host lacks an image. Every
tag counts. An image is the same when its configuration is the same, or with Docker its layers, which agree in the
classic and in the containerd store. A tag that stands for another image is put right. Both what \`docker save\` and
what \`ctr images export\` write is understood.
`,
  params,
  returns: Type.Object({
    images: Type.Array(Type.String(), { description: 'All tags in the tars.' }),
    runtime: Type.Optional(Type.String()),
  }),
  examples: [
    {
      title: 'all images of a folder, for a cluster without a registry',
      yaml: `
        - container_image: {src: 'images/*.tar', runtime: containerd}
          become: true
      `,
      skip: 'needs image tars; test/modules/docker covers it',
    },
  ],
  detached: true,

  prepare: async (p, local): Promise<Ready> => ({
    tars: await tarsOf(p, local),
    runtime: p.runtime ?? 'auto',
    namespace: p.namespace ?? 'k8s.io',
  }),

  probe: ({ tars, runtime, namespace }) => probeImages(tagsOf(tars), runtime, namespace),
  read: (output) => readImages(output),

  compare: (current, ready): Verdict<Plan> => {
    const { runtime, problem } = current;
    if (problem !== undefined && /permission denied/i.test(problem))
      return impossible(`${runtime} refuses this user: ${problem}`, 'Set become: true.');
    const missing = ready.tars.filter((tar) => differences(tar, current).length > 0);
    if (missing.length === 0) return same(`all ${tagsOf(ready.tars).length} tags are there`);
    const what = runtime === undefined ? 'no container runtime is there yet' : problem;
    const bytes = missing.reduce((sum, tar) => sum + tar.size, 0);
    const diff = missing.flatMap((tar) => differences(tar, current));
    return change(
      `${what === undefined ? '' : `${what}; `}${missing.length} of ${ready.tars.length} tars to load (${megabytes(bytes)})`,
      diff,
      { runtime: runtime ?? (ready.runtime === 'docker' ? 'docker' : 'containerd'), tars: missing },
    );
  },

  touches: ({ tars }) => tagsOf(tars).map((tag) => `image:${tag}` as const),
  foresee: (current, { tars }, outlook) => {
    const images = new Map(current.images);
    for (const tar of tars)
      for (const { tags, config, layers } of tar.images)
        for (const tag of tags) {
          const then = outlook.of(`image:${tag}`);
          if (then && then.state !== config) return new Unclear(then.by);
          if (then) images.set(tag, { configs: [config], layers: [...layers] });
        }
    return { ...current, images };
  },
  effects: ({ tars }) =>
    tars.flatMap((tar) =>
      tar.images.flatMap(({ tags, config }) =>
        tags.map((tag) => ({ subject: `image:${tag}` as const, state: config })),
      ),
    ),
  apply: (plan, ready) => (host) => load(host, plan, ready.namespace),
  result: (current, { tars }) => ({
    images: tagsOf(tars),
    ...(current.runtime === undefined ? {} : { runtime: current.runtime }),
  }),
  forecast: (plan, _, { tars }) => ({ images: tagsOf(tars), runtime: plan.runtime }),
});

const tagsOf = (tars: readonly ImageTar[]) => [
  ...new Set(tars.flatMap((tar) => tar.images.flatMap((image) => image.tags))),
];

const megabytes = (bytes: number) => `${(bytes / 1_000_000).toFixed(1)} MB`;

async function tarsOf(p: Params, local: Local): Promise<ImageTar[]> {
  const files: string[] = [];
  for (const source of typeof p.src === 'string' ? [p.src] : p.src)
    files.push(...(await expand(source, local)));
  const tars: ImageTar[] = [];
  for (const file of new Set(files)) {
    const tar = await readImageTar(local, file);
    const nameless = tar.images.find((image) => image.tags.length === 0);
    if (nameless !== undefined)
      throw new SlipwayError('task.invalid', `${file} holds an image without a name: ${nameless.config}`, {
        hint: 'Save it by its name (docker save NAME:TAG), or nobody can refer to it.',
      });
    tars.push(tar);
  }
  return tars;
}

/** `*` and `?` in the last part of a path. */
async function expand(source: string, local: Local): Promise<string[]> {
  const name = path.basename(source);
  if (!/[*?]/.test(name)) return [await local.find(source, 'files')];
  const folder = await local.find(path.dirname(source), 'files');
  const escaped = name
    .replace(/[.+^$(){}|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  const pattern = new RegExp(`^${escaped}$`);
  const found = (await local.list(folder)).filter((file) => !file.includes('/') && pattern.test(file));
  if (found.length > 0) return found.map((file) => path.join(folder, file));
  throw new SlipwayError('file.missing', `no file fits ${source}`, { hint: `Looked in ${folder}.` });
}

function isThere(image: TarImage, tag: string, { images }: HostImages): boolean {
  const found = images.get(tag);
  if (found === undefined) return false;
  if (found.configs.includes(image.config)) return true;
  return found.layers !== undefined && found.layers.length > 0 && found.layers.join() === image.layers.join();
}

function differences(tar: ImageTar, current: HostImages): Difference[] {
  const short = (digest: string | undefined) => digest?.slice(0, 19);
  return tar.images.flatMap((image) =>
    image.tags
      .filter((tag) => !isThere(image, tag, current))
      .map((tag) => ({
        subject: tag,
        before: short(current.images.get(tag)?.configs[0]),
        after: `${short(image.config)} from ${path.basename(tar.path)} (${megabytes(tar.size)})`,
      })),
  );
}

const LOADERS: Readonly<Record<Runtime, (namespace: string) => Program>> = {
  docker: () => sh`docker load`,
  containerd: (namespace) => sh`ctr -n ${namespace} images import -`,
};

async function load(host: Host, plan: Plan, namespace: string): Promise<void> {
  const loader = LOADERS[plan.runtime](namespace);
  for (const [at, tar] of plan.tars.entries()) {
    host.progress(`loading ${path.basename(tar.path)} (${at + 1} of ${plan.tars.length})`);
    const packed = tar.path.endsWith('z');
    const output = await host.send(
      { path: tar.path, size: tar.size },
      packed ? sh`gzip -dc | ${loader}` : loader,
      { anyExit: true },
    );
    // Docker answers a broken tar with a message and, through some clients, with success.
    const said = `${output.stderr}\n${output.stdout}`;
    const complaint = /^(?:ctr: |error|invalid tar|open |write ).*|^.*unexpected EOF.*/im.exec(said)?.[0];
    if (output.code === 0 && complaint === undefined) continue;
    throw new SlipwayError(
      'task.failed',
      `${plan.runtime} did not take ${path.basename(tar.path)}: ${complaint?.trim() ?? `exit code ${output.code}`}`,
      { hint: 'Check the tar, and the free space of the host.', data: { ...output } },
    );
  }
}
