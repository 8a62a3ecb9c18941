import { Exit } from '../host/exit.ts';
import { ADMIN_CONF } from '../host/paths.ts';
import { ApiError, connect, type Client } from '../kube/client.ts';
import { accessFrom } from '../kube/kubeconfig.ts';
import { findResource, pathOf, type Resource } from '../kube/resources.ts';
import type { KubeObject } from '../kube/types.ts';

export function kindOf(name: string): Resource {
  const resource = findResource(name);
  if (resource === undefined) throw new Error(`no such kind: ${name}`);
  return resource;
}

/** A client by a kubeconfig of this host. Throws where the file is not there. */
export function clientFrom(path = ADMIN_CONF): Client {
  const access = accessFrom(path);
  if (access === undefined)
    throw new Exit(`failed to load admin kubeconfig: open ${path}: no such file or directory`);
  return connect(access);
}

/** Creates an object, or replaces it where it is there. */
export async function upsert(client: Client, object: KubeObject): Promise<KubeObject> {
  const resource = kindOf(object.kind);
  const { name, namespace } = object.metadata;
  try {
    return await client.call('POST', pathOf(resource, namespace), object);
  } catch (error) {
    if (!(error instanceof ApiError && error.status.code === 409)) throw error;
    return client.call('PUT', pathOf(resource, namespace, name), object);
  }
}

export function configMap(name: string, namespace: string, data: Record<string, string>): KubeObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace }, data };
}
