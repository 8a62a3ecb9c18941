import { ApiError } from '../kube/client.ts';
import { printObjects, type Group } from './print.ts';
import type { Session } from './session.ts';
import { fetch, targets } from './targets.ts';

async function raw(session: Session, path: string): Promise<number> {
  const answer = await session.client.raw('GET', path);
  if (answer.code >= 400) {
    let status: unknown;
    try {
      status = JSON.parse(answer.text);
    } catch {
      status = undefined;
    }
    const [kind, apiVersion, metadata] = ['Status', 'v1', {}] as const;
    const plain = {
      kind,
      apiVersion,
      metadata,
      status: 'Failure' as const,
      message: answer.text,
      reason: '',
      code: answer.code,
    };
    throw new ApiError((status ?? plain) as ApiError['status']);
  }
  process.stdout.write(answer.text);
  return 0;
}

/** `kubectl get`. */
export async function get(session: Session): Promise<number> {
  const { flags } = session;
  const path = flags.text('raw');
  if (path !== undefined) return raw(session, path);
  const list = await targets(session, flags.args.slice(1));
  const groups = new Map<string, Group>();
  let code = 0;
  for (const target of list) {
    const key = `${target.resource.group}/${target.resource.plural}`;
    const group = groups.get(key) ?? { resource: target.resource, objects: [] };
    try {
      groups.set(key, { ...group, objects: [...group.objects, ...(await fetch(session, target))] });
    } catch (error) {
      const missing = error instanceof ApiError && error.status.code === 404 && target.name !== undefined;
      if (!missing) throw error;
      if (flags.bool('ignore-not-found')) continue;
      // The others are shown all the same.
      if (list.length === 1) throw error;
      process.stderr.write(`Error from server (NotFound): ${error.message}\n`);
      code = 1;
    }
  }
  const found = [...groups.values()];
  const single = list.length === 1 && list[0]?.name !== undefined;
  const empty = found.every((group) => group.objects.length === 0);
  const table = ['', 'wide'].includes(flags.text('output') ?? '');
  if (single && empty) return code;
  if (empty && list.some((t) => t.name !== undefined) && flags.bool('ignore-not-found')) return code;
  if (empty && table) {
    if (flags.bool('ignore-not-found') || code !== 0) return code;
    const namespaced = list.some((target) => target.resource.namespaced);
    const where = namespaced && !flags.bool('all-namespaces') ? ` in ${session.namespace} namespace` : '';
    process.stderr.write(`No resources found${where}${where === '' ? '' : '.'}\n`);
    return code;
  }
  printObjects(session, found, single);
  return code;
}
