import { Exit } from '../host/exit.ts';
import { parseFlags, type FlagSpec, type Parsed } from '../host/flags.ts';
import { ADMIN_CONF } from '../host/paths.ts';
import { goDuration, shortDuration, table } from '../host/text.ts';
import { ApiError } from '../kube/client.ts';
import type { KubeObject } from '../kube/types.ts';
import { clientFrom } from './cluster.ts';
import {
  DEFAULT_GROUPS,
  DEFAULT_USAGES,
  randomToken,
  readDocuments,
  readInit,
  TOKEN,
} from './config-read.ts';
import { say } from './output.ts';
import { caHash, decode, joinCommand, tokenSecret } from './tokens.ts';
import { servedBy } from './kubeconfig-path.ts';

const FLAGS: FlagSpec = {
  config: 'text',
  'certificate-key': 'text',
  description: 'text',
  'dry-run': 'bool',
  groups: 'list',
  kubeconfig: 'text',
  output: 'text',
  'print-join-command': 'bool',
  ttl: 'text',
  usages: 'list',
  v: 'text',
};

const SECRETS = '/api/v1/namespaces/kube-system/secrets';

const pathOf = (flags: Parsed): string => flags.text('kubeconfig') ?? servedBy(ADMIN_CONF);

async function create(flags: Parsed): Promise<void> {
  const file = flags.text('config');
  const fromFile = file === undefined ? undefined : readInit(readDocuments(file)).tokens[0];
  const token = flags.args[1] ?? fromFile?.token ?? randomToken();
  if (!TOKEN.test(token)) {
    throw new Exit(
      `the bootstrap token "${token}" was not of the form "\\\\A([a-z0-9]{6})\\\\.([a-z0-9]{16})\\\\z"`,
    );
  }
  const ttlText = flags.text('ttl');
  const ttl = ttlText === undefined ? (fromFile?.ttl ?? 86_400_000) : goDuration(ttlText);
  if (ttl === undefined)
    throw new Exit(`invalid argument "${ttlText}" for "--ttl" flag: time: invalid duration "${ttlText}"`);
  const usages = flags.list('usages');
  const groups = flags.list('groups');
  const spec = {
    token,
    ttl,
    usages: usages.length === 0 ? DEFAULT_USAGES : usages,
    groups: groups.length === 0 ? DEFAULT_GROUPS : groups,
    description: flags.text('description') ?? fromFile?.description ?? '',
  };
  const client = clientFrom(pathOf(flags));
  try {
    await client.call('POST', SECRETS, tokenSecret(spec));
  } catch (error) {
    if (error instanceof ApiError && error.status.code === 409) {
      throw new Exit(`a token with id "${token.split('.')[0]}" already exists`);
    }
    throw error;
  } finally {
    client.close();
  }
  if (!flags.bool('print-join-command')) return say(token);
  const { endpoint, hash } = caHash(pathOf(flags));
  const key = flags.text('certificate-key');
  const join = joinCommand({
    endpoint,
    token,
    hash,
    ...(key === undefined ? {} : { certificateKey: key, controlPlane: true }),
  });
  say(join.replaceAll('\\\n', '').replaceAll('\t', ''));
}

function row(secret: KubeObject): string[] {
  const data = secret.data ?? {};
  const field = (key: string): string => decode(data[key]);
  const expires = field('expiration');
  const usages = ['authentication', 'signing'].filter(
    (usage) => field(`usage-bootstrap-${usage}`) === 'true',
  );
  return [
    `${field('token-id')}.${field('token-secret')}`,
    expires === '' ? '<forever>' : shortDuration(Date.parse(expires) - Date.now()),
    expires === '' ? '<never>' : expires,
    usages.join(',') || '<none>',
    field('description') || '<none>',
    field('auth-extra-groups') || '<none>',
  ];
}

async function list(flags: Parsed): Promise<void> {
  const client = clientFrom(pathOf(flags));
  const selector = encodeURIComponent('type=bootstrap.kubernetes.io/token');
  const { items } = await client.list(`${SECRETS}?fieldSelector=${selector}`);
  client.close();
  if (flags.text('output') === 'json') {
    for (const item of items) {
      const [token, , expires, usages, description, groups] = row(item);
      const kind = { kind: 'BootstrapToken', apiVersion: 'output.kubeadm.k8s.io/v1alpha3' };
      say(
        JSON.stringify(
          { ...kind, token, description, expires, usages: usages?.split(','), groups: groups?.split(',') },
          undefined,
          4,
        ),
      );
    }
    return;
  }
  if (items.length === 0) return;
  const head = ['TOKEN', 'TTL', 'EXPIRES', 'USAGES', 'DESCRIPTION', 'EXTRA GROUPS'];
  process.stdout.write(table([head, ...items.map(row)], 3, 10));
}

async function remove(flags: Parsed): Promise<void> {
  const names = flags.args.slice(1);
  if (names.length === 0)
    throw new Exit(
      `missing argument; 'token delete' is missing token of form ["^([a-z0-9]{6})$" "^([a-z0-9]{6})\\\\.([a-z0-9]{16})$"]`,
    );
  const client = clientFrom(pathOf(flags));
  for (const name of names) {
    const id = /^[a-z0-9]{6}$/.test(name) ? name : TOKEN.test(name) ? name.slice(0, 6) : undefined;
    if (id === undefined)
      throw new Exit(
        `given token didn't match pattern "^([a-z0-9]{6})$" or "^([a-z0-9]{6})\\\\.([a-z0-9]{16})$"`,
      );
    try {
      await client.call('DELETE', `${SECRETS}/bootstrap-token-${id}`);
    } catch (error) {
      throw new Exit(`failed to delete bootstrap token "${id}": ${(error as Error).message}`);
    }
    say(`bootstrap token "${id}" deleted`);
  }
  client.close();
}

/** `kubeadm token create|list|delete|generate`. */
export async function token(argv: readonly string[]): Promise<void> {
  const flags = parseFlags(argv, FLAGS, { o: 'output' });
  switch (flags.args[0]) {
    case 'create':
      return create(flags);
    case 'list':
      return list(flags);
    case 'delete':
      return remove(flags);
    case 'generate':
      return say(randomToken());
    default:
      throw new Exit(
        flags.args[0] === undefined
          ? 'missing subcommand; "token" is not meant to be run on its own'
          : `invalid subcommand "${flags.args[0]}"`,
      );
  }
}
