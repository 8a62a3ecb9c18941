import { versionInfo } from '../api/discovery.ts';
import { Exit } from '../host/exit.ts';
import { read } from '../host/files.ts';
import { identity, NOTICE } from '../host/identity.ts';
import { table } from '../host/text.ts';
import { writeYaml } from '../host/yaml.ts';
import { apiVersionOf, findResource, pathOf, type Resource } from '../kube/resources.ts';
import { parseKubeconfig } from '../kube/kubeconfig.ts';
import type { KubeObject } from '../kube/types.ts';
import { ageOf, labelText, nodeStatus, podStatus } from './columns.ts';
import type { Session } from './session.ts';
import { fetch, targets } from './targets.ts';

const out = (text: string): void => void process.stdout.write(text);

export async function version(session: Session): Promise<number> {
  const { flags, client } = session;
  const own = versionInfo(identity().version);
  let server: Record<string, string> | undefined;
  let problem: unknown;
  if (!flags.bool('client')) {
    try {
      server = await client.call<Record<string, string>>('GET', '/version');
    } catch (error) {
      problem = error;
    }
  }
  const form = flags.text('output');
  const both = {
    clientVersion: own,
    kustomizeVersion: 'v5.7.1',
    ...(server === undefined ? {} : { serverVersion: server }),
  };
  if (form === 'json') out(`${JSON.stringify(both, undefined, 2)}\n`);
  else if (form === 'yaml') out(writeYaml(both));
  else {
    out(`Client Version: ${own['gitVersion']}\nKustomize Version: v5.7.1\n`);
    if (server !== undefined) out(`Server Version: ${server['gitVersion']}\n`);
  }
  process.stderr.write(`${NOTICE}\n`);
  if (problem !== undefined) throw problem;
  return 0;
}

export async function clusterInfo(session: Session): Promise<number> {
  const { server } = session.client.access;
  const dns = findResource('service') as Resource;
  const services = await session.client.list(
    `${pathOf(dns, 'kube-system')}?labelSelector=k8s-app%3Dkube-dns`,
  );
  out(`Kubernetes control plane is running at ${server}\n`);
  for (const s of services.items)
    out(
      `CoreDNS is running at ${server}/api/v1/namespaces/kube-system/services/${s.metadata.name}:dns/proxy\n`,
    );
  out("\nTo further debug and diagnose cluster problems, use 'kubectl cluster-info dump'.\n");
  return 0;
}

export async function apiResources(session: Session): Promise<number> {
  const rows = (await session.resources()).map((r) => [
    r.plural,
    r.short.join(','),
    apiVersionOf(r),
    String(r.namespaced),
    r.kind,
  ]);
  const names = session.flags.text('output') === 'name';
  if (names)
    out(
      (await session.resources()).map((r) => `${r.plural}${r.group === '' ? '' : `.${r.group}`}\n`).join(''),
    );
  else out(table([['NAME', 'SHORTNAMES', 'APIVERSION', 'NAMESPACED', 'KIND'], ...rows]));
  return 0;
}

/** `config view|current-context|get-contexts`: the file, with secrets hidden unless `--raw` asks. */
export function config(session: Session): number {
  const { flags } = session;
  const path =
    flags.text('kubeconfig') ?? process.env['KUBECONFIG'] ?? `${process.env['HOME'] ?? '/root'}/.kube/config`;
  const parsed = parseKubeconfig(read(path) ?? '') ?? {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [],
    contexts: [],
    users: [],
    'current-context': '',
  };
  const verb = flags.args[1];
  if (verb === 'current-context') {
    if (parsed['current-context'] === '') throw new Exit('current-context is not set');
    out(`${parsed['current-context']}\n`);
    return 0;
  }
  if (verb === 'get-contexts') {
    const rows = parsed.contexts.map((c) => [
      c.name === parsed['current-context'] ? '*' : '',
      c.name,
      String(c.context?.['cluster'] ?? ''),
      String(c.context?.['user'] ?? ''),
      String(c.context?.['namespace'] ?? ''),
    ]);
    out(
      flags.text('output') === 'name'
        ? rows.map((r) => `${r[1]}\n`).join('')
        : table([['CURRENT', 'NAME', 'CLUSTER', 'AUTHINFO', 'NAMESPACE'], ...rows]),
    );
    return 0;
  }
  if (verb !== 'view') throw new Exit(`unknown command "${verb ?? ''}" for "kubectl config"`);
  const hide = (holder: Record<string, unknown> | undefined, key: string, text: string): void => {
    if (holder?.[key] !== undefined) holder[key] = text;
  };
  if (flags.text('raw') === undefined) {
    for (const c of parsed.clusters) hide(c.cluster, 'certificate-authority-data', 'DATA+OMITTED');
    for (const u of parsed.users)
      for (const key of ['client-certificate-data', 'client-key-data']) hide(u.user, key, 'DATA+OMITTED');
    for (const u of parsed.users) hide(u.user, 'token', 'REDACTED');
  }
  out(flags.text('output') === 'json' ? `${JSON.stringify(parsed, undefined, 4)}\n` : writeYaml(parsed));
  return 0;
}

function line(label: string, value: string): string {
  return `${`${label}:`.padEnd(20)}${value}\n`;
}

function describeOne(o: KubeObject): string {
  let text = line('Name', o.metadata.name);
  if (o.metadata.namespace !== undefined) text += line('Namespace', o.metadata.namespace);
  text += line('Labels', labelText(o.metadata.labels));
  text += line('Created', `${o.metadata.creationTimestamp} (${ageOf(o)} ago)`);
  if (o.kind === 'Node') {
    text += line('Status', nodeStatus(o));
    text += line('Taints', (o.spec?.taints ?? []).map((t) => `${t.key}:${t.effect}`).join(', ') || '<none>');
    text += line('Unschedulable', String(o.spec?.unschedulable === true));
    text += line('PodCIDR', o.spec?.podCIDR ?? '');
  }
  if (o.kind === 'Pod') {
    text +=
      line('Node', o.spec?.nodeName ?? '<none>') +
      line('Status', podStatus(o)) +
      line('IP', o.status?.podIP ?? '');
    for (const c of o.status?.containerStatuses ?? []) text += line(`  ${c.name}`, JSON.stringify(c.state));
  }
  const containers = o.spec?.template?.spec?.containers ?? o.spec?.containers ?? [];
  for (const c of containers) text += line(`Image (${c.name})`, c.image ?? '');
  if (o.spec?.replicas !== undefined)
    text += line('Replicas', `${o.spec.replicas} desired | ${o.status?.readyReplicas ?? 0} ready`);
  const conditions = o.status?.conditions ?? [];
  if (conditions.length > 0) {
    const rows = conditions.map((c) => [`  ${c.type}`, c.status, c.reason ?? '', c.message ?? '']);
    text += `Conditions:\n${table([['  Type', 'Status', 'Reason', 'Message'], ...rows], 2)}`;
  }
  for (const [key, value] of Object.entries(o.data ?? {}))
    text += `${key}:\n----\n${o.kind === 'Secret' ? `${value.length} bytes` : value}\n`;
  return `${text}Events:              <none>\n`;
}

export async function describe(session: Session): Promise<number> {
  const texts: string[] = [];
  for (const target of await targets(session, session.flags.args.slice(1))) {
    for (const object of await fetch(session, target)) texts.push(describeOne(object));
  }
  out(texts.join('\n\n'));
  return 0;
}

/** The pod that `logs` and `exec` mean: by name, or the first of a workload. */
async function podOf(session: Session, word: string | undefined): Promise<string> {
  if (word === undefined) throw new Exit('POD or TYPE/NAME is a required argument');
  if (!word.includes('/')) return word;
  const [kind = '', name = ''] = word.split('/');
  const resource = await session.kind(kind);
  if (resource.kind === 'Pod') return name;
  const owner = await session.client.get(pathOf(resource, session.namespace, name));
  const labels = Object.entries(
    (owner.spec?.selector as { matchLabels?: Record<string, string> })?.matchLabels ?? {},
  )
    .map(([k, v]) => `${k}=${v}`)
    .join(',');
  const pods = await session.client.list(
    `${pathOf(findResource('pod') as Resource, session.namespace)}?labelSelector=${encodeURIComponent(labels)}`,
  );
  const first = pods.items[0]?.metadata.name;
  if (first === undefined) throw new Exit(`timed out waiting for the condition`);
  return first;
}

export async function logs(session: Session): Promise<number> {
  const { flags } = session;
  const query = new URLSearchParams();
  const container = flags.text('container');
  if (container !== undefined) query.set('container', container);
  const selector = flags.text('selector');
  const pod = findResource('pod') as Resource;
  const names =
    selector === undefined
      ? [await podOf(session, flags.args[1])]
      : (
          await session.client.list(
            `${pathOf(pod, session.namespace)}?labelSelector=${encodeURIComponent(selector)}`,
          )
        ).items.map((p) => p.metadata.name);
  const { raise } = await import('./raise.ts');
  for (const name of names) {
    const answer = await session.client.raw(
      'GET',
      `${pathOf(pod, session.namespace, name)}/log?${query.toString()}`,
    );
    raise(answer);
    const lines = answer.text.split('\n').slice(0, -1);
    const tail = Number(flags.text('tail') ?? -1);
    for (const l of tail >= 0 ? lines.slice(lines.length - tail) : lines) out(`${l}\n`);
  }
  return 0;
}

export async function exec(session: Session): Promise<number> {
  const { flags } = session;
  const [, word, ...more] = flags.args;
  const command = flags.rest.length > 0 ? flags.rest : more;
  if (command.length === 0) throw new Exit('you must specify at least one command for the container');
  const query = new URLSearchParams();
  const container = flags.text('container');
  if (container !== undefined) query.set('container', container);
  for (const part of command) query.append('command', part);
  const path = `${pathOf(findResource('pod') as Resource, session.namespace, await podOf(session, word))}/exec?${query.toString()}`;
  const done = await session.client.call<{ stdout: string; stderr: string; code: number }>('POST', path);
  out(done.stdout);
  process.stderr.write(done.stderr);
  if (done.code !== 0) process.stderr.write(`command terminated with exit code ${done.code}\n`);
  return done.code;
}
