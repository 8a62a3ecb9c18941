import { pathSubject } from '../files/expected.ts';
import { type Static, Type } from 'typebox';
import { SlipwayError } from '../../base/errors.ts';
import {
  change,
  defineState,
  type Difference,
  impossible,
  same,
  type Verdict,
} from '../../module/contract.ts';
import type { Host } from '../../module/host.ts';
import { sh } from '../../module/program.ts';
import { sameHash } from './ca-hash.ts';
import { cleanLeftovers } from './clean-leftovers.ts';
import { runKubeadm } from './kubeadm-progress.ts';
import { type Leftovers, ownKubeconfigs, probeLeftovers, readLeftovers } from './leftovers.ts';
import { Unclear } from '../../module/outlook.ts';
import { CLUSTER, leavesCluster, nodeTouches } from './outlook.ts';

const params = Type.Object({
  from: Type.Optional(
    Type.String({
      description:
        'Another control plane, by its name in the inventory: through it the node is drained and deleted from the API.',
    }),
  ),
  drain: Type.Optional(
    Type.Boolean({ default: true, description: 'Move the Pods away first. Needs `from`.' }),
  ),
  drain_timeout: Type.Optional(Type.Number({ default: 120, description: 'Seconds.' })),
  ca_cert_hash: Type.Optional(
    Type.String({ description: 'If the host is in a cluster with another CA, nothing is done.' }),
  ),
  users: Type.Optional(
    Type.Array(Type.String(), {
      default: ['root'],
      description: 'Users whose `~/.kube/config` is removed, if it leads to this very cluster.',
    }),
  ),
  node_name: Type.Optional(
    Type.String({ description: "The node's name; default: the host name in lower case." }),
  ),
  cri_socket: Type.Optional(
    Type.String({ description: 'Socket of the container runtime, where there are several.' }),
  ),
  timeout: Type.Optional(Type.Number({ default: 600, description: 'Seconds for kubeadm.' })),
});

type Params = Static<typeof params>;

interface Plan {
  readonly left: Leftovers;
  readonly kubeconfigs: readonly string[];
}

export const kubeadmReset = defineState({
  name: 'kubeadm_reset',
  summary: 'A host that is in no cluster, with nothing left of one.',
  description: `
Drains and deletes the node through another control plane, runs \`kubeadm reset --force\`, and removes what that leaves
behind: CNI configuration and state, links (\`cni0\`, \`flannel.1\`, \`kube-ipvs0\`, ...), \`cni-*\` namespaces that
nobody uses, the data of etcd, kubeconfigs of this cluster, and the chains KUBE-*, CNI-* and FLANNEL* with the rules
that lead to them. Tables are never flushed, other chains never touched: SSH stays up. IPVS is cleared only where
kube-proxy's \`kube-ipvs0\` shows that it is Kubernetes'.

Afterwards the host is looked at again: whatever is left makes the task fail and is named. Packages, images and the
runtime's configuration stay. \`/etc/cni/net.d\` files that belong to a package stay, too.
`,
  params,
  returns: Type.Object({
    left: Type.Array(Type.String(), { description: 'What is still there; empty after a reset.' }),
  }),
  examples: [
    {
      title: 'take a worker out of its cluster',
      yaml: `
        - kubeadm_reset: {from: "{{groups.control_plane.[0]}}"}
          become: true
      `,
      skip: 'needs a cluster; test/e2e/bootstrap covers it',
    },
    {
      title: 'make sure that nothing is left on a host',
      yaml: `
        - kubeadm_reset: {users: [root]}
          become: true
      `,
    },
  ],
  detached: true,

  probe: (p) => probeLeftovers({ node: p.node_name, users: p.users ?? ['root'], criSocket: p.cri_socket }),
  read: (output) => readLeftovers(output),

  compare: (left, p): Verdict<Plan> => {
    if (!left.root) return impossible('only root sees what is left of a cluster', 'Set become: true.');
    if (p.ca_cert_hash && left.caHash !== undefined && !sameHash(left.caHash, p.ca_cert_hash))
      return impossible(
        `the host is in another cluster: its CA is ${left.caHash}, not ${p.ca_cert_hash}`,
        'Check the inventory. To reset it all the same, leave ca_cert_hash out.',
      );
    const kubeconfigs = ownKubeconfigs(left, left.caHash ?? p.ca_cert_hash);
    const diff = differences(left, kubeconfigs);
    if (diff.length === 0) return same('nothing of a cluster is on the host');
    const what =
      left.caHash === undefined ? 'remains of a cluster' : `the cluster with the CA ${left.caHash}`;
    return change(`${what} on the host: ${diff.length} things to remove`, diff, { left, kubeconfigs });
  },

  apply: (plan, p) => (host) => apply(host, plan, p),
  tolerates: ['ca_cert_hash'],
  touches: () => [...nodeTouches(), ...LEFT.map(pathSubject)],
  foresee: (left, _p, outlook) => {
    const then = outlook.of(CLUSTER);
    return then ? new Unclear(then.by) : left;
  },
  effects: ({ left, kubeconfigs }) => leavesCluster([...left.paths, ...kubeconfigs]),
  result: (left, p) => ({
    left: differences(left, ownKubeconfigs(left, left.caHash ?? p.ca_cert_hash)).map((one) => one.subject),
  }),
});

/** What else a cluster leaves on a host, where it usually is. */
const LEFT = ['/etc/kubernetes', '/etc/cni/net.d', '/var/lib/cni', '/root/.kube/config'];

function differences(left: Leftovers, kubeconfigs: readonly string[]): Difference[] {
  const named = (kind: string, names: readonly string[]) =>
    names.map((name) => ({ subject: kind === '' ? name : `${kind} ${name}`, before: 'present' }));
  return [
    ...named('', left.paths),
    ...named('mount', left.mounts),
    ...named('', kubeconfigs),
    ...named('link', left.links),
    ...named('network namespace', left.namespaces),
    ...chainGroups(left.chains),
    ...named('nft table', left.tables),
    ...(left.pods.length > 0 ? [{ subject: 'Pods of the runtime', before: String(left.pods.length) }] : []),
  ];
}

/** A cluster makes chains by the hundred: one line for each table. */
function chainGroups(chains: readonly string[]): Difference[] {
  const groups = new Map<string, string[]>();
  for (const line of chains) {
    const [command, table, chain = ''] = line.split(' ');
    const key = `${command} ${table}`;
    groups.set(key, [...(groups.get(key) ?? []), chain]);
  }
  return [...groups].map(([key, names]) => ({
    subject: `${key} chains`,
    before:
      names.length > 8 ? `${names.slice(0, 8).join(' ')} and ${names.length - 8} more` : names.join(' '),
  }));
}

async function apply(host: Host, { left, kubeconfigs }: Plan, p: Params): Promise<void> {
  const controlPlane = p.from === undefined || p.from === host.name ? undefined : host.on(p.from);
  if (controlPlane && p.drain !== false) await drain(host, controlPlane, left.node, p);
  const socket = p.cri_socket === undefined ? [] : [`--cri-socket=${p.cri_socket}`];
  const timeout = (p.timeout ?? 600) * 1000;
  const there = await host.run(sh`command -v kubeadm`, { anyExit: true });
  if (there.code === 0)
    await runKubeadm(host, sh`kubeadm reset ${['--force', ...socket]}`, 'kubeadm reset', timeout);
  host.progress('removing what kubeadm leaves');
  await host.run(cleanLeftovers(left, kubeconfigs, p.cri_socket));
  if (controlPlane) {
    host.progress(`deleting the node through ${controlPlane.name}`);
    await controlPlane.run(kubectl(['delete', 'node', left.node, '--ignore-not-found']));
  }
}

const kubectl = (words: readonly string[]) =>
  sh`kubectl --kubeconfig /etc/kubernetes/admin.conf ${[...words]}`;

async function drain(host: Host, controlPlane: Host, node: string, p: Params): Promise<void> {
  const known = await controlPlane.run(
    kubectl(['--request-timeout=10s', 'get', 'node', node, '--ignore-not-found', '-o', 'name']),
    { anyExit: true },
  );
  if (known.code !== 0)
    throw new SlipwayError(
      'task.failed',
      `${controlPlane.name} cannot ask the API about ${node}: ${known.stderr.trim()}`,
      {
        hint: 'Give a `from` whose API server answers, or leave `from` out to reset the host alone.',
        data: { ...known },
      },
    );
  if (known.stdout.trim() === '') return;
  host.progress(`draining ${node}`);
  const seconds = p.drain_timeout ?? 120;
  const flags = ['--ignore-daemonsets', '--delete-emptydir-data', '--force', `--timeout=${seconds}s`];
  const drained = await controlPlane.run(kubectl(['drain', node, ...flags]), {
    anyExit: true,
    timeout: (seconds + 60) * 1000,
  });
  if (drained.code === 0) return;
  throw new SlipwayError(
    'task.failed',
    `${node} could not be drained: ${drained.stderr.trim().split('\n').at(-1)}`,
    {
      hint: 'A disruption budget may forbid it: scale the workload, raise drain_timeout, or set drain: false.',
      data: { ...drained },
    },
  );
}
