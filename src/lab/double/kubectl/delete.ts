import { Exit } from '../host/exit.ts';
import { ApiError } from '../kube/client.ts';
import { pathOf, type Resource } from '../kube/resources.ts';
import { displayName } from '../kube/resources.ts';
import { dryRun } from './apply.ts';
import { fileObjects } from './files.ts';
import type { Session } from './session.ts';
import { fetch, targets } from './targets.ts';

interface Doomed {
  readonly resource: Resource;
  readonly namespace: string | undefined;
  readonly name: string;
}

async function chosen(session: Session): Promise<Doomed[]> {
  const { flags } = session;
  if (flags.list('filename').length > 0) {
    const files = await fileObjects(session);
    return files
      .map((f) => ({ resource: f.resource, namespace: f.namespace, name: f.object.metadata.name }))
      .toReversed();
  }
  const list = await targets(session, flags.args.slice(1));
  const found: Doomed[] = [];
  for (const target of list) {
    const { resource, name } = target;
    if (name !== undefined) {
      found.push({ resource, namespace: resource.namespaced ? session.namespace : undefined, name });
      continue;
    }
    if (
      !flags.bool('all') &&
      flags.text('selector') === undefined &&
      flags.text('field-selector') === undefined
    ) {
      throw new Exit('resource(s) were provided, but no name was specified');
    }
    const objects = await fetch(session, target);
    found.push(...objects.map((o) => ({ resource, namespace: o.metadata.namespace, name: o.metadata.name })));
  }
  return found;
}

/** `kubectl delete`. */
export async function remove(session: Session): Promise<number> {
  const { flags, client } = session;
  let code = 0;
  const list = await chosen(session);
  if (list.length === 0) process.stdout.write('No resources found\n');
  const mode = dryRun(session);
  for (const { resource, namespace, name } of list) {
    try {
      const path = pathOf(resource, namespace, name);
      if (mode === 'client') await client.get(path);
      else await client.call('DELETE', `${path}${mode === 'server' ? '?dryRun=All' : ''}`);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.status.code === 404 && (flags.bool('ignore-not-found') || flags.bool('all'))) continue;
      process.stderr.write(`Error from server (${error.status.reason}): ${error.message}\n`);
      code = 1;
      continue;
    }
    if (flags.text('output') === 'name') {
      process.stdout.write(`${displayName(resource)}/${name}\n`);
      continue;
    }
    const how = mode === 'none' ? '' : mode === 'server' ? ' (server dry run)' : ' (dry run)';
    const where = resource.namespaced && namespace !== undefined ? ` from ${namespace} namespace` : '';
    const force = flags.bool('force') ? ' force' : '';
    process.stdout.write(`${displayName(resource)} "${name}"${force} deleted${where}${how}\n`);
  }
  return code;
}
