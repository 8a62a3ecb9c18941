import type { Resource } from '../kube/resources.ts';

/** What a path of the API names. */
export interface Route {
  readonly resource: Resource;
  readonly namespace?: string;
  readonly name?: string;
  readonly sub?: string;
}

/** `/apis/apps/v1/namespaces/default/deployments/web/scale` taken apart; undefined where it names nothing known. */
export function parseRoute(path: string, resources: readonly Resource[]): Route | undefined {
  const parts = path
    .split('/')
    .filter((part) => part !== '')
    .map(decodeURIComponent);
  const group = parts[0] === 'api' ? '' : parts[0] === 'apis' ? parts[1] : undefined;
  if (group === undefined) return undefined;
  const rest = parts.slice(group === '' ? 1 : 2);
  const version = rest.shift();
  const find = (plural: string | undefined): Resource | undefined =>
    resources.find((r) => r.group === group && r.version === version && r.plural === plural);
  const inNamespace = rest[0] === 'namespaces' && find(rest[2])?.namespaced === true;
  const namespace = inNamespace ? rest[1] : undefined;
  const [plural, name, sub] = inNamespace ? rest.slice(2) : rest;
  const resource = find(plural);
  if (resource === undefined) return undefined;
  return {
    resource,
    ...(namespace === undefined ? {} : { namespace }),
    ...(name === undefined ? {} : { name }),
    ...(sub === undefined ? {} : { sub }),
  };
}
