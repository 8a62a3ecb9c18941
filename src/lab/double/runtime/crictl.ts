import { Exit, messageOf } from '../host/exit.ts';
import { read } from '../host/files.ts';
import { parseFlags, type FlagSpec, type Parsed } from '../host/flags.ts';
import { BUILD_TAG, identity } from '../host/identity.ts';
import { KUBELET_PODS } from '../host/paths.ts';
import { humanDuration, table } from '../host/text.ts';
import { readYaml } from '../host/yaml.ts';
import { networkReady } from '../kubelet/node.ts';
import { idOf } from '../kubelet/pods.ts';
import { canonical, ensureImage, imageNames, images, saveImages, storeOf } from './images.ts';
import { dockerState, foundSockets, probeRuntime } from './sockets.ts';

interface RunningPod {
  readonly id: string;
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
  readonly created: string;
  readonly containers: readonly { readonly id: string; readonly name: string; readonly image: string }[];
}

const FLAGS: FlagSpec = {
  all: 'bool',
  config: 'text',
  'image-endpoint': 'text',
  label: 'lines',
  name: 'text',
  namespace: 'text',
  'no-trunc': 'bool',
  output: 'text',
  pod: 'text',
  prune: 'bool',
  quiet: 'bool',
  'runtime-endpoint': 'text',
  state: 'text',
  timeout: 'text',
  verbose: 'bool',
  version: 'bool',
  force: 'bool',
};
const ALIAS = {
  a: 'all',
  o: 'output',
  q: 'quiet',
  r: 'runtime-endpoint',
  i: 'image-endpoint',
  f: 'force',
  t: 'timeout',
  p: 'pod',
  v: 'version',
};

function running(): RunningPod[] {
  const text = read(KUBELET_PODS);
  return text === undefined ? [] : (JSON.parse(text) as RunningPod[]);
}

function endpointOf(flags: Parsed): string {
  const file = read(flags.text('config') ?? '/etc/crictl.yaml');
  const config = file === undefined ? undefined : (readYaml(file)[0] as Record<string, unknown> | undefined);
  const configured = config?.['runtime-endpoint'];
  return (
    flags.text('runtime-endpoint') ??
    process.env['CONTAINER_RUNTIME_ENDPOINT'] ??
    (typeof configured === 'string' ? configured : undefined) ??
    foundSockets()[0] ??
    'unix:///run/containerd/containerd.sock'
  );
}

const json = (value: unknown): void => void process.stdout.write(`${JSON.stringify(value, undefined, 2)}\n`);
const short = (id: string): string => id.replace(/^sha256:/, '').slice(0, 13);
const age = (time: string): string => `${humanDuration(Date.now() - Date.parse(time))} ago`;

function listImages(socket: string, flags: Parsed): void {
  const known = new Map(images(storeOf(socket)).map((image) => [image.name, image]));
  const rows = imageNames(socket).map(
    (name) => known.get(name) ?? { name, id: `sha256:${idOf(name)}`, size: 0 },
  );
  if (flags.text('output') === 'json') {
    const ids = [...new Set(rows.map((row) => row.id))];
    const grouped = ids.map((id) => rows.filter((row) => row.id === id));
    return json({
      images: grouped.map(([i = rows[0]!, ...others]) => ({
        id: i.id,
        repoTags: [i.name, ...others.map((other) => other.name)],
        repoDigests: [],
        size: String(i.size),
        pinned: /\/pause:/.test(i.name),
      })),
    });
  }
  if (flags.bool('quiet')) return void process.stdout.write(rows.map((i) => `${i.id}\n`).join(''));
  const cut = (name: string): [string, string] => [
    name.replace(/:[^:/]*$/, ''),
    /:([^:/]*)$/.exec(name)?.[1] ?? '<none>',
  ];
  process.stdout.write(
    table(
      [
        ['IMAGE', 'TAG', 'IMAGE ID', 'SIZE'],
        ...rows.map((i) => [...cut(i.name), short(i.id), `${(i.size / 1e6).toFixed(1)}MB`]),
      ],
      4,
    ),
  );
}

function listPods(flags: Parsed): void {
  const wanted = flags.text('namespace');
  const list = running().filter((pod) => wanted === undefined || pod.namespace === wanted);
  if (flags.text('output') === 'json') {
    return json({
      items: list.map((p) => ({
        id: p.id,
        metadata: { name: p.name, namespace: p.namespace, uid: p.uid },
        state: 'SANDBOX_READY',
      })),
    });
  }
  if (flags.bool('quiet')) return void process.stdout.write(list.map((p) => `${p.id}\n`).join(''));
  const rows = list.map((p) => [short(p.id), age(p.created), 'Ready', p.name, p.namespace, '0', '(default)']);
  process.stdout.write(
    table([['POD ID', 'CREATED', 'STATE', 'NAME', 'NAMESPACE', 'ATTEMPT', 'RUNTIME'], ...rows], 4),
  );
}

function listContainers(flags: Parsed): void {
  const list = running().flatMap((pod) => pod.containers.map((c) => ({ ...c, pod })));
  const chosen = list.filter(
    (c) => flags.text('name') === undefined || c.name.includes(flags.text('name') ?? ''),
  );
  if (flags.text('output') === 'json') {
    return json({
      containers: chosen.map((c) => ({
        id: c.id,
        podSandboxId: c.pod.id,
        metadata: { name: c.name },
        image: { image: c.image },
        state: 'CONTAINER_RUNNING',
      })),
    });
  }
  if (flags.bool('quiet')) return void process.stdout.write(chosen.map((c) => `${c.id}\n`).join(''));
  const rows = chosen.map((c) => [
    short(c.id),
    c.image,
    age(c.pod.created),
    'Running',
    c.name,
    '0',
    short(c.pod.id),
    c.pod.name,
    c.pod.namespace,
  ]);
  process.stdout.write(
    table(
      [['CONTAINER', 'IMAGE', 'CREATED', 'STATE', 'NAME', 'ATTEMPT', 'POD ID', 'POD', 'NAMESPACE'], ...rows],
      4,
    ),
  );
}

function removeImages(socket: string, names: readonly string[]): void {
  const store = storeOf(socket);
  for (const name of names) {
    const full = canonical(name);
    const found = images(store).find(
      (image) => image.name === full || image.id.startsWith(name) || short(image.id) === name,
    );
    if (found === undefined) throw new Exit(`no such image "${name}"`);
    const kept = images(store).filter((image) => image.id !== found.id);
    saveImages(kept, store);
    process.stdout.write(`Deleted: ${found.name}\n`);
  }
}

function info(socket: string): void {
  const network = networkReady();
  const conditions = [
    { type: 'RuntimeReady', status: true, reason: '', message: '' },
    {
      type: 'NetworkReady',
      status: network,
      reason: network ? '' : 'NetworkPluginNotReady',
      message: network ? '' : 'Network plugin returns error: cni plugin not initialized',
    },
  ];
  json({ status: { conditions }, simulated: true, endpoint: socket, config: { systemdCgroup: true } });
}

function runtimeVersion(socket: string): void {
  const docker = /docker/.test(socket);
  const version = docker ? (dockerState()?.version ?? '28.2.2') : 'v2.1.4';
  process.stdout.write(
    `Version:  0.1.0\nRuntimeName:  ${docker ? 'docker' : 'containerd'}\nRuntimeVersion:  ${version}${BUILD_TAG}\nRuntimeApiVersion:  v1\n`,
  );
}

async function command(flags: Parsed): Promise<void> {
  const [name, ...rest] = flags.args;
  const socket = endpointOf(flags);
  const problem = await probeRuntime(socket);
  if (problem !== undefined)
    throw new Exit(
      `validate service connection: validate CRI v1 runtime API for endpoint "${socket}": ${problem}`,
    );
  switch (name) {
    case 'info':
      return info(socket);
    case 'version':
      return runtimeVersion(socket);
    case 'images':
    case 'image':
    case 'img':
      return listImages(socket, flags);
    case 'pods':
      return listPods(flags);
    case 'ps':
      return listContainers(flags);
    case 'rmi':
      return removeImages(socket, flags.bool('prune') ? [] : rest);
    case 'pull': {
      const refused = ensureImage(socket, rest[0] ?? '');
      if (refused !== undefined) throw new Exit(`pulling image: ${refused}`);
      return void process.stdout.write(`Image is up to date for ${canonical(rest[0] ?? '')}\n`);
    }
    case 'inspecti': {
      const full = canonical(rest[0] ?? '');
      if (!imageNames(socket).includes(full)) throw new Exit(`no such image "${rest[0]}" present`);
      return json({
        status: { id: images(storeOf(socket)).find((i) => i.name === full)?.id ?? '', repoTags: [full] },
      });
    }
    case 'logs':
      return void process.stdout.write('simulated container (Slipway lab): no output\n');
    case 'stopp':
    case 'rmp':
    case 'stop':
    case 'rm':
      return;
    default:
      throw new Exit(name === undefined ? 'no command given' : `unknown command: ${name}`);
  }
}

/** crictl: what the kubelet runs and what the runtime has. */
export async function main(argv: readonly string[]): Promise<number> {
  try {
    const flags = parseFlags(argv, FLAGS, ALIAS);
    if (flags.bool('version')) {
      process.stdout.write(`crictl version v${identity().version}${BUILD_TAG}\n`);
      return 0;
    }
    await command(flags);
    return 0;
  } catch (error) {
    process.stderr.write(`FATA[0000] ${messageOf(error)} \n`);
    return 1;
  }
}
