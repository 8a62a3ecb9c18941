import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import { messageOf } from '../host/exit.ts';
import type { Container, KubeObject } from '../kube/types.ts';
import { noSuchPath, notFound, Refusal } from './answers.ts';
import { authenticate, authorize, isAdmin, type User } from './auth.ts';
import { tend, tendBasics, type Running } from './controllers/index.ts';
import type { Cluster } from './controllers/context.ts';
import { discovery, versionInfo } from './discovery.ts';
import { handle } from './handlers.ts';
import { forward, leaderOf, peerCall } from './peers.ts';
import { parseRoute } from './route.ts';
import { logsOf, simulate } from './simulate.ts';
import { openStore, type Member, type Store } from './store.ts';

export interface ApiOptions {
  readonly address: string;
  readonly port: number;
  readonly version: string;
  readonly self: Member;
  readonly dataDir: string;
  readonly cert: string;
  readonly key: string;
  readonly ca: string;
  readonly caKey: string;
  readonly client: { readonly cert: string; readonly key: string };
  readonly serviceRange: string;
  readonly podSubnet: () => string | undefined;
  readonly running: () => Running;
}

export interface ApiServer {
  close(): void;
}

interface State {
  store: Store | undefined;
  leader: string | undefined;
}

const HEALTH = new Set(['/healthz', '/livez', '/readyz']);

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

/** JSON, or YAML that is JSON too: a server-side apply of kubectl sends JSON under the YAML type. */
function parse(body: Buffer): unknown {
  if (body.length === 0) return {};
  try {
    return JSON.parse(body.toString());
  } catch (error) {
    throw new Refusal(400, 'BadRequest', `the object provided is unrecognized: ${messageOf(error)}`);
  }
}

function send(response: ServerResponse, code: number, body: unknown): void {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const type = typeof body === 'string' ? 'text/plain' : 'application/json';
  response.writeHead(code, { 'content-type': type, 'content-length': Buffer.byteLength(text) });
  response.end(text);
}

function podStream(pod: KubeObject, sub: string, query: URLSearchParams): unknown {
  const container = query.get('container') ?? undefined;
  const known = (pod.spec?.containers ?? []).some(
    (c: Container) => container === undefined || c.name === container,
  );
  if (!known)
    throw new Refusal(400, 'BadRequest', `container ${container} is not valid for pod ${pod.metadata.name}`);
  if (pod.status?.phase === 'Pending') {
    const name = container ?? pod.spec?.containers?.[0]?.name ?? '';
    const why = `container "${name}" in pod "${pod.metadata.name}" is waiting to start: ContainerCreating`;
    throw new Refusal(400, 'BadRequest', why);
  }
  return sub === 'log' ? logsOf(pod, container) : simulate(pod, query.getAll('command'));
}

function answer(
  options: ApiOptions,
  store: Store,
  user: User,
  request: IncomingMessage,
  body: Buffer,
): [number, unknown] {
  const url = new URL(request.url ?? '/', 'https://localhost');
  const path = url.pathname.replace(/\/$/, '') || '/';
  const method = request.method ?? 'GET';
  const document = discovery(path, store.resources());
  if (document !== undefined && user.name !== 'system:anonymous') return [200, document];
  const route = parseRoute(path, store.resources());
  if (route === undefined) {
    if (isAdmin(user)) throw noSuchPath();
    throw new Refusal(
      403,
      'Forbidden',
      `forbidden: User "${user.name}" cannot ${method.toLowerCase()} path "${path}"`,
    );
  }
  authorize(user, method, route);
  if (route.resource.kind === 'Pod' && (route.sub === 'log' || route.sub === 'exec')) {
    const pod = store.get(route.resource, route.namespace, route.name ?? '');
    if (pod === undefined) throw notFound(route.resource, route.name ?? '');
    return [200, podStream(pod, route.sub, url.searchParams)];
  }
  const content = method === 'GET' ? {} : parse(body);
  if (route.resource.kind === 'CertificateSigningRequest' && method === 'POST') {
    const object = content as KubeObject;
    object.spec = { ...object.spec, username: user.name, groups: [...user.groups] };
  }
  const type = request.headers['content-type'] ?? '';
  const call = { method, route, query: url.searchParams, body: content, type };
  return [method === 'POST' ? 201 : 200, handle({ store, serviceRange: options.serviceRange }, call)];
}

async function serve(
  options: ApiOptions,
  state: State,
  reload: () => void,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    const body = await bodyOf(request);
    const path = (request.url ?? '/').split('?')[0] ?? '/';
    if (path === '/version') return send(response, 200, versionInfo(options.version));
    const healthy = HEALTH.has(path) && state.leader === undefined;
    if (healthy) return send(response, 200, 'ok');
    const { ca: authority, dataDir, port, client } = options;
    const peers = { ca: authority, dataDir, port, ...client };
    // Only the holder of the state knows tokens: they go on as they came.
    const bearer = request.headers.authorization !== undefined;
    if (state.leader !== undefined && bearer)
      return forward(peers, state.leader, undefined, [request, body, response]);
    const user = authenticate(request, state.store);
    const peer = peerCall(path, user, () => parse(body), { store: state.store, dataDir: options.dataDir });
    if (peer !== undefined) {
      if (peer.reload) reload();
      return send(response, 200, peer.answer);
    }
    if (state.leader !== undefined) return forward(peers, state.leader, user, [request, body, response]);
    if (state.store === undefined) throw new Refusal(500, 'InternalError', 'etcdserver: no leader');
    send(response, ...answer(options, state.store, user, request, body));
  } catch (error) {
    const refusal = error instanceof Refusal ? error : new Refusal(500, 'InternalError', messageOf(error));
    if (!response.headersSent) send(response, refusal.status.code, refusal.status);
  }
}

/** Serves the API of a cluster on one address until it is closed. Resolves when it listens. */
export async function startApi(options: ApiOptions): Promise<ApiServer> {
  const state: State = { store: undefined, leader: undefined };
  const reload = (): void => {
    state.leader = leaderOf(options.dataDir);
    state.store = state.leader === undefined ? openStore(options.dataDir, options.self) : undefined;
    if (state.store !== undefined) tendBasics(clusterOf(options, state.store));
  };
  reload();
  const { cert, key, ca } = options;
  const server = createServer(
    { cert, key, ca, requestCert: true, rejectUnauthorized: false },
    (request, response) => {
      void serve(options, state, reload, request, response);
    },
  );
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.address, resolve);
  });
  const timer = setInterval(() => {
    if (state.store === undefined) return;
    const cluster = clusterOf(options, state.store);
    tendBasics(cluster);
    tend(cluster, options.running());
  }, 200);
  return {
    close: () => {
      clearInterval(timer);
      server.close();
      server.closeAllConnections();
    },
  };
}

function clusterOf(options: ApiOptions, store: Store): Cluster {
  const { serviceRange, ca, caKey } = options;
  return { store, serviceRange, podSubnet: options.podSubnet(), caCert: ca, caKey };
}
