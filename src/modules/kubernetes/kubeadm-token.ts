import { type Static, Type } from 'typebox';
import { SlipwayError } from '../../base/errors.ts';
import { defineAction } from '../../module/contract.ts';
import { lines, type Program, sh } from '../../module/program.ts';
import { caCertHash, kubeconfigServer } from './ca-hash.ts';
import { certificateKey, TOKEN, uploadCerts } from './join-source.ts';
import { kubeadmFailure } from './kubeadm-errors.ts';
import { section, sections } from './sections.ts';

const params = Type.Object({
  action: Type.Optional(
    Type.Union([Type.Literal('create'), Type.Literal('list'), Type.Literal('delete')], { default: 'create' }),
  ),
  token: Type.Optional(
    Type.String({
      description: 'The token to create (default: a random one), or the token or its id to delete.',
    }),
  ),
  ttl: Type.Optional(Type.String({ default: '1h', description: 'How long it lives; `0` for ever.' })),
  description: Type.Optional(Type.String({ description: 'Shown by list.' })),
  certificate_key: Type.Optional(
    Type.Boolean({ default: false, description: 'Upload the certificates too, for control planes.' }),
  ),
  config: Type.Optional(
    Type.String({
      default: '/etc/kubernetes/kubeadm.yaml',
      description: "kubeadm's configuration, used for the upload where it exists.",
    }),
  ),
});

type Params = Static<typeof params>;

export const kubeadmToken = defineAction({
  name: 'kubeadm_token',
  summary: 'Bootstrap tokens: create, list, delete.',
  description: `
Runs on a control plane. \`kubeadm_join\` with \`from\` makes and deletes its own token; this one is for other tools and
for a person who types the join command. Token, key and commands are secrets: they are masked in all output.
`,
  params,
  returns: Type.Object({
    token: Type.Optional(Type.String()),
    ca_cert_hash: Type.Optional(Type.String()),
    endpoint: Type.Optional(Type.String()),
    certificate_key: Type.Optional(Type.String()),
    join_command: Type.Optional(Type.String({ description: 'One line, for a worker.' })),
    tokens: Type.Optional(
      Type.Array(
        Type.Object({
          token: Type.String(),
          ttl: Type.String(),
          expires: Type.String(),
          usages: Type.String(),
          description: Type.String(),
        }),
      ),
    ),
  }),
  secretParams: ['token'],
  secretReturns: ['token', 'certificate_key', 'join_command', 'tokens'],
  examples: [
    {
      title: 'the command that lets a worker in, for the next hour',
      yaml: `
        - kubeadm_token: {ttl: 1h}
          become: true
          register: ticket
      `,
      skip: 'needs a cluster; test/e2e/bootstrap covers it',
    },
    {
      title: 'delete a token',
      yaml: `
        - kubeadm_token: {action: delete, token: abcdef}
          become: true
      `,
      skip: 'needs a cluster; test/e2e/bootstrap covers it',
    },
  ],

  touches: (p) => (p.action === 'list' ? [] : ['object:']),
  run: (p): Program => {
    if (p.action === 'list') return sh`kubeadm token list`;
    if (p.action === 'delete') {
      if (p.token) return sh`kubeadm token delete ${p.token}`;
      throw new SlipwayError('task.invalid', 'kubeadm_token: delete needs a token', {
        hint: 'Give the token, or its first six characters.',
      });
    }
    return create(p);
  },

  read: (output, p) => {
    // What was printed before it failed may hold a token.
    if (output.code !== 0)
      throw kubeadmFailure(`kubeadm token ${p.action ?? 'create'}`, { ...output, stdout: '' });
    if (p.action === 'list') return { tokens: tokenList(output.stdout), changed: false };
    if (p.action === 'delete') return {};
    return readCreated(output.stdout);
  },
});

function create(p: Params): Program {
  const options = ['--ttl', p.ttl ?? '1h', ...(p.description ? ['--description', p.description] : [])];
  return lines(
    sh`set -e`,
    section('ca'),
    sh`cat /etc/kubernetes/pki/ca.crt`,
    section('admin'),
    sh`grep server: /etc/kubernetes/admin.conf`,
    section('token'),
    sh`kubeadm token create ${[...(p.token ? [p.token] : []), ...options]}`,
    p.certificate_key && section('key'),
    p.certificate_key && uploadCerts(p.config ?? '/etc/kubernetes/kubeadm.yaml'),
  );
}

function readCreated(stdout: string) {
  const parts = sections(stdout);
  const token = TOKEN.exec(parts.get('token') ?? '')?.[0];
  const hash = caCertHash(parts.get('ca') ?? '');
  const endpoint = kubeconfigServer(parts.get('admin') ?? '')?.replace(/^https:\/\//, '');
  if (token === undefined || hash === undefined || endpoint === undefined)
    throw new SlipwayError('task.failed', 'this host gave no token, CA or address to join with', {
      hint: 'Run it on a finished control plane, with become: true.',
    });
  const key = certificateKey(parts.get('key') ?? '');
  return {
    token,
    ca_cert_hash: hash,
    endpoint,
    join_command: `kubeadm join ${endpoint} --token ${token} --discovery-token-ca-cert-hash ${hash}`,
    ...(key === undefined ? {} : { certificate_key: key }),
  };
}

/** Reads the table by where its headings stand, since a description may be empty or hold blanks. */
function tokenList(stdout: string) {
  const [head = '', ...rows] = stdout.split('\n').filter((line) => line.trim() !== '');
  const names = ['TOKEN', 'TTL', 'EXPIRES', 'USAGES', 'DESCRIPTION', 'EXTRA GROUPS'];
  const starts = names.map((name) => head.indexOf(name));
  const cell = (row: string, at: number) => row.slice(starts[at], starts[at + 1]).trim();
  return rows.map((row) => ({
    token: cell(row, 0),
    ttl: cell(row, 1),
    expires: cell(row, 2),
    usages: cell(row, 3),
    description: cell(row, 4),
  }));
}
