import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';
import { forbidden, unauthorized } from './answers.ts';
import type { Route } from './route.ts';
import type { Store } from './store.ts';

export interface User {
  readonly name: string;
  readonly groups: readonly string[];
}

const ANONYMOUS: User = { name: 'system:anonymous', groups: ['system:unauthenticated'] };
const ADMINS = new Set(['system:masters', 'kubeadm:cluster-admins']);
const COMPONENTS = new Set(['system:kube-controller-manager', 'system:kube-scheduler']);

export function isAdmin(user: User): boolean {
  return COMPONENTS.has(user.name) || user.groups.some((group) => ADMINS.has(group));
}

const many = (value: string | string[] | undefined): string[] =>
  value === undefined ? [] : Array.isArray(value) ? value : [value];

/** A bootstrap token is a Secret; it counts while it lives and is meant for authentication. */
function tokenUser(store: Store, token: string): User {
  const [, id = '', secret = ''] = /^([a-z0-9]{6})\.([a-z0-9]{16})$/.exec(token) ?? [];
  const found = store.all('Secret').find((s) => s.metadata.name === `bootstrap-token-${id}`);
  const field = (key: string): string => Buffer.from(found?.data?.[key] ?? '', 'base64').toString();
  const expires = field('expiration');
  const expired = expires !== '' && Date.parse(expires) <= Date.now();
  if (
    id === '' ||
    field('token-secret') !== secret ||
    expired ||
    field('usage-bootstrap-authentication') !== 'true'
  ) {
    throw unauthorized();
  }
  const groups = field('auth-extra-groups')
    .split(',')
    .filter((group) => group !== '');
  return {
    name: `system:bootstrap:${id}`,
    groups: ['system:bootstrappers', ...groups, 'system:authenticated'],
  };
}

/** Who asks: a client certificate of the cluster's CA, a bootstrap token, or nobody. Throws 401 for a wrong one. */
export function authenticate(request: IncomingMessage, store: Store | undefined): User {
  const socket = request.socket as TLSSocket;
  const certificate = socket.getPeerCertificate();
  const presented = certificate !== undefined && certificate.subject !== undefined;
  if (presented) {
    if (!socket.authorized) throw unauthorized();
    const subject = certificate.subject as unknown as { CN?: string; O?: string | string[] };
    const user = { name: subject.CN ?? '', groups: [...many(subject.O), 'system:authenticated'] };
    const as = request.headers['impersonate-user'];
    if (as === undefined || !isAdmin(user)) return user;
    const groups = String(request.headers['impersonate-group'] ?? '').split(', ');
    return { name: String(as), groups };
  }
  const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
  if (token === undefined) return ANONYMOUS;
  if (store === undefined) throw unauthorized();
  return tokenUser(store, token);
}

const VERBS: Readonly<Record<string, string>> = {
  POST: 'create',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
};

export function verbOf(method: string, route: Route): string {
  if (method === 'GET' || method === 'HEAD') return route.name === undefined ? 'list' : 'get';
  return VERBS[method] ?? method.toLowerCase();
}

function nodeMay(verb: string, plural: string): boolean {
  const reads = verb === 'get' || verb === 'list';
  if (reads) return plural !== 'secrets' || verb === 'get';
  return (
    ['nodes', 'pods', 'events', 'leases', 'certificatesigningrequests'].includes(plural) &&
    (verb !== 'delete' || plural === 'pods')
  );
}

function bootstrapperMay(verb: string, route: Route): boolean {
  const { plural } = route.resource;
  if (plural === 'certificatesigningrequests') return ['create', 'get', 'list'].includes(verb);
  if (verb === 'get' && plural === 'nodes') return true;
  if (verb !== 'get' || route.namespace !== 'kube-system') return false;
  if (plural === 'secrets') return route.name === 'kubeadm-certs';
  return (
    plural === 'configmaps' && ['kubeadm-config', 'kubelet-config', 'kube-proxy'].includes(route.name ?? '')
  );
}

/** Throws 403 where the user may not do this. The rules are those that kubeadm sets up, and no more. */
export function authorize(user: User, method: string, route: Route): void {
  if (isAdmin(user)) return;
  const verb = verbOf(method, route);
  const { plural } = route.resource;
  const has = (group: string): boolean => user.groups.includes(group);
  const clusterInfo =
    plural === 'configmaps' && route.namespace === 'kube-public' && route.name === 'cluster-info';
  if (clusterInfo && verb === 'get') return;
  if (has('system:nodes') && nodeMay(verb, plural)) return;
  if (has('system:bootstrappers') && bootstrapperMay(verb, route)) return;
  throw forbidden(user.name, verb, route.resource, route.name ?? '', route.namespace);
}
