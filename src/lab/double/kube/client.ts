import { request as httpRequest } from 'node:http';
import { Agent, request as httpsRequest } from 'node:https';
import type { Access } from './kubeconfig.ts';
import type { KubeList, KubeObject, StatusObject } from './types.ts';

/** The API answered with a refusal. */
export class ApiError extends Error {
  readonly status: StatusObject;

  constructor(status: StatusObject) {
    super(status.message);
    this.status = status;
  }
}

/** The API could not be asked at all; the message is worded as Go words it. */
export class ConnectError extends Error {
  readonly refused: boolean;

  constructor(message: string, refused: boolean) {
    super(message);
    this.refused = refused;
  }
}

export interface Answer {
  readonly code: number;
  readonly text: string;
}

export interface Client {
  readonly access: Access;
  /** The bare exchange; throws ConnectError only. */
  raw(method: string, path: string, body?: unknown, type?: string): Promise<Answer>;
  /** Parsed; throws ApiError for every code from 400 on. */
  call<T = KubeObject>(method: string, path: string, body?: unknown, type?: string): Promise<T>;
  get(path: string): Promise<KubeObject>;
  /** Undefined where the answer is 404. */
  find(path: string): Promise<KubeObject | undefined>;
  list(path: string): Promise<KubeList>;
  close(): void;
}

interface NetworkError extends Error {
  code?: string;
  cert?: { subjectaltname?: string };
}

/** What Go's net and tls packages say for the same misfortune. */
function goWords(error: NetworkError, url: URL): string {
  const where = `${url.hostname}:${url.port || '443'}`;
  switch (error.code) {
    case 'ECONNREFUSED':
      return `dial tcp ${where}: connect: connection refused`;
    case 'EHOSTUNREACH':
      return `dial tcp ${where}: connect: no route to host`;
    case 'ENETUNREACH':
      return `dial tcp ${where}: connect: network is unreachable`;
    case 'ETIMEDOUT':
      return `dial tcp ${where}: i/o timeout`;
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `dial tcp: lookup ${url.hostname}: no such host`;
    case 'ECONNRESET':
      return `read tcp ${where}: read: connection reset by peer`;
    case 'ERR_TLS_CERT_ALTNAME_INVALID': {
      const names = (error.cert?.subjectaltname ?? '').replace(/(?:DNS|IP Address):/g, '');
      return `tls: failed to verify certificate: x509: certificate is valid for ${names}, not ${url.hostname}`;
    }
    case 'CERT_HAS_EXPIRED':
      return 'tls: failed to verify certificate: x509: certificate has expired or is not yet valid';
    case 'CERT_SIGNATURE_FAILURE':
      return 'tls: failed to verify certificate: x509: certificate signed by unknown authority (possibly because of "crypto/rsa: verification error" while trying to verify candidate authority certificate "kubernetes")';
    default:
      return /CERT|SELF_SIGNED|UNABLE_TO/.test(error.code ?? '')
        ? 'tls: failed to verify certificate: x509: certificate signed by unknown authority'
        : error.message;
  }
}

function exchange(
  access: Access,
  agent: Agent,
  timeout: number,
  [method, path, body, type]: [string, string, unknown, string],
): Promise<Answer> {
  const url = new URL(path, access.server);
  const text = body === undefined ? undefined : JSON.stringify(body);
  const headers: Record<string, string | number> = { accept: 'application/json' };
  if (access.token !== undefined) headers['authorization'] = `Bearer ${access.token}`;
  if (text !== undefined)
    Object.assign(headers, { 'content-type': type, 'content-length': Buffer.byteLength(text) });
  return new Promise((resolve, reject) => {
    const refuse = (error: NetworkError): void => {
      const query =
        method === 'GET' ? 'Get' : method === 'POST' ? 'Post' : method[0] + method.slice(1).toLowerCase();
      reject(
        new ConnectError(`${query} "${url.href}": ${goWords(error, url)}`, error.code === 'ECONNREFUSED'),
      );
    };
    const plain = url.protocol === 'http:';
    const send = plain ? httpRequest : httpsRequest;
    const sent = send(url, { method, headers, timeout, ...(plain ? {} : { agent }) }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('end', () =>
        resolve({ code: response.statusCode ?? 0, text: Buffer.concat(parts).toString() }),
      );
      response.on('error', refuse);
    });
    sent.on('timeout', () => sent.destroy(Object.assign(new Error('timeout'), { code: 'ETIMEDOUT' })));
    sent.on('error', refuse);
    sent.end(text);
  });
}

function statusOf(answer: Answer): StatusObject {
  try {
    return JSON.parse(answer.text) as StatusObject;
  } catch {
    const [kind, apiVersion, metadata] = ['Status', 'v1', {}] as const;
    return {
      kind,
      apiVersion,
      metadata,
      status: 'Failure',
      message: answer.text,
      reason: '',
      code: answer.code,
    };
  }
}

/** A client of one API server; connections are kept and closed with `close`. */
export function connect(access: Access, timeout = 10_000): Client {
  const identity = Object.entries({ ca: access.ca, cert: access.cert, key: access.key }).filter(
    ([, v]) => v !== undefined,
  );
  const agent = new Agent({
    keepAlive: true,
    maxSockets: 4,
    rejectUnauthorized: access.insecure !== true,
    ...Object.fromEntries(identity),
  });
  const raw: Client['raw'] = (method, path, body, type = 'application/json') =>
    exchange(access, agent, timeout, [method, path, body, type]);
  const call = async <T>(method: string, path: string, body?: unknown, type?: string): Promise<T> => {
    const answer = await raw(method, path, body, type);
    if (answer.code >= 400) throw new ApiError(statusOf(answer));
    return JSON.parse(answer.text) as T;
  };
  const get = (path: string): Promise<KubeObject> => call('GET', path);
  const find = async (path: string): Promise<KubeObject | undefined> => {
    try {
      return await get(path);
    } catch (error) {
      if (error instanceof ApiError && error.status.code === 404) return undefined;
      throw error;
    }
  };
  return { access, raw, call, get, find, list: (path) => call('GET', path), close: () => agent.destroy() };
}
