import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { Exit } from '../host/exit.ts';
import { at } from '../host/paths.ts';
import { apiVersionOf, displayName, pathOf, type Resource } from '../kube/resources.ts';
import type { KubeObject } from '../kube/types.ts';
import { createFiles, createOne } from './apply.ts';
import type { Session } from './session.ts';
import { fetch, targets } from './targets.ts';
import { readYaml } from '../host/yaml.ts';

const STRATEGIC = 'application/strategic-merge-patch+json';

function literals(session: Session): Record<string, string> {
  const { flags } = session;
  const pairs = flags
    .list('from-literal')
    .map((text) => [text.slice(0, text.indexOf('=')), text.slice(text.indexOf('=') + 1)]);
  const files = flags.list('from-file').map((text) => {
    const [a = '', b] = text.split('=');
    return [b === undefined ? basename(a) : a, readFileSync(at(b ?? a), 'utf8')];
  });
  return Object.fromEntries([...pairs, ...files]);
}

function workload(session: Session, name: string, restartPolicy: string): KubeObject['spec'] {
  const { flags } = session;
  const image = flags.text('image');
  if (image === undefined) throw new Exit('required flag(s) "image" not set');
  const port = flags.text('port');
  const label = basename(image).replace(/[:@].*$/, '');
  const container = {
    name: label === '' ? name : label,
    image,
    ...(flags.rest.length === 0 ? {} : { command: flags.rest }),
    ...(port === undefined ? {} : { ports: [{ containerPort: Number(port) }] }),
  };
  const labels = { app: name };
  const template = {
    metadata: { labels },
    spec: { containers: [container], ...(restartPolicy === '' ? {} : { restartPolicy }) },
  };
  if (restartPolicy !== '') return { template };
  return { replicas: Number(flags.text('replicas') ?? 1), selector: { matchLabels: labels }, template };
}

/** `kubectl create -f FILE` or `kubectl create KIND NAME`. */
export async function create(session: Session): Promise<number> {
  const { flags } = session;
  if (flags.list('filename').length > 0) return createFiles(session);
  const words = flags.args.slice(1);
  const kind = words[0] ?? '';
  const name = (kind === 'secret' ? words[2] : words[1]) ?? '';
  if (name === '') throw new Exit(`exactly one NAME is required, got ${words.length - 1}`);
  const resource = await session.kind(kind);
  const namespace = resource.namespaced ? session.namespace : undefined;
  const metadata = { name, ...(namespace === undefined ? {} : { namespace }) };
  const base: KubeObject = { apiVersion: apiVersionOf(resource), kind: resource.kind, metadata };
  if (resource.kind === 'ConfigMap') base.data = literals(session);
  if (resource.kind === 'Secret') base.stringData = literals(session);
  if (resource.kind === 'Deployment')
    Object.assign(base, {
      metadata: { ...metadata, labels: { app: name } },
      spec: workload(session, name, ''),
    });
  if (resource.kind === 'Job') Object.assign(base, { spec: workload(session, name, 'Never') });
  return createOne(session, { object: base, resource, namespace });
}

/** `kubectl run NAME --image=IMAGE`: a bare pod. */
export async function runPod(session: Session): Promise<number> {
  const { flags } = session;
  const name = flags.args[1];
  const image = flags.text('image');
  if (name === undefined) throw new Exit('NAME is required for run');
  if (image === undefined) throw new Exit('required flag(s) "image" not set');
  const resource = await session.kind('pod');
  const words = [...flags.args.slice(2), ...flags.rest];
  const container = {
    name,
    image,
    ...(words.length === 0 ? {} : flags.bool('command') ? { command: words } : { args: words }),
  };
  const object: KubeObject = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: session.namespace, labels: { run: name } },
    spec: { containers: [container], restartPolicy: flags.text('restart') ?? 'Always' },
  };
  return createOne(session, { object, resource, namespace: session.namespace });
}

export async function scale(session: Session): Promise<number> {
  const replicas = session.flags.text('replicas');
  if (replicas === undefined) throw new Exit('required flag(s) "replicas" not set');
  for (const { resource, name } of await targets(session, session.flags.args.slice(1))) {
    if (name === undefined) throw new Exit('resource(s) were provided, but no name was specified');
    const path = `${pathOf(resource, session.namespace, name)}/scale`;
    await session.client.call('PUT', path, {
      apiVersion: 'autoscaling/v1',
      kind: 'Scale',
      metadata: { name },
      spec: { replicas: Number(replicas) },
    });
    process.stdout.write(`${displayName(resource)}/${name} scaled\n`);
  }
  return 0;
}

/** `kubectl set image deployment/web nginx=nginx:1.27`. */
export async function setImage(session: Session): Promise<number> {
  const words = session.flags.args.slice(2);
  const pairs = words.filter((word) => word.includes('=')).map((word) => word.split('=') as [string, string]);
  for (const target of await targets(
    session,
    words.filter((word) => !word.includes('=')),
  )) {
    for (const object of await fetch(session, target)) {
      const known = object.spec?.template?.spec?.containers ?? [];
      const containers = pairs.flatMap(([name, image]) => {
        const hit = known.filter((c) => name === '*' || c.name === name);
        if (hit.length === 0) throw new Exit(`unable to find container named "${name}"`);
        return hit.map((c) => ({ name: c.name, image }));
      });
      const changed = containers.some((c) => known.find((k) => k.name === c.name)?.image !== c.image);
      if (!changed) continue;
      const path = pathOf(target.resource, object.metadata.namespace, object.metadata.name);
      await session.client.call('PATCH', path, { spec: { template: { spec: { containers } } } }, STRATEGIC);
      process.stdout.write(`${displayName(target.resource)}/${object.metadata.name} image updated\n`);
    }
  }
  return 0;
}

export async function patch(session: Session): Promise<number> {
  const text = session.flags.text('patch') ?? '';
  const types: Record<string, string> = {
    json: 'application/json-patch+json',
    merge: 'application/merge-patch+json',
    strategic: STRATEGIC,
  };
  const type = types[session.flags.text('type') ?? 'strategic'];
  if (type === undefined)
    throw new Exit(`--type must be one of [json merge strategic], not "${session.flags.text('type')}"`);
  const [body] = readYaml(text);
  for (const { resource, name } of await targets(session, session.flags.args.slice(1))) {
    const path = pathOf(resource, session.namespace, name);
    const before = await session.client.get(path);
    const after = await session.client.call<KubeObject>('PATCH', path, body, type);
    const same = before.metadata.resourceVersion === after.metadata.resourceVersion;
    process.stdout.write(`${displayName(resource)}/${name} patched${same ? ' (no change)' : ''}\n`);
  }
  return 0;
}

/** `kubectl expose deployment NAME --port=80`. */
export async function expose(session: Session): Promise<number> {
  const { flags } = session;
  const [target] = await targets(session, flags.args.slice(1));
  if (target?.name === undefined) throw new Exit('resource name may not be empty');
  const object = await session.client.get(pathOf(target.resource, session.namespace, target.name));
  const selector =
    (object.spec?.selector as { matchLabels?: Record<string, string> } | undefined)?.matchLabels ??
    object.metadata.labels ??
    {};
  const fromPod = object.spec?.template?.spec?.containers?.[0]?.ports?.[0]?.containerPort;
  const port = Number(flags.text('port') ?? fromPod ?? Number.NaN);
  if (Number.isNaN(port)) throw new Exit("couldn't find port via --port flag or introspection");
  const resource: Resource = await session.kind('service');
  const service: KubeObject = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name: target.name,
      namespace: session.namespace,
      ...(object.metadata.labels === undefined ? {} : { labels: object.metadata.labels }),
    },
    spec: {
      ports: [{ port, protocol: 'TCP', targetPort: port }],
      selector,
      ...(flags.text('type') === undefined ? {} : { type: flags.text('type') ?? '' }),
    },
  };
  await session.client.call('POST', pathOf(resource, session.namespace), service);
  process.stdout.write(`service/${target.name} exposed\n`);
  return 0;
}
