import { findResource, type Resource } from '../../kube/resources.ts';
import type { KubeObject, Metadata, OwnerReference } from '../../kube/types.ts';
import { remove } from '../handlers.ts';
import type { Store } from '../store.ts';

/** What the controllers know of the cluster besides its objects. */
export interface Cluster {
  readonly store: Store;
  readonly serviceRange: string;
  /** The range that nodes get theirs from; undefined where kubeadm was given no podSubnet. */
  readonly podSubnet: string | undefined;
  readonly caCert: string;
  readonly caKey: string;
}

export function kind(name: string): Resource {
  const resource = findResource(name);
  if (resource === undefined) throw new Error(`no such kind: ${name}`);
  return resource;
}

export function put(store: Store, object: KubeObject): KubeObject {
  return store.put(kind(object.kind), object);
}

export function drop(store: Store, object: KubeObject): void {
  remove(store, kind(object.kind), object);
}

export function ownerOf(object: KubeObject): OwnerReference {
  const { apiVersion, kind, metadata } = object;
  return { apiVersion, kind, name: metadata.name, uid: metadata.uid ?? '', controller: true };
}

export function owns(owner: KubeObject, object: KubeObject): boolean {
  return (object.metadata.ownerReferences ?? []).some((ref) => ref.uid === owner.metadata.uid);
}

/** The metadata of a pod or replica set that `owner` makes. */
export function childMetadata(owner: KubeObject, name: string, labels: Record<string, string>): Metadata {
  const from = owner.spec?.template?.metadata;
  return {
    name,
    namespace: owner.metadata.namespace ?? 'default',
    labels: { ...from?.labels, ...labels },
    ...(from?.annotations === undefined ? {} : { annotations: { ...from.annotations } }),
    ownerReferences: [ownerOf(owner)],
  };
}

export function isReady(pod: KubeObject): boolean {
  return (pod.status?.conditions ?? []).some((c) => c.type === 'Ready' && c.status === 'True');
}

/** Sets the status where it differs, so that a settled cluster writes nothing. */
export function setStatus(store: Store, object: KubeObject, status: object): void {
  const next = { ...object.status, ...status };
  if (JSON.stringify(next) === JSON.stringify(object.status)) return;
  put(store, { ...object, metadata: { ...object.metadata }, status: next });
}
