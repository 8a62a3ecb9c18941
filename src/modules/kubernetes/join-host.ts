import { type Static, Type } from 'typebox';
import { stringify } from 'yaml';
import { SlipwayError } from '../../base/errors.ts';
import type { Host } from '../../module/host.ts';
import { sh } from '../../module/program.ts';
import { mintTicket, type Ticket } from './join-source.ts';
import { runKubeadm } from './kubeadm-progress.ts';

export const joinParams = Type.Object({
  role: Type.Optional(
    Type.Union([Type.Literal('worker'), Type.Literal('control_plane')], { default: 'worker' }),
  ),
  from: Type.Optional(
    Type.String({
      description:
        'A control plane, by its name in the inventory. It makes a short-lived token, tells the CA, and uploads certificates for a control plane.',
    }),
  ),
  endpoint: Type.Optional(
    Type.String({ description: '`host:port` of the API server; default: as in the admin.conf of `from`.' }),
  ),
  token: Type.Optional(Type.String({ description: 'A token, where there is no `from`.' })),
  ca_cert_hash: Type.Optional(
    Type.String({
      description:
        '`sha256:...` of the CA. Needed with `token`. With it a member of another cluster is recognised as foreign.',
    }),
  ),
  certificate_key: Type.Optional(
    Type.String({ description: 'Key of the uploaded certificates, for a control plane without `from`.' }),
  ),
  node_name: Type.Optional(
    Type.String({ description: "The node's name; default: the host name in lower case." }),
  ),
  cri_socket: Type.Optional(
    Type.String({ description: 'Socket of the container runtime, where there are several.' }),
  ),
  advertise_address: Type.Optional(
    Type.String({ description: 'Control plane: address on which its API server is reached.' }),
  ),
  bind_port: Type.Optional(
    Type.Integer({ description: 'Control plane: port of its API server; default: 6443.' }),
  ),
  node_registration: Type.Optional(
    Type.Record(Type.String(), Type.Unknown(), {
      description: "More of kubeadm's `nodeRegistration`: `imagePullPolicy`.",
    }),
  ),
  taints: Type.Optional(
    Type.Array(Type.Record(Type.String(), Type.Unknown()), {
      description: 'Taints that the node registers with: `{key: gpu, effect: NoSchedule}`.',
    }),
  ),
  kubelet_extra_args: Type.Optional(
    Type.Record(Type.String(), Type.String(), { description: 'Flags of the kubelet by name: `node-ip`.' }),
  ),
  ignore_preflight_errors: Type.Optional(
    Type.Array(Type.String(), { description: 'Checks that only warn, such as `NumCPU`, or `all`.' }),
  ),
  from_config: Type.Optional(
    Type.String({
      default: '/etc/kubernetes/kubeadm.yaml',
      description: "kubeadm's configuration on `from`, used for the upload of certificates where it exists.",
    }),
  ),
  token_ttl: Type.Optional(Type.String({ default: '30m', description: 'How long the token lives.' })),
  recover: Type.Optional(
    Type.Union([Type.Literal('resume'), Type.Literal('reset')], {
      default: 'resume',
      description:
        'For a join that did not finish. A worker that never got a certificate is always cleaned and joined again; a control plane, and a node whose credentials are refused, only with `reset`.',
    }),
  ),
  timeout: Type.Optional(Type.Number({ default: 600, description: 'Seconds for kubeadm as a whole.' })),
});

export type JoinParams = Static<typeof joinParams>;

export interface JoinPlan {
  /** `restart`: the kubelet registers its node again. */
  readonly mode: 'join' | 'reset' | 'restart';
  readonly node: string;
  readonly kubeadm: string | undefined;
}

/** v1beta4 came with 1.31; 1.30 and earlier know v1beta3 only. */
export function configVersion(kubeadm: string | undefined): string {
  const minor = Number(/^v1\.(\d+)/.exec(kubeadm ?? '')?.[1] ?? 31);
  return minor >= 31 ? 'kubeadm.k8s.io/v1beta4' : 'kubeadm.k8s.io/v1beta3';
}

/** A map in v1beta3, a list in v1beta4. */
function extraArgs(apiVersion: string, args: Readonly<Record<string, string>>): unknown {
  if (apiVersion.endsWith('v1beta3')) return args;
  return Object.entries(args).map(([name, value]) => ({ name, value }));
}

function joinConfiguration(plan: JoinPlan, ticket: Ticket, p: JoinParams): string {
  const { endpoint, token, caCertHash, certificateKey } = ticket;
  const apiVersion = configVersion(plan.kubeadm);
  const registration = {
    ...(p.node_name === undefined ? {} : { name: p.node_name }),
    ...(p.cri_socket === undefined ? {} : { criSocket: p.cri_socket }),
    ...(p.taints === undefined ? {} : { taints: p.taints }),
    ...(p.kubelet_extra_args === undefined
      ? {}
      : { kubeletExtraArgs: extraArgs(apiVersion, p.kubelet_extra_args) }),
    ...p.node_registration,
  };
  const controlPlane = {
    ...(certificateKey === undefined ? {} : { certificateKey }),
    ...(p.advertise_address === undefined && p.bind_port === undefined
      ? {}
      : {
          localAPIEndpoint: {
            ...(p.advertise_address === undefined ? {} : { advertiseAddress: p.advertise_address }),
            ...(p.bind_port === undefined ? {} : { bindPort: p.bind_port }),
          },
        }),
  };
  return stringify({
    apiVersion,
    kind: 'JoinConfiguration',
    discovery: { bootstrapToken: { apiServerEndpoint: endpoint, token, caCertHashes: [caCertHash] } },
    ...(Object.keys(registration).length > 0 ? { nodeRegistration: registration } : {}),
    ...(p.role === 'control_plane' ? { controlPlane } : {}),
  });
}

async function ticketFor(host: Host, p: JoinParams): Promise<Ticket> {
  const { from, endpoint, token, ca_cert_hash, certificate_key } = p;
  if (from === undefined)
    return { endpoint: endpoint!, token: token!, caCertHash: ca_cert_hash!, certificateKey: certificate_key };
  host.progress(`asking ${from} for a token`);
  return mintTicket(host.on(from), {
    endpoint,
    caCertHash: ca_cert_hash,
    ttl: p.token_ttl ?? '30m',
    controlPlane: p.role === 'control_plane',
    config: p.from_config ?? '/etc/kubernetes/kubeadm.yaml',
    description: `slipway: join of ${host.name}`,
  });
}

/** Holds the token for as long as kubeadm runs; /run is no disk. */
const FILE = '/run/slipway/kubeadm-join.yaml';

/** Brings a host into the cluster as `plan` says, and waits until the API has it. @throws {SlipwayError} */
export async function joinHost(host: Host, plan: JoinPlan, p: JoinParams): Promise<void> {
  const timeout = (p.timeout ?? 600) * 1000;
  if (plan.mode === 'restart') {
    await host.run(sh`systemctl restart kubelet`);
    return registered(host, plan.node, p);
  }
  if (plan.mode === 'reset') {
    host.progress('cleaning the unfinished join');
    const socket = p.cri_socket === undefined ? [] : [`--cri-socket=${p.cri_socket}`];
    await runKubeadm(host, sh`kubeadm reset ${['--force', ...socket]}`, 'kubeadm reset', timeout);
  }
  const ticket = await ticketFor(host, p);
  await host.send(
    { bytes: Buffer.from(joinConfiguration(plan, ticket, p)) },
    sh`umask 077 && mkdir -p /run/slipway && cat > ${FILE}`,
  );
  try {
    const ignored = p.ignore_preflight_errors ?? [];
    const words = [
      `--config=${FILE}`,
      ...(ignored.length > 0 ? [`--ignore-preflight-errors=${ignored.join(',')}`] : []),
    ];
    await runKubeadm(host, sh`kubeadm join ${words}`, 'kubeadm join', timeout);
  } finally {
    await host.run(sh`rm -f ${FILE}`);
  }
  await registered(host, plan.node, p);
  // It would expire by itself; a failure to delete it changes nothing for the node.
  if (p.from !== undefined)
    await host.on(p.from).run(sh`kubeadm token delete ${ticket.token.slice(0, 6)}`, { anyExit: true });
}

/** Waits until the API has the node: asked through the control plane where there is one, else as the kubelet. */
async function registered(host: Host, node: string, p: JoinParams): Promise<void> {
  const asked = p.from === undefined ? host : host.on(p.from);
  const conf = p.from === undefined ? '/etc/kubernetes/kubelet.conf' : '/etc/kubernetes/admin.conf';
  const question = sh`kubectl --kubeconfig ${conf} --request-timeout=5s get node ${node} --ignore-not-found -o name`;
  host.progress('waiting for the node to be in the API');
  for (let attempt = 0; attempt < 60; attempt++) {
    const answer = await asked.run(question, { anyExit: true });
    if (answer.code === 0 && answer.stdout.trim() !== '') return;
    // Without kubectl nobody can be asked; the probe after this judges by the kubelet's certificate.
    if (answer.code === 127) return;
    await host.sleep(2000);
  }
  throw new SlipwayError('task.failed', `kubeadm join ended well, but the API has no node ${node}`, {
    hint: 'See `journalctl -u kubelet` on the node.',
  });
}
