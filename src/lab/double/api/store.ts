import { randomUUID } from 'node:crypto';
import { read, write } from '../host/files.ts';
import { stamp } from '../host/text.ts';
import { resourceOf, RESOURCES, customResources, type Resource } from '../kube/resources.ts';
import type { KubeObject } from '../kube/types.ts';

/** An etcd member: a control plane host. */
export interface Member {
  readonly name: string;
  readonly address: string;
}

export interface Snapshot {
  revision: number;
  members: Member[];
  objects: KubeObject[];
}

/** The state of a cluster: objects by kind, namespace and name, kept in one JSON file that stands for etcd. */
export interface Store {
  revision(): number;
  members(): readonly Member[];
  setMembers(members: readonly Member[]): void;
  resources(): readonly Resource[];
  get(resource: Resource, namespace: string | undefined, name: string): KubeObject | undefined;
  list(resource: Resource, namespace?: string): KubeObject[];
  /** By kind, where the caller knows it: `store.all('Pod')`. */
  all(kind: string): KubeObject[];
  put(resource: Resource, object: KubeObject): KubeObject;
  delete(resource: Resource, namespace: string | undefined, name: string): void;
  snapshot(): Snapshot;
}

const keyOf = (resource: Resource, namespace: string | undefined, name: string): string =>
  `${resource.group}/${resource.plural}/${resource.namespaced ? (namespace ?? '') : ''}/${name}`;

const byName = (a: KubeObject, b: KubeObject): number => {
  const left = `${a.metadata.namespace ?? ''}/${a.metadata.name}`;
  return left < `${b.metadata.namespace ?? ''}/${b.metadata.name}` ? -1 : 1;
};

/** Opens the store in a data directory of etcd; an empty one where there is none. */
export function openStore(dataDir: string, self: Member): Store {
  const file = storeFile(dataDir);
  const text = read(file);
  const start: Snapshot =
    text === undefined ? { revision: 1, members: [self], objects: [] } : JSON.parse(text);
  const objects = new Map<string, KubeObject>();
  let revision = start.revision;
  let members: readonly Member[] = start.members;
  const custom = (): Resource[] =>
    [...objects.values()].filter((o) => o.kind === 'CustomResourceDefinition').flatMap(customResources);
  const resources = (): readonly Resource[] => [...RESOURCES, ...custom()];
  for (const object of start.objects.toSorted((a) => (a.kind === 'CustomResourceDefinition' ? -1 : 1))) {
    const resource = resourceOf(object, resources());
    if (resource !== undefined)
      objects.set(keyOf(resource, object.metadata.namespace, object.metadata.name), object);
  }
  const snapshot = (): Snapshot => ({ revision, members: [...members], objects: [...objects.values()] });
  const save = (): void => write(file, JSON.stringify(snapshot()), 0o600);
  save();
  return {
    revision: () => revision,
    members: () => members,
    setMembers(next) {
      members = next;
      save();
    },
    resources,
    get: (resource, namespace, name) => objects.get(keyOf(resource, namespace, name)),
    list(resource, namespace) {
      const prefix = `${resource.group}/${resource.plural}/${namespace === undefined ? '' : `${namespace}/`}`;
      return [...objects]
        .filter(([key]) => key.startsWith(prefix))
        .map(([, object]) => object)
        .toSorted(byName);
    },
    all: (kind) => [...objects.values()].filter((object) => object.kind === kind).toSorted(byName),
    put(resource, object) {
      const key = keyOf(resource, object.metadata.namespace, object.metadata.name);
      revision += 1;
      const { metadata } = object;
      metadata.uid ??= randomUUID();
      metadata.creationTimestamp ??= stamp();
      metadata.resourceVersion = String(revision);
      objects.set(key, object);
      save();
      return object;
    },
    delete(resource, namespace, name) {
      revision += 1;
      objects.delete(keyOf(resource, namespace, name));
      save();
    },
    snapshot,
  };
}

export function storeFile(dataDir: string): string {
  return `${dataDir}/member/slipway-lab.json`;
}

/** Where a member that joined keeps who holds the state. */
export function leaderFile(dataDir: string): string {
  return `${dataDir}/member/slipway-lab-leader`;
}
