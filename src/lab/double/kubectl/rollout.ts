import { Exit } from '../host/exit.ts';
import { sleep } from '../host/run.ts';
import { goDuration, stamp, table } from '../host/text.ts';
import { displayName, findResource, pathOf, type Resource } from '../kube/resources.ts';
import type { KubeObject } from '../kube/types.ts';
import type { Session } from './session.ts';
import { fetch, targets } from './targets.ts';

const MERGE = 'application/merge-patch+json';
const REVISION = 'deployment.kubernetes.io/revision';

interface Progress {
  readonly done: boolean;
  readonly text: string;
}

const count = (value: unknown): number => (typeof value === 'number' ? value : 0);

function progress(o: KubeObject): Progress {
  const { name } = o.metadata;
  const s = o.status ?? {};
  if (count(s.observedGeneration) < (o.metadata.generation ?? 1))
    return { done: false, text: 'Waiting for rollout to finish: observed generation is behind' };
  if (o.kind === 'DaemonSet') {
    const [wanted, ready] = [count(s['desiredNumberScheduled']), count(s['numberAvailable'])];
    if (ready < wanted || wanted === 0)
      return {
        done: wanted === 0,
        text: `Waiting for daemon set "${name}" rollout to finish: ${ready} of ${wanted} updated pods are available...`,
      };
    return { done: true, text: `daemon set "${name}" successfully rolled out` };
  }
  const wanted = o.spec?.replicas ?? 1;
  if (o.kind === 'StatefulSet') {
    const ready = count(s.readyReplicas);
    if (ready < wanted) return { done: false, text: `Waiting for ${wanted - ready} pods to be ready...` };
    return {
      done: true,
      text: `statefulset rolling update complete ${ready} pods at revision ${String(s['updateRevision'])}...`,
    };
  }
  const [updated, available, total] = [
    count(s.updatedReplicas),
    count(s.availableReplicas),
    count(s.replicas),
  ];
  const waiting = `Waiting for deployment "${name}" rollout to finish: `;
  if (updated < wanted)
    return { done: false, text: `${waiting}${updated} out of ${wanted} new replicas have been updated...` };
  if (total > updated)
    return { done: false, text: `${waiting}${total - updated} old replicas are pending termination...` };
  if (available < updated)
    return { done: false, text: `${waiting}${available} of ${updated} updated replicas are available...` };
  return { done: true, text: `deployment "${name}" successfully rolled out` };
}

async function status(session: Session, resource: Resource, name: string): Promise<number> {
  const limit = goDuration(session.flags.text('timeout') ?? '0') ?? 0;
  const end = limit === 0 ? Number.POSITIVE_INFINITY : Date.now() + limit;
  let last = '';
  for (;;) {
    const { done, text } = progress(await session.client.get(pathOf(resource, session.namespace, name)));
    if (text !== last) process.stdout.write(`${text}\n`);
    last = text;
    if (done) return 0;
    if (session.flags.text('watch') !== undefined && !session.flags.bool('watch')) return 0;
    if (Date.now() >= end) throw new Exit('timed out waiting for the condition');
    await sleep(200);
  }
}

async function revisions(session: Session, deployment: KubeObject): Promise<KubeObject[]> {
  const sets = await session.client.list(pathOf(findResource('rs') as Resource, session.namespace));
  const own = sets.items.filter((set) =>
    set.metadata.ownerReferences?.some((ref) => ref.uid === deployment.metadata.uid),
  );
  return own.toSorted(
    (a, b) => Number(a.metadata.annotations?.[REVISION]) - Number(b.metadata.annotations?.[REVISION]),
  );
}

async function history(session: Session, resource: Resource, name: string): Promise<number> {
  const deployment = await session.client.get(pathOf(resource, session.namespace, name));
  const sets = await revisions(session, deployment);
  const wanted = session.flags.text('revision');
  if (wanted === undefined) {
    const rows = sets.map((set) => [
      set.metadata.annotations?.[REVISION] ?? '',
      set.metadata.annotations?.['kubernetes.io/change-cause'] ?? '<none>',
    ]);
    process.stdout.write(
      `${displayName(resource)}/${name} \n${table([['REVISION', 'CHANGE-CAUSE'], ...rows], 2)}\n`,
    );
    return 0;
  }
  const set = sets.find((s) => s.metadata.annotations?.[REVISION] === wanted);
  if (set === undefined) throw new Exit(`unable to find the specified revision`);
  const images = (set.spec?.template?.spec?.containers ?? [])
    .map((c) => `   ${c.name}:\n    Image:\t${c.image}\n`)
    .join('');
  process.stdout.write(
    `${displayName(resource)}/${name} with revision #${wanted}\nPod Template:\n  Containers:\n${images}`,
  );
  return 0;
}

async function undo(session: Session, resource: Resource, name: string): Promise<number> {
  const path = pathOf(resource, session.namespace, name);
  const deployment = await session.client.get(path);
  const sets = await revisions(session, deployment);
  const to = session.flags.text('to-revision') ?? '0';
  const set = to === '0' ? sets.at(-2) : sets.find((s) => s.metadata.annotations?.[REVISION] === to);
  if (set === undefined)
    throw new Exit(
      to === '0'
        ? `no rollout history found for deployment "${name}"`
        : `unable to find specified revision ${to} in history`,
    );
  const template = structuredClone(set.spec?.template ?? {});
  delete template.metadata?.labels?.['pod-template-hash'];
  await session.client.call('PUT', path, { ...deployment, spec: { ...deployment.spec, template } });
  process.stdout.write(`${displayName(resource)}/${name} rolled back\n`);
  return 0;
}

async function patch(
  session: Session,
  resource: Resource,
  name: string,
  [body, done]: [object, string],
): Promise<number> {
  await session.client.call('PATCH', pathOf(resource, session.namespace, name), body, MERGE);
  process.stdout.write(`${displayName(resource)}/${name} ${done}\n`);
  return 0;
}

/** `kubectl rollout status|history|undo|restart|pause|resume`. */
export async function rollout(session: Session): Promise<number> {
  const [, verb, ...words] = session.flags.args;
  const list = await targets(session, words);
  const names: { resource: Resource; name: string }[] = [];
  for (const target of list) {
    const found =
      target.name === undefined ? (await fetch(session, target)).map((o) => o.metadata.name) : [target.name];
    names.push(...found.map((name) => ({ resource: target.resource, name })));
  }
  let code = 0;
  for (const { resource, name } of names) {
    const restarted = { 'kubectl.kubernetes.io/restartedAt': stamp() };
    const actions: Record<string, () => Promise<number>> = {
      status: () => status(session, resource, name),
      history: () => history(session, resource, name),
      undo: () => undo(session, resource, name),
      restart: () =>
        patch(session, resource, name, [
          { spec: { template: { metadata: { annotations: restarted } } } },
          'restarted',
        ]),
      pause: () => patch(session, resource, name, [{ spec: { paused: true } }, 'paused']),
      resume: () => patch(session, resource, name, [{ spec: { paused: null } }, 'resumed']),
    };
    const action = actions[verb ?? ''];
    if (action === undefined) throw new Exit(`unknown command "${verb ?? ''}" for "kubectl rollout"`);
    code = Math.max(code, await action());
  }
  return code;
}
