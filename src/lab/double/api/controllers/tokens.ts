import { createHmac } from 'node:crypto';
import { drop, put, type Cluster } from './context.ts';

const decode = (text: string | undefined): string => Buffer.from(text ?? '', 'base64').toString();

/** The detached JWS by which a joining node knows that the server knows its token. */
export function detachedSignature(content: string, id: string, secret: string): string {
  const header = Buffer.from(JSON.stringify({ alg: 'HS256', kid: id })).toString('base64url');
  const payload = Buffer.from(content).toString('base64url');
  const signature = createHmac('sha256', secret).update(`${header}.${payload}`).digest('base64url');
  return `${header}..${signature}`;
}

/** The token cleaner and the bootstrap signer. */
export function tendTokens({ store }: Cluster): void {
  const tokens = store.all('Secret').filter((s) => s.type === 'bootstrap.kubernetes.io/token');
  const live = tokens.filter((secret) => {
    const expires = decode(secret.data?.['expiration']);
    const over = expires !== '' && Date.parse(expires) <= Date.now();
    if (over) drop(store, secret);
    return !over;
  });
  const info = store
    .all('ConfigMap')
    .find((c) => c.metadata.name === 'cluster-info' && c.metadata.namespace === 'kube-public');
  const content = info?.data?.['kubeconfig'];
  if (info === undefined || content === undefined) return;
  const data: Record<string, string> = { kubeconfig: content };
  for (const { data: token } of live) {
    if (decode(token?.['usage-bootstrap-signing']) !== 'true') continue;
    const id = decode(token?.['token-id']);
    data[`jws-kubeconfig-${id}`] = detachedSignature(content, id, decode(token?.['token-secret']));
  }
  if (JSON.stringify(data) !== JSON.stringify(info.data)) put(store, { ...info, data });
}
