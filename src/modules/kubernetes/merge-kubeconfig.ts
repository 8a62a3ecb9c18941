import { type Document, isMap, isSeq, parseDocument, type YAMLMap } from 'yaml';
import { SlipwayError } from '../../base/errors.ts';

export interface Names {
  readonly cluster: string;
  readonly context: string;
  readonly user: string;
  /** In place of the server in the fetched kubeconfig. */
  readonly server?: string | undefined;
  /** Make it the current context even where there is another. */
  readonly current: boolean;
}

interface Fetched {
  readonly cluster: Readonly<Record<string, unknown>>;
  readonly user: Readonly<Record<string, unknown>>;
}

function fetched(text: string): Fetched {
  const data = parseDocument(text).toJS() as {
    clusters?: { cluster?: Record<string, unknown> }[];
    users?: { user?: Record<string, unknown> }[];
  } | null;
  const cluster = data?.clusters?.[0]?.cluster;
  const user = data?.users?.[0]?.user;
  if (cluster === undefined || user === undefined)
    throw new SlipwayError('task.failed', 'the kubeconfig that was fetched names no cluster or no user', {
      hint: 'Give src: the path of an admin kubeconfig.',
    });
  return { cluster, user };
}

/** Sets the entry with `name` in a list of the kubeconfig; others stay as they are, with their comments. */
function put(document: Document, list: string, name: string, key: string, value: unknown): void {
  if (!isSeq(document.get(list, true))) document.set(list, document.createNode([]));
  const items = document.get(list, true);
  if (!isSeq(items)) return;
  items.flow = false;
  const there = items.items.find((item) => isMap(item) && item.get('name') === name) as YAMLMap | undefined;
  if (there) there.set(key, document.createNode(value));
  else items.add(document.createNode({ name, [key]: value }));
}

/**
 * The user's kubeconfig with one cluster, user and context put in or brought up to date. Everything else in it, comments
 * too, stays.
 *
 * @param existing text of the file, or undefined where there is none
 * @throws {SlipwayError} yaml.syntax when the existing file cannot be read
 */
export function mergeKubeconfig(existing: string | undefined, text: string, names: Names): string {
  const { cluster, user } = fetched(text);
  const empty = existing === undefined || existing.trim() === '';
  const document = parseDocument(empty ? 'apiVersion: v1\nkind: Config\n' : existing);
  const [problem] = document.errors;
  if (problem || !isMap(document.contents))
    throw new SlipwayError(
      'yaml.syntax',
      `the kubeconfig cannot be merged into: ${problem?.message ?? 'it is no map'}`,
      {
        hint: 'Put it right, or give another dest.',
      },
    );
  const server = names.server === undefined ? {} : { server: names.server };
  put(document, 'clusters', names.cluster, 'cluster', { ...cluster, ...server });
  put(document, 'users', names.user, 'user', user);
  put(document, 'contexts', names.context, 'context', { cluster: names.cluster, user: names.user });
  if (names.current || !document.get('current-context')) document.set('current-context', names.context);
  return document.toString({ lineWidth: 0 });
}
