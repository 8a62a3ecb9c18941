import { Exit } from '../host/exit.ts';
import { pathOf, type Resource } from '../kube/resources.ts';
import type { KubeObject } from '../kube/types.ts';
import type { Session } from './session.ts';

/** What the words of a command name: kinds, and of each all objects or one. */
export interface Target {
  readonly resource: Resource;
  readonly name?: string;
}

const ALL = [
  'pods',
  'services',
  'daemonsets',
  'deployments',
  'replicasets',
  'statefulsets',
  'jobs',
  'cronjobs',
];

/** `pod/a svc/b`, `pods a b`, `pods,svc`, `all`. */
export async function targets(session: Session, words: readonly string[]): Promise<Target[]> {
  const [first, ...names] = words;
  if (first === undefined)
    throw new Exit(
      'You must specify the type of resource to get. Use "kubectl api-resources" for a complete list of supported resources.',
    );
  if (words.some((word) => word.includes('/'))) {
    const found: Target[] = [];
    for (const word of words) {
      const [kind = '', name = ''] = word.split('/');
      if (name === '')
        throw new Exit(
          "there is no need to specify a resource type as a separate argument when passing arguments in resource/name form (e.g. 'kubectl get resource/<resource_name>' instead of 'kubectl get resource resource/<resource_name>'",
        );
      found.push({ resource: await session.kind(kind), name });
    }
    return found;
  }
  const kinds = first.split(',').flatMap((word) => (word === 'all' ? ALL : [word]));
  const resources: Resource[] = [];
  for (const kind of kinds) resources.push(await session.kind(kind));
  if (names.length === 0) return resources.map((resource) => ({ resource }));
  return resources.flatMap((resource) => names.map((name) => ({ resource, name })));
}

export function namespaceFor(session: Session, resource: Resource): string | undefined {
  if (!resource.namespaced || session.flags.bool('all-namespaces')) return undefined;
  return session.namespace;
}

/** The objects of one target, with the selectors of the command line. */
export async function fetch(session: Session, target: Target): Promise<KubeObject[]> {
  const { resource, name } = target;
  const { flags, client } = session;
  if (name !== undefined) {
    if (flags.bool('all-namespaces'))
      throw new Exit('a resource cannot be retrieved by name across all namespaces');
    return [await client.get(pathOf(resource, session.namespace, name))];
  }
  const query = new URLSearchParams();
  const labels = flags.text('selector');
  const fields = flags.text('field-selector');
  if (labels !== undefined) query.set('labelSelector', labels);
  if (fields !== undefined) query.set('fieldSelector', fields);
  const list = await client.list(`${pathOf(resource, namespaceFor(session, resource))}?${query.toString()}`);
  return list.items;
}
