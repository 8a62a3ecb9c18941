import { arch } from 'node:os';
import { BUILD_TAG, minorOf } from '../host/identity.ts';
import type { Resource } from '../kube/resources.ts';

const VERBS = ['create', 'delete', 'get', 'list', 'patch', 'update'];

export function versionInfo(version: string): Record<string, string> {
  return {
    major: '1',
    minor: String(minorOf(version)),
    gitVersion: `v${version}${BUILD_TAG}`,
    gitCommit: '0000000000000000000000000000000000000000',
    gitTreeState: 'clean',
    buildDate: '1970-01-01T00:00:00Z',
    goVersion: 'go1.24',
    compiler: 'gc',
    platform: `linux/${arch() === 'x64' ? 'amd64' : arch()}`,
  };
}

function groupEntry(name: string, resources: readonly Resource[]): object {
  const versions = [...new Set(resources.filter((r) => r.group === name).map((r) => r.version))];
  const entries = versions.map((version) => ({ groupVersion: `${name}/${version}`, version }));
  return { name, versions: entries, preferredVersion: entries[0] };
}

/** The documents by which a client learns what there is; undefined for any other path. */
export function discovery(path: string, resources: readonly Resource[]): object | undefined {
  if (path === '/api') return { kind: 'APIVersions', versions: ['v1'] };
  const names = [...new Set(resources.map((r) => r.group))].filter((group) => group !== '');
  if (path === '/apis')
    return { kind: 'APIGroupList', apiVersion: 'v1', groups: names.map((n) => groupEntry(n, resources)) };
  const [, group = '', version] = /^\/(?:api|apis\/([^/]+))\/([^/]+)$/.exec(path) ?? [];
  const own = resources.filter((r) => r.group === group && r.version === version);
  if (version === undefined || own.length === 0) return undefined;
  const list = own.map((r) => ({
    name: r.plural,
    singularName: r.kind.toLowerCase(),
    namespaced: r.namespaced,
    kind: r.kind,
    verbs: VERBS,
    ...(r.short.length === 0 ? {} : { shortNames: r.short }),
  }));
  return {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion: group === '' ? version : `${group}/${version}`,
    resources: list,
  };
}
