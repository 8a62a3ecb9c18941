import { homedir } from 'node:os';
import { Exit } from '../host/exit.ts';
import { read } from '../host/files.ts';
import type { FlagSpec, Parsed } from '../host/flags.ts';
import { goDuration } from '../host/text.ts';
import { connect, type Client } from '../kube/client.ts';
import { accessOf, parseKubeconfig, type Access } from '../kube/kubeconfig.ts';
import { customResources, findResource, pathOf, RESOURCES, type Resource } from '../kube/resources.ts';

/** Every flag of every command here; kubectl has more. */
export const FLAGS: FlagSpec = {
  'all-namespaces': 'bool',
  all: 'bool',
  as: 'text',
  cascade: 'optional',
  command: 'bool',
  container: 'text',
  context: 'text',
  cluster: 'text',
  'delete-emptydir-data': 'bool',
  'disable-eviction': 'bool',
  'dry-run': 'optional',
  'field-manager': 'text',
  'field-selector': 'text',
  filename: 'lines',
  flatten: 'bool',
  follow: 'bool',
  for: 'text',
  force: 'bool',
  'force-conflicts': 'bool',
  'from-file': 'lines',
  'from-literal': 'lines',
  'grace-period': 'text',
  help: 'bool',
  'ignore-daemonsets': 'bool',
  'ignore-not-found': 'optional',
  image: 'text',
  kubeconfig: 'text',
  kustomize: 'text',
  'label-columns': 'list',
  'max-log-requests': 'text',
  minify: 'bool',
  namespace: 'text',
  'no-headers': 'bool',
  now: 'bool',
  output: 'text',
  overwrite: 'bool',
  patch: 'text',
  port: 'text',
  previous: 'bool',
  prune: 'bool',
  raw: 'text',
  recursive: 'bool',
  replicas: 'text',
  'request-timeout': 'text',
  restart: 'text',
  revision: 'text',
  selector: 'text',
  server: 'text',
  'server-side': 'bool',
  'show-kind': 'bool',
  'show-labels': 'bool',
  'show-managed-fields': 'bool',
  since: 'text',
  'skip-wait-for-delete-timeout': 'text',
  'sort-by': 'text',
  stdin: 'bool',
  subresource: 'text',
  tail: 'text',
  timeout: 'text',
  'to-revision': 'text',
  token: 'text',
  tty: 'bool',
  type: 'text',
  user: 'text',
  v: 'text',
  validate: 'optional',
  wait: 'optional',
  watch: 'bool',
  client: 'bool',
  short: 'bool',
  env: 'lines',
  'insecure-skip-tls-verify': 'bool',
};

export const ALIAS = {
  A: 'all-namespaces',
  c: 'container',
  f: 'filename',
  h: 'help',
  i: 'stdin',
  k: 'kustomize',
  l: 'selector',
  L: 'label-columns',
  n: 'namespace',
  o: 'output',
  p: 'patch',
  R: 'recursive',
  t: 'tty',
  w: 'watch',
};

/** One run of kubectl. */
export interface Session {
  readonly flags: Parsed;
  readonly client: Client;
  /** The one that applies where an object names none. */
  readonly namespace: string;
  /** A kind by the word that a person typed. Throws where the server has none. */
  kind(word: string): Promise<Resource>;
  resources(): Promise<readonly Resource[]>;
}

function kubeconfigText(flags: Parsed): string | undefined {
  const given = flags.text('kubeconfig');
  if (given !== undefined) {
    const text = read(given);
    if (text === undefined) throw new Exit(`stat ${given}: no such file or directory`);
    return text;
  }
  const paths = (process.env['KUBECONFIG'] ?? '').split(':').filter((p) => p !== '');
  const candidates = paths.length > 0 ? paths : [`${process.env['HOME'] ?? homedir()}/.kube/config`];
  return candidates.map((path) => read(path)).find((text) => text !== undefined);
}

export function accessFor(flags: Parsed): Access {
  const text = kubeconfigText(flags);
  const config = text === undefined ? undefined : parseKubeconfig(text);
  const context = flags.text('context');
  if (context !== undefined && config?.contexts.every((c) => c.name !== context)) {
    throw new Exit(`context "${context}" does not exist`);
  }
  const access = config === undefined ? undefined : accessOf(config, context);
  const server = flags.text('server') ?? access?.server ?? 'http://localhost:8080';
  return { ...access, server };
}

export function openSession(flags: Parsed): Session {
  const access = accessFor(flags);
  const timeout =
    goDuration(flags.text('request-timeout') ?? '') ?? Number(flags.text('request-timeout') ?? 0) * 1000;
  const client = connect(access, timeout > 0 ? timeout : 30_000);
  let known: readonly Resource[] = RESOURCES;
  let complete = false;
  const resources = async (): Promise<readonly Resource[]> => {
    if (complete) return known;
    const crds = await client.list(pathOf(findResource('crd') as Resource));
    known = [...RESOURCES, ...crds.items.flatMap(customResources)];
    complete = true;
    return known;
  };
  return {
    flags,
    client,
    namespace: flags.text('namespace') ?? access.namespace ?? 'default',
    resources,
    async kind(word) {
      const found = findResource(word) ?? findResource(word, await resources());
      if (found === undefined) throw new Exit(`the server doesn't have a resource type "${word}"`);
      return found;
    },
  };
}
