import { randomBytes } from 'node:crypto';
import { jsonPatch, mergePatch, same, strategic, type JsonPatchStep } from '../kube/merge.ts';
import { apiVersionOf, type Resource } from '../kube/resources.ts';
import { matchesFields, matchesText } from '../kube/selectors.ts';
import type { KubeList, KubeObject, OwnerReference } from '../kube/types.ts';
import { alreadyExists, conflict, noSuchPath, notFound, Refusal } from './answers.ts';
import { admit } from './defaults.ts';
import type { Route } from './route.ts';
import type { Store } from './store.ts';

export interface Call {
  readonly method: string;
  readonly route: Route;
  readonly query: URLSearchParams;
  readonly body: unknown;
  readonly type: string;
}

export interface Context {
  readonly store: Store;
  readonly serviceRange: string;
}

function listed({ store }: Context, { route, query }: Call): KubeList {
  const labels = query.get('labelSelector') ?? '';
  const fields = query.get('fieldSelector') ?? '';
  const items = store
    .list(route.resource, route.namespace)
    .filter((o) => matchesText(o.metadata.labels, labels) && matchesFields(o, fields));
  return {
    apiVersion: apiVersionOf(route.resource),
    kind: `${route.resource.kind}List`,
    metadata: { resourceVersion: String(store.revision()) },
    items,
  };
}

function found({ store }: Context, { resource, namespace, name = '' }: Route): KubeObject {
  const object = store.get(resource, namespace, name);
  if (object === undefined) throw notFound(resource, name);
  return object;
}

const NAMESPACES = {
  group: '',
  version: 'v1',
  kind: 'Namespace',
  plural: 'namespaces',
  namespaced: false,
  short: [],
};

function create(context: Context, call: Call): KubeObject {
  const { store } = context;
  const { resource, namespace } = call.route;
  const object = structuredClone(call.body) as KubeObject;
  const { metadata } = object;
  if (resource.namespaced) {
    metadata.namespace = namespace ?? metadata.namespace ?? 'default';
    if (store.get(NAMESPACES, undefined, metadata.namespace) === undefined)
      throw notFound(NAMESPACES, metadata.namespace);
  }
  if (metadata.generateName !== undefined)
    metadata.name ??= metadata.generateName + randomBytes(3).toString('hex').slice(0, 5);
  if (typeof metadata.name !== 'string' || metadata.name === '') {
    throw new Refusal(
      422,
      'Invalid',
      `${resource.kind} "" is invalid: metadata.name: Required value: name or generateName is required`,
    );
  }
  if (store.get(resource, metadata.namespace, metadata.name) !== undefined)
    throw alreadyExists(resource, metadata.name);
  object.apiVersion ??= apiVersionOf(resource);
  object.kind ??= resource.kind;
  delete metadata.resourceVersion;
  delete metadata.uid;
  delete metadata.creationTimestamp;
  if (object.spec !== undefined) metadata.generation = 1;
  admit(resource, object, store, context.serviceRange);
  return call.query.get('dryRun') === 'All' ? object : store.put(resource, object);
}

function save(context: Context, call: Call, old: KubeObject, next: KubeObject): KubeObject {
  const { resource, name = '', sub } = call.route;
  const expected = next.metadata.resourceVersion;
  if (call.method === 'PUT' && expected !== undefined && expected !== old.metadata.resourceVersion)
    throw conflict(resource, name);
  const merged: KubeObject =
    sub === 'status'
      ? { ...old, metadata: { ...old.metadata }, ...(next.status ? { status: next.status } : {}) }
      : next;
  if (sub !== 'status') {
    const keep = {
      uid: old.metadata.uid,
      creationTimestamp: old.metadata.creationTimestamp,
      generation: old.metadata.generation,
    };
    merged.metadata = {
      ...merged.metadata,
      ...(keep as object),
      resourceVersion: old.metadata.resourceVersion ?? '',
    };
    if (old.status !== undefined)
      merged.status = call.method === 'PATCH' ? (merged.status ?? old.status) : old.status;
    admit(resource, merged, context.store, context.serviceRange);
    if (!same(old.spec ?? null, merged.spec ?? null))
      merged.metadata.generation = (old.metadata.generation ?? 1) + 1;
  }
  if (same(old, merged)) return old;
  return call.query.get('dryRun') === 'All' ? merged : context.store.put(resource, merged);
}

function patched(call: Call, old: KubeObject): KubeObject {
  if (call.type.startsWith('application/json-patch+json'))
    return jsonPatch(old, call.body as JsonPatchStep[]) as KubeObject;
  const lay = call.type.startsWith('application/merge-patch+json') ? mergePatch : strategic;
  return structuredClone(lay(old, call.body)) as KubeObject;
}

/** Deletes an object and everything that it owns. */
export function remove(store: Store, resource: Resource, object: KubeObject): void {
  store.delete(resource, object.metadata.namespace, object.metadata.name);
  const owned = (o: KubeObject): boolean =>
    (o.metadata.ownerReferences ?? []).some((ref: OwnerReference) => ref.uid === object.metadata.uid);
  for (const other of store.resources()) {
    for (const child of store.list(other)) {
      const inside =
        resource.kind === 'Namespace' &&
        other.namespaced &&
        child.metadata.namespace === object.metadata.name;
      if (inside || owned(child)) remove(store, other, child);
    }
  }
}

function scale(context: Context, call: Call): KubeObject {
  const old = found(context, call.route);
  const asScale = (o: KubeObject): KubeObject => ({
    apiVersion: 'autoscaling/v1',
    kind: 'Scale',
    metadata: o.metadata,
    spec: { replicas: o.spec?.replicas ?? 0 },
    status: { replicas: o.status?.replicas ?? 0 },
  });
  if (call.method === 'GET') return asScale(old);
  const replicas = (call.body as KubeObject).spec?.replicas ?? old.spec?.replicas ?? 0;
  const next = structuredClone(old);
  next.spec = { ...next.spec, replicas };
  const { sub: _, ...route } = call.route;
  return asScale(save(context, { ...call, route, method: 'PATCH' }, old, next));
}

/** One request on one kind of object. Throws Refusal. */
export function handle(context: Context, call: Call): unknown {
  const { method, route } = call;
  if (route.sub === 'scale') return scale(context, call);
  if (method === 'GET' || method === 'HEAD')
    return route.name === undefined ? listed(context, call) : found(context, route);
  if (method === 'POST' && route.name === undefined) return create(context, call);
  if (route.name === undefined) throw noSuchPath();
  if (method === 'POST' && route.sub === 'eviction') {
    remove(context.store, route.resource, found(context, route));
    return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 };
  }
  if (method === 'DELETE') {
    const object = found(context, route);
    if (call.query.get('dryRun') !== 'All') remove(context.store, route.resource, object);
    const details = {
      name: route.name,
      group: route.resource.group,
      kind: route.resource.plural,
      uid: object.metadata.uid,
    };
    return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details };
  }
  if (
    method === 'PATCH' &&
    call.type.startsWith('application/apply-patch') &&
    context.store.get(route.resource, route.namespace, route.name) === undefined
  ) {
    const { name: _, ...rest } = route;
    return create(context, { ...call, method: 'POST', route: rest });
  }
  const old = found(context, route);
  if (method === 'PATCH') return save(context, call, old, patched(call, old));
  if (method === 'PUT') return save(context, call, old, structuredClone(call.body) as KubeObject);
  throw new Refusal(
    405,
    'MethodNotAllowed',
    'the server does not allow this method on the requested resource',
  );
}
