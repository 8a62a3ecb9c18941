import { type Static, Type } from 'typebox';
import { SlipwayError } from '../../base/errors.ts';
import { change, defineState, impossible, same, type Verdict } from '../../module/contract.ts';
import type { Host } from '../../module/host.ts';
import { type Program, sh } from '../../module/program.ts';
import { sameHash } from './ca-hash.ts';
import { clusterConfig, classify, describe, type Membership, type Phase, PHASES } from './init-phases.ts';
import { runKubeadm } from './kubeadm-progress.ts';
import { KUBERNETES, type NodeFacts, probeNode, readNode } from './node-probe.ts';
import { becomesMember, foreseeNode, nodeTouches } from './outlook.ts';

const params = Type.Object({
  config: Type.Optional(
    Type.String({
      description:
        'Path on the host of a kubeadm configuration (InitConfiguration and ClusterConfiguration). Excludes the flags below.',
    }),
  ),
  pod_network_cidr: Type.Optional(Type.String({ description: 'Addresses for Pods: `10.244.0.0/16`.' })),
  service_cidr: Type.Optional(Type.String({ description: 'Addresses for Services: `10.96.0.0/12`.' })),
  apiserver_advertise_address: Type.Optional(
    Type.String({ description: 'Address on which the other nodes reach this API server.' }),
  ),
  control_plane_endpoint: Type.Optional(
    Type.String({ description: 'Stable `host:port` of all control planes together.' }),
  ),
  kubernetes_version: Type.Optional(Type.String({ description: 'As in `v1.34.1`.' })),
  cri_socket: Type.Optional(
    Type.String({ description: 'Socket of the container runtime, where there are several.' }),
  ),
  node_name: Type.Optional(
    Type.String({ description: "The node's name; default: the host name in lower case." }),
  ),
  upload_certs: Type.Optional(
    Type.Boolean({
      default: false,
      description: 'Upload the certificates that further control planes need.',
    }),
  ),
  skip_phases: Type.Optional(
    Type.Array(Type.String(), { description: 'Phases to leave out, such as `addon/kube-proxy`.' }),
  ),
  ignore_preflight_errors: Type.Optional(
    Type.Array(Type.String(), { description: 'Checks that only warn, such as `NumCPU`, or `all`.' }),
  ),
  ca_cert_hash: Type.Optional(
    Type.String({ description: 'If the host has another CA than this, it is foreign and nothing is done.' }),
  ),
  recover: Type.Optional(
    Type.Union([Type.Literal('resume'), Type.Literal('reset')], {
      default: 'resume',
      description:
        'For an init that did not finish. `resume` runs the phases that are left while the API server answers; `reset` also runs `kubeadm reset` and starts anew where it does not.',
    }),
  ),
  timeout: Type.Optional(Type.Number({ default: 1200, description: 'Seconds for kubeadm as a whole.' })),
});

type Params = Static<typeof params>;

interface Plan {
  readonly mode: 'init' | 'continue' | 'phases' | 'reset';
  readonly phases: readonly Phase[];
}

export const kubeadmInit = defineState({
  name: 'kubeadm_init',
  summary: 'The first control plane of a cluster.',
  description: `
Looks at all that \`kubeadm init\` leaves (certificates, kubeconfigs, static Pods, the API server, its ConfigMaps, the
node and its label, the kubelet's rotated certificate, the addons) and calls the host *absent*, *partial (phase)*,
*complete* or *foreign*. No single file decides.

- **absent**: \`kubeadm init\` runs.
- **partial**, API server answers: only the phases that are left run, in kubeadm's order.
- **partial**, nothing runs yet: \`kubeadm init\` runs again; it takes up the certificates.
- **partial**, stopped before the kubelet was started: \`kubeadm init\` runs without the phases that are done.
- **partial**, files and data of a control plane that does not answer: an error, unless \`recover: reset\`.
- **complete**: nothing. A finished control plane whose API server is silent is never reset.

The step is detached: it survives a lost connection. A configuration that changes later changes nothing here.
`,
  params,
  returns: Type.Object({
    classification: Type.String({ description: '`complete` once it is done.' }),
    node_name: Type.String(),
    admin_conf: Type.String({ description: 'Path of the admin kubeconfig on the host.' }),
    ca_cert_hash: Type.Optional(Type.String({ description: "`sha256:...` of the CA's public key." })),
    endpoint: Type.Optional(Type.String({ description: '`host:port` of the API server.' })),
    kubernetes_version: Type.Optional(Type.String()),
    cluster_name: Type.Optional(Type.String()),
    control_plane_endpoint: Type.Optional(Type.String()),
    pod_cidr: Type.Optional(Type.String({ description: 'Networks of Pods that the cluster was made with.' })),
    service_cidr: Type.Optional(Type.String({ description: 'Networks of Services that it was made with.' })),
  }),
  examples: [
    {
      title: 'a control plane from a configuration file',
      yaml: `
        - kubeadm_init: {config: /etc/kubernetes/kubeadm.yaml, upload_certs: true}
          become: true
          register: init
        - debug: {msg: 'The CA is {{init.ca_cert_hash}}'}
      `,
      skip: 'needs kubeadm and a container runtime; test/e2e/bootstrap covers it',
    },
    {
      title: 'the one-liner, with flags',
      yaml: `
        - kubeadm_init: {pod_network_cidr: 10.244.0.0/16, apiserver_advertise_address: 192.168.0.200}
          become: true
      `,
      skip: 'needs kubeadm and a container runtime; test/e2e/bootstrap covers it',
    },
  ],
  detached: true,

  prepare: (p) => {
    const mixed = FLAGS.filter(([name]) => p[name] !== undefined).map(([name]) => name);
    if (p.config !== undefined && mixed.length > 0)
      throw new SlipwayError('task.invalid', `kubeadm_init: ${mixed.join(', ')} cannot stand beside config`, {
        hint: 'Write it into the configuration file, or leave config out.',
      });
    return p;
  },

  probe: (p) => probeNode({ node: p.node_name, ask: 'admin' }),
  read: (output) => readNode(output),

  compare: (facts, p): Verdict<Plan> => {
    if (!facts.root) return impossible('only root sees the state of a control plane', 'Set become: true.');
    if (p.ca_cert_hash && facts.caHash !== undefined && !sameHash(facts.caHash, p.ca_cert_hash))
      return impossible(
        `the host is foreign: its CA is ${facts.caHash}, not ${p.ca_cert_hash}`,
        'It belongs to another cluster. Check the inventory; to give it up there, run kubeadm_reset.',
      );
    const membership = classify(facts, p.skip_phases);
    if (membership.is === 'complete') {
      const { kubernetes_version } = clusterConfig(facts);
      return same(
        `${facts.node} is a complete control plane${kubernetes_version ? ` (${kubernetes_version})` : ''}`,
      );
    }
    return compareUnfinished(membership, facts, p);
  },

  apply: (plan, p) => (host) => apply(host, plan, p),
  touches: nodeTouches,
  foresee: (facts, _p, outlook) => foreseeNode(facts, outlook),
  effects: ({ mode }) => becomesMember(mode === 'init' || mode === 'reset'),

  result: (facts, p) => ({
    classification: describe(classify(facts, p.skip_phases)),
    node_name: facts.node,
    admin_conf: `${KUBERNETES}/admin.conf`,
    ...(facts.caHash === undefined ? {} : { ca_cert_hash: facts.caHash }),
    ...(facts.adminServer === undefined ? {} : { endpoint: facts.adminServer.replace(/^https:\/\//, '') }),
    ...clusterConfig(facts),
  }),
  forecast: (_, facts) => ({
    classification: 'complete',
    node_name: facts.node,
    admin_conf: `${KUBERNETES}/admin.conf`,
    ...(facts.caHash === undefined ? {} : { ca_cert_hash: facts.caHash }),
  }),
});

function compareUnfinished(membership: Membership, facts: NodeFacts, p: Params): Verdict<Plan> {
  const difference = (after: string) => [
    { subject: `control plane ${facts.node}`, before: describe(membership), after },
  ];
  if (membership.is === 'absent')
    return change('there is no control plane', difference('complete'), { mode: 'init', phases: [] });
  if (membership.is === 'worker')
    return impossible(
      `the host is a worker of the cluster at ${facts.kubeletServer ?? 'an unknown address'}`,
      'Reset it first (kubeadm_reset).',
    );
  if (membership.is === 'silent')
    return impossible(
      `the host is a finished control plane, but its API server does not answer: ${membership.why}`,
      'See `crictl ps -a` and `journalctl -u kubelet` there. It is not reset by this module; kubeadm_reset does that.',
    );
  if (membership.is === 'complete') return same('complete');
  const names = membership.remaining.map((phase) => phase.name).join(', ');
  const why = `an init stopped at ${membership.phase}`;
  if (membership.api)
    return change(`${why}; left: ${names}`, difference('complete'), {
      mode: 'phases',
      phases: membership.remaining,
    });
  if (membership.fresh)
    return change(`${why}; nothing runs yet`, difference('complete'), { mode: 'init', phases: [] });
  if (p.recover === 'reset')
    return change(`${why} and the API server does not answer; reset and init`, difference('complete'), {
      mode: 'reset',
      phases: [],
    });
  // Without the kubelet's configuration no static Pod was ever started, and nothing can be half written by one.
  const kubeletIsLeft = membership.remaining.some((phase) => phase.name === 'kubelet-start');
  if (kubeletIsLeft && !facts.files.has('etcd-data'))
    return change(`${why}, before the kubelet was started; left: ${names}`, difference('complete'), {
      mode: 'continue',
      phases: membership.remaining,
    });
  return impossible(
    `${why} and the API server does not answer: ${facts.api ?? 'there is no admin.conf or no kubectl'}`,
    'If the API server is only starting, run again in a minute. To give up what is there and start anew: recover: reset (kubeadm_recover=reset with the shipped playbooks).',
  );
}

/** Parameters that are flags of kubeadm where there is no configuration file. */
const FLAGS = [
  ['pod_network_cidr', '--pod-network-cidr'],
  ['service_cidr', '--service-cidr'],
  ['apiserver_advertise_address', '--apiserver-advertise-address'],
  ['control_plane_endpoint', '--control-plane-endpoint'],
  ['kubernetes_version', '--kubernetes-version'],
] as const;

function initProgram(p: Params): Program {
  const words = FLAGS.flatMap(([name, flag]) => (p[name] === undefined ? [] : [`${flag}=${p[name]}`]));
  if (p.config !== undefined) words.push(`--config=${p.config}`);
  else {
    if (p.cri_socket !== undefined) words.push(`--cri-socket=${p.cri_socket}`);
    if (p.node_name !== undefined) words.push(`--node-name=${p.node_name}`);
  }
  if (p.upload_certs) words.push('--upload-certs');
  if (p.skip_phases?.length) words.push(`--skip-phases=${p.skip_phases.join(',')}`);
  return sh`kubeadm init ${[...words, ...ignored(p)]}`;
}

function ignored(p: Params): string[] {
  return p.ignore_preflight_errors?.length
    ? [`--ignore-preflight-errors=${p.ignore_preflight_errors.join(',')}`]
    : [];
}

/** kubeadm init without the phases that are done. */
function continued(phases: readonly Phase[], p: Params): Program {
  const left = new Set(phases.map((phase) => phase.name));
  const done = ['preflight', ...PHASES.map((phase) => phase.name).filter((name) => !left.has(name))];
  return initProgram({ ...p, skip_phases: [...new Set([...done, ...(p.skip_phases ?? [])])] });
}

/** Runs what an unfinished init left. Without a configuration file the flags must be given again, to one init. */
async function finish(host: Host, phases: readonly Phase[], p: Params, timeout: number): Promise<void> {
  if (p.config === undefined) {
    await runKubeadm(host, continued(phases, p), 'kubeadm init', timeout);
    return;
  }
  const config = `--config=${p.config}`;
  for (const [at, phase] of phases.entries()) {
    host.progress(`phase ${phase.name}`, at / phases.length);
    const program = sh`kubeadm init phase ${[...phase.command, config]}`;
    await runKubeadm(host, program, `kubeadm init phase ${phase.name}`, timeout);
  }
  if (!p.upload_certs) return;
  const upload = sh`kubeadm init phase upload-certs --upload-certs ${config}`;
  await runKubeadm(host, upload, 'kubeadm init phase upload-certs', timeout);
}

async function apply(host: Host, plan: Plan, p: Params): Promise<void> {
  const timeout = (p.timeout ?? 1200) * 1000;
  if (plan.mode === 'phases') return finish(host, plan.phases, p, timeout);
  if (plan.mode === 'reset') {
    host.progress('reset of the unfinished init');
    const socket = p.cri_socket === undefined ? [] : [`--cri-socket=${p.cri_socket}`];
    await runKubeadm(host, sh`kubeadm reset ${['--force', ...socket]}`, 'kubeadm reset', timeout);
    await host.run(sh`rm -rf /var/lib/etcd/member`);
  }
  const program = plan.mode === 'continue' ? continued(plan.phases, p) : initProgram(p);
  await runKubeadm(host, program, 'kubeadm init', timeout);
}
