import type { IncomingMessage, ServerResponse } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { read, remove, write } from '../host/files.ts';
import { isAdmin, type User } from './auth.ts';
import { leaderFile, storeFile, type Member, type Snapshot, type Store } from './store.ts';
import { Refusal } from './answers.ts';

/*
 * Several control planes: one member holds the state, the others pass every request on to it under the caller's name.
 * The holder hands the state over when it is reset; when it dies without that, the others have no state, as a stacked
 * etcd of two without its majority has none.
 */

export interface PeerOptions {
  readonly dataDir: string;
  readonly port: number;
  readonly ca: string;
  /** The client certificate of the API server itself, an administrator's. */
  readonly cert: string;
  readonly key: string;
}

/** The address that holds the state; undefined where this host does. */
export function leaderOf(dataDir: string): string | undefined {
  const text = read(leaderFile(dataDir))?.trim();
  return text === '' ? undefined : text;
}

/** Passes a request on; the holder trusts our certificate and the names in the headers. Without a user, as it came. */
export function forward(
  options: PeerOptions,
  leader: string,
  user: User | undefined,
  [request, body, response]: [IncomingMessage, Buffer, ServerResponse],
): void {
  const { authorization, host: _, 'content-length': __, ...rest } = request.headers;
  const identity =
    user === undefined
      ? { authorization }
      : { 'impersonate-user': user.name, 'impersonate-group': user.groups.join(', ') };
  const headers = { ...rest, ...identity, 'content-length': body.length };
  const { ca, cert, key, port } = options;
  const own = user === undefined ? {} : { cert, key };
  const target = {
    host: leader,
    port,
    method: request.method ?? 'GET',
    path: request.url ?? '/',
    headers,
    ca,
    ...own,
  };
  const sent = httpsRequest({ ...target, timeout: 5000 }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, {
      'content-type': answer.headers['content-type'] ?? 'application/json',
    });
    answer.pipe(response);
  });
  sent.on('timeout', () => sent.destroy(new Error('timeout')));
  sent.on('error', () => {
    const refusal = new Refusal(500, 'InternalError', 'etcdserver: request timed out').status;
    if (!response.headersSent) response.writeHead(500, { 'content-type': 'application/json' });
    response.end(JSON.stringify(refusal));
  });
  sent.end(body);
}

/** The calls by which kubeadm moves members and state. Undefined: not one of them, or one for the holder. */
export function peerCall(
  path: string,
  user: User,
  body: () => unknown,
  { store, dataDir }: { store: Store | undefined; dataDir: string },
): { reload: boolean; answer: unknown } | undefined {
  if (!path.startsWith('/slipway-lab/')) return undefined;
  if (!isAdmin(user)) throw new Refusal(403, 'Forbidden', `User "${user.name}" cannot post path "${path}"`);
  if (path === '/slipway-lab/snapshot') {
    write(storeFile(dataDir), JSON.stringify(body() as Snapshot), 0o600);
    remove(leaderFile(dataDir));
    return { reload: true, answer: {} };
  }
  if (path === '/slipway-lab/leader') {
    write(leaderFile(dataDir), `${(body() as { address: string }).address}\n`);
    return { reload: true, answer: {} };
  }
  if (store === undefined) return undefined;
  if (path === '/slipway-lab/etcd') return { reload: false, answer: store.snapshot() };
  const { add, remove: gone } = body() as { add?: Member; remove?: string };
  const rest = store.members().filter((m) => m.name !== gone && m.name !== add?.name);
  store.setMembers(add === undefined ? rest : [...rest, add]);
  return { reload: false, answer: store.members() };
}
