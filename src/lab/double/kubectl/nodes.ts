import { Exit } from '../host/exit.ts';
import { displayName, findResource, pathOf, type Resource } from '../kube/resources.ts';
import type { KubeObject, Taint } from '../kube/types.ts';
import type { Session } from './session.ts';
import { fetch, targets } from './targets.ts';

const MERGE = 'application/merge-patch+json';
const NODE = findResource('node') as Resource;

async function nodesOf(session: Session, names: readonly string[]): Promise<KubeObject[]> {
  const { flags } = session;
  if (names.length === 0 && flags.text('selector') === undefined && !flags.bool('all')) {
    throw new Exit(`USAGE: ${flags.args[0]} NODE [flags]`);
  }
  if (names.length === 0) return fetch(session, { resource: NODE });
  const found: KubeObject[] = [];
  for (const name of names)
    found.push(await session.client.get(pathOf(NODE, undefined, name.replace(/^nodes?\//, ''))));
  return found;
}

async function setSchedulable(session: Session, node: KubeObject, on: boolean): Promise<void> {
  const { name } = node.metadata;
  const word = on ? 'uncordoned' : 'cordoned';
  if ((node.spec?.unschedulable === true) === !on)
    return void process.stdout.write(`node/${name} already ${word}\n`);
  await session.client.call(
    'PATCH',
    pathOf(NODE, undefined, name),
    { spec: { unschedulable: on ? null : true } },
    MERGE,
  );
  process.stdout.write(`node/${name} ${word}\n`);
}

export async function cordon(session: Session, on: boolean): Promise<number> {
  for (const node of await nodesOf(session, session.flags.args.slice(1)))
    await setSchedulable(session, node, on);
  return 0;
}

/** Why the pods of a node cannot go, in kubectl's words. */
function obstacles(session: Session, pods: readonly KubeObject[]): string[] {
  const { flags } = session;
  const full = (pod: KubeObject): string => `${pod.metadata.namespace}/${pod.metadata.name}`;
  const owned = (pod: KubeObject, kind: string): boolean =>
    (pod.metadata.ownerReferences ?? []).some((ref) => ref.kind === kind);
  const problems: string[] = [];
  const daemons = pods.filter((pod) => owned(pod, 'DaemonSet'));
  if (daemons.length > 0 && !flags.bool('ignore-daemonsets')) {
    problems.push(
      `cannot delete DaemonSet-managed Pods (use --ignore-daemonsets to ignore): ${daemons.map(full).join(', ')}`,
    );
  }
  const local = pods.filter(
    (pod) => !owned(pod, 'DaemonSet') && (pod.spec?.volumes ?? []).some((v) => v.emptyDir !== undefined),
  );
  if (local.length > 0 && !flags.bool('delete-emptydir-data')) {
    problems.push(
      `cannot delete Pods with local storage (use --delete-emptydir-data to override): ${local.map(full).join(', ')}`,
    );
  }
  const bare = pods.filter((pod) => (pod.metadata.ownerReferences ?? []).length === 0);
  if (bare.length > 0 && !flags.bool('force')) {
    problems.push(
      `cannot delete Pods declare no controller (use --force to override): ${bare.map(full).join(', ')}`,
    );
  }
  return problems;
}

export async function drain(session: Session): Promise<number> {
  const pod = findResource('pod') as Resource;
  for (const node of await nodesOf(session, session.flags.args.slice(1))) {
    const { name } = node.metadata;
    await setSchedulable(session, node, false);
    const all = await session.client.list(
      `${pathOf(pod)}?fieldSelector=${encodeURIComponent(`spec.nodeName=${name}`)}`,
    );
    const pods = all.items.filter(
      (p) => p.metadata.annotations?.['kubernetes.io/config.mirror'] === undefined,
    );
    const problems = obstacles(session, pods);
    if (problems.length > 0) {
      process.stderr.write(
        `error: unable to drain node "${name}" due to error: [${problems.join(', ')}], continuing command...\nThere are pending nodes to be drained:\n ${name}\n`,
      );
      for (const problem of problems) process.stderr.write(`${problem}\n`);
      return 1;
    }
    const daemons = pods.filter((p) => p.metadata.ownerReferences?.some((ref) => ref.kind === 'DaemonSet'));
    if (daemons.length > 0) {
      process.stderr.write(
        `Warning: ignoring DaemonSet-managed Pods: ${daemons.map((p) => `${p.metadata.namespace}/${p.metadata.name}`).join(', ')}\n`,
      );
    }
    for (const gone of pods.filter((p) => !daemons.includes(p))) {
      process.stdout.write(`evicting pod ${gone.metadata.namespace}/${gone.metadata.name}\n`);
      const path = `${pathOf(pod, gone.metadata.namespace, gone.metadata.name)}/eviction`;
      const answer = await session.client.raw('POST', path, {
        apiVersion: 'policy/v1',
        kind: 'Eviction',
        metadata: { name: gone.metadata.name },
      });
      if (answer.code < 400) process.stdout.write(`pod/${gone.metadata.name} evicted\n`);
    }
    process.stdout.write(`node/${name} drained\n`);
  }
  return 0;
}

function parseTaint(word: string): { taint: Taint; remove: boolean } {
  const [, key = '', value, effect, minus] = /^([^=:]+?)(?:=([^:]*))?(?::([A-Za-z]+))?(-)?$/.exec(word) ?? [];
  const known = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];
  if (key === '' || (minus === undefined && effect === undefined))
    throw new Exit(`invalid taint spec: ${word}`);
  if (effect !== undefined && !known.includes(effect))
    throw new Exit(`invalid taint effect: ${effect}, unsupported taint effect`);
  return {
    taint: { key, effect: effect ?? '', ...(value === undefined ? {} : { value }) },
    remove: minus === '-',
  };
}

/** `kubectl taint nodes NAME key=value:Effect key:Effect-`. */
export async function taint(session: Session): Promise<number> {
  const words = session.flags.args.slice(2);
  const specs = words.filter((word) => /[:=]|-$/.test(word));
  const nodes = await nodesOf(
    session,
    words.filter((word) => !specs.includes(word)),
  );
  for (const node of nodes) {
    let taints = node.spec?.taints ?? [];
    let last = 'modified';
    for (const spec of specs) {
      const { taint: one, remove } = parseTaint(spec);
      const hit = (t: Taint): boolean => t.key === one.key && (one.effect === '' || t.effect === one.effect);
      const found = taints.some(hit);
      if (remove && !found)
        throw new Exit(`taint "${one.key}${one.effect === '' ? '' : `:${one.effect}`}" not found`);
      if (!remove && found && !session.flags.bool('overwrite')) {
        throw new Exit(
          `node ${node.metadata.name} already has ${one.key} taint(s) with same effect(s) and --overwrite is false`,
        );
      }
      taints = remove ? taints.filter((t) => !hit(t)) : [...taints.filter((t) => !hit(t)), one];
      last = remove ? 'untainted' : found ? 'modified' : 'tainted';
    }
    await session.client.call(
      'PATCH',
      pathOf(NODE, undefined, node.metadata.name),
      { spec: { taints: taints.length === 0 ? null : taints } },
      MERGE,
    );
    process.stdout.write(`node/${node.metadata.name} ${last}\n`);
  }
  return 0;
}

/** `kubectl label|annotate KIND NAME key=value key-`. */
export async function mark(session: Session, field: 'labels' | 'annotations'): Promise<number> {
  const words = session.flags.args.slice(1);
  const isPair = (word: string, i: number): boolean =>
    i > 0 && (/^[^=]+=/.test(word) || /^[^=]+-$/.test(word));
  const pairs = words.filter((word, i) => isPair(word, i));
  const list = await targets(
    session,
    words.filter((word, i) => !isPair(word, i)),
  );
  for (const target of list) {
    if (
      target.name === undefined &&
      !session.flags.bool('all') &&
      session.flags.text('selector') === undefined
    ) {
      throw new Exit('one or more resources must be specified as <resource> <name> or <resource>/<name>');
    }
    for (const object of await fetch(session, target)) {
      const { name, namespace } = object.metadata;
      const changes: Record<string, string | null> = {};
      for (const pair of pairs) {
        const at = pair.indexOf('=');
        const key = at < 0 ? pair.slice(0, -1) : pair.slice(0, at);
        const old = object.metadata[field]?.[key];
        const value = at < 0 ? null : pair.slice(at + 1);
        if (value !== null && old !== undefined && old !== value && !session.flags.bool('overwrite')) {
          throw new Exit(`'${key}' already has a value (${old}), and --overwrite is false`);
        }
        if ((old ?? null) !== value) changes[key] = value;
      }
      const word =
        field === 'annotations'
          ? 'annotated'
          : pairs.every((p) => !p.includes('='))
            ? 'unlabeled'
            : 'labeled';
      const nothing = Object.keys(changes).length === 0;
      if (!nothing)
        await session.client.call(
          'PATCH',
          pathOf(target.resource, namespace, name),
          { metadata: { [field]: changes } },
          MERGE,
        );
      process.stdout.write(
        `${displayName(target.resource)}/${name} ${nothing && field === 'labels' ? 'not labeled' : word}\n`,
      );
    }
  }
  return 0;
}
