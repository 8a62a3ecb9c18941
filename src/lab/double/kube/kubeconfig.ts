import { read } from '../host/files.ts';
import { readYaml, writeYaml } from '../host/yaml.ts';

/** What a client needs to reach and to satisfy an API server. Certificates and keys are PEM. */
export interface Access {
  readonly server: string;
  readonly ca?: string;
  readonly insecure?: boolean;
  readonly cert?: string;
  readonly key?: string;
  readonly token?: string;
  /** The namespace of the context. */
  readonly namespace?: string;
}

interface Named {
  name: string;
  cluster?: Record<string, unknown>;
  user?: Record<string, unknown>;
  context?: Record<string, unknown>;
}

export interface Kubeconfig {
  apiVersion: string;
  kind: string;
  clusters: Named[];
  contexts: Named[];
  users: Named[];
  'current-context': string;
  preferences?: object;
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** A kubeconfig with one cluster, one user and one context, as kubeadm writes them. */
export function writeKubeconfig(access: Access, user: string, files?: { cert: string; key: string }): string {
  const context = `${user}@kubernetes`;
  const credentials =
    files !== undefined
      ? { 'client-certificate': files.cert, 'client-key': files.key }
      : access.token !== undefined
        ? { token: access.token }
        : {
            'client-certificate-data': base64(access.cert ?? ''),
            'client-key-data': base64(access.key ?? ''),
          };
  return writeYaml({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name: 'kubernetes',
        cluster: { 'certificate-authority-data': base64(access.ca ?? ''), server: access.server },
      },
    ],
    contexts: [{ name: context, context: { cluster: 'kubernetes', user } }],
    users: [{ name: user, user: credentials }],
    'current-context': context,
    preferences: {},
  } satisfies Kubeconfig);
}

/** Reads the text of a kubeconfig; undefined where it is none. Throws on bad YAML. */
export function parseKubeconfig(text: string): Kubeconfig | undefined {
  const [value] = readYaml(text) as Partial<Kubeconfig>[];
  if (value === undefined || typeof value !== 'object') return undefined;
  return {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: value.clusters ?? [],
    contexts: value.contexts ?? [],
    users: value.users ?? [],
    'current-context': value['current-context'] ?? '',
    preferences: value.preferences ?? {},
  };
}

function field(holder: Record<string, unknown> | undefined, name: string): string | undefined {
  const inline = holder?.[`${name}-data`];
  if (typeof inline === 'string' && inline !== '') return Buffer.from(inline, 'base64').toString('utf8');
  const path = holder?.[name];
  return typeof path === 'string' ? read(path) : undefined;
}

/** The access that the current (or the named) context gives; undefined where the context is incomplete. */
export function accessOf(config: Kubeconfig, contextName = config['current-context']): Access | undefined {
  const context = config.contexts.find((c) => c.name === contextName)?.context ?? {};
  const cluster =
    config.clusters.find((c) => c.name === context['cluster'])?.cluster ?? config.clusters[0]?.cluster;
  const user = config.users.find((u) => u.name === context['user'])?.user;
  if (typeof cluster?.['server'] !== 'string') return undefined;
  const parts = {
    ca: field(cluster, 'certificate-authority'),
    cert: field(user, 'client-certificate'),
    key: field(user, 'client-key'),
    token: typeof user?.['token'] === 'string' ? user['token'] : undefined,
    namespace: typeof context['namespace'] === 'string' ? context['namespace'] : undefined,
  };
  const present = Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== undefined));
  return { server: cluster['server'], insecure: cluster['insecure-skip-tls-verify'] === true, ...present };
}

/** The access of a kubeconfig file of the host; undefined where there is none. */
export function accessFrom(path: string): Access | undefined {
  const text = read(path);
  const config = text === undefined ? undefined : parseKubeconfig(text);
  return config === undefined ? undefined : accessOf(config);
}
