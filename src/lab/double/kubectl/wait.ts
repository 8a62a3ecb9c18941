import { Exit } from '../host/exit.ts';
import { sleep } from '../host/run.ts';
import { goDuration } from '../host/text.ts';
import { ApiError } from '../kube/client.ts';
import { displayName, pathOf, type Resource } from '../kube/resources.ts';
import type { KubeObject } from '../kube/types.ts';
import { fileObjects } from './files.ts';
import { find, show } from './jsonpath.ts';
import type { Session } from './session.ts';
import { fetch, targets } from './targets.ts';

type Test = (object: KubeObject | undefined) => boolean;

function tester(text: string | undefined): Test {
  const [kind = '', ...rest] = (text ?? '').split('=');
  const value = rest.join('=');
  if (kind === 'delete') return (o) => o === undefined;
  if (kind === 'create') return (o) => o !== undefined;
  if (kind === 'condition') {
    const [name = '', status = 'true'] = value.split('=');
    const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();
    return (o) => (o?.status?.conditions ?? []).some((c) => same(c.type, name) && same(c.status, status));
  }
  if (kind === 'jsonpath') {
    const [, path = '', wanted] = /^'?\{([^}]*)\}'?(?:=(.*))?$/s.exec(value) ?? [];
    return (o) => {
      const found = o === undefined ? [] : find(o, path);
      return wanted === undefined
        ? found.length > 0
        : found.some((v) => show(v) === wanted.replace(/^(["'])(.*)\1$/, '$2'));
    };
  }
  throw new Exit(`unrecognized condition: "${text ?? ''}"`);
}

interface Watched {
  readonly resource: Resource;
  readonly namespace: string | undefined;
  readonly name: string;
}

async function watched(session: Session): Promise<Watched[]> {
  if (session.flags.list('filename').length > 0) {
    const files = await fileObjects(session);
    return files.map((f) => ({ resource: f.resource, namespace: f.namespace, name: f.object.metadata.name }));
  }
  const found: Watched[] = [];
  for (const target of await targets(session, session.flags.args.slice(1))) {
    const { resource, name } = target;
    if (name !== undefined)
      found.push({ resource, name, namespace: resource.namespaced ? session.namespace : undefined });
    else {
      const objects = await fetch(session, target);
      found.push(
        ...objects.map((o) => ({ resource, namespace: o.metadata.namespace, name: o.metadata.name })),
      );
    }
  }
  return found;
}

/** `kubectl wait --for=...`. One timeout for each object, as in the real one. */
export async function wait(session: Session): Promise<number> {
  const { flags } = session;
  const wanted = flags.text('for');
  const test = tester(wanted);
  const list = await watched(session);
  if (list.length === 0) {
    if (wanted === 'delete') return 0;
    throw new Exit('no matching resources found');
  }
  const timeout = goDuration(flags.text('timeout') ?? '30s') ?? 30_000;
  let code = 0;
  for (const { resource, namespace, name } of list) {
    const end = Date.now() + timeout;
    const path = pathOf(resource, namespace, name);
    let seen = false;
    for (;;) {
      const object = await session.client.find(path);
      if (object === undefined && !seen && wanted !== 'delete' && wanted !== 'create') {
        const plural = resource.group === '' ? resource.plural : `${resource.plural}.${resource.group}`;
        throw new ApiError({
          kind: 'Status',
          apiVersion: 'v1',
          metadata: {},
          status: 'Failure',
          reason: 'NotFound',
          code: 404,
          message: `${plural} "${name}" not found`,
        });
      }
      seen = true;
      if (test(object)) {
        process.stdout.write(
          `${displayName(resource)}/${name} ${wanted === 'delete' ? 'deleted' : 'condition met'}\n`,
        );
        break;
      }
      if (Date.now() >= end) {
        process.stderr.write(`error: timed out waiting for the condition on ${resource.plural}/${name}\n`);
        code = 1;
        break;
      }
      await sleep(200);
    }
  }
  return code;
}
