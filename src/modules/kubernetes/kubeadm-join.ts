import { Type } from 'typebox';
import { SlipwayError } from '../../base/errors.ts';
import { change, defineState, impossible, same, type Verdict } from '../../module/contract.ts';
import { type JoinParams, type JoinPlan, joinHost, joinParams } from './join-host.ts';
import { classifyJoin, type Role } from './join-state.ts';
import { type NodeFacts, probeNode, readNode } from './node-probe.ts';
import { becomesMember, foreseeNode, nodeTouches } from './outlook.ts';

export const kubeadmJoin = defineState({
  name: 'kubeadm_join',
  summary: 'A worker or a further control plane of a cluster.',
  description: `
A worker is done when its kubelet has a certificate of its own, its CA is the cluster's, and the API (asked with the
kubelet's own credentials) has the node. A control plane also needs its static Pods, an etcd member and its label.

Token and keys go to kubeadm in a file that only root reads and that is removed again, never on a command line. A token
made for a join is deleted after it. Join control planes one after the other (\`serial: 1\`), workers as many as you like.
`,
  params: joinParams,
  returns: Type.Object({
    classification: Type.String({ description: '`complete` once it is done.' }),
    node_name: Type.String(),
    ca_cert_hash: Type.Optional(Type.String()),
    endpoint: Type.Optional(Type.String()),
  }),
  examples: [
    {
      title: 'a worker, let in by a control plane of the inventory',
      yaml: `
        - kubeadm_join: {from: "{{groups.control_plane.[0]}}"}
          become: true
      `,
      skip: 'needs a cluster; test/e2e/bootstrap covers it',
    },
    {
      title: 'with a token that you have',
      yaml: `
        - kubeadm_join:
            endpoint: 192.168.0.200:6443
            token: rw4enn.mvk547juq7qi2b5f
            ca_cert_hash: sha256:ba260d5191213382a806a9a7d92c9e6bb09061847c7914b1ac584d0c69471579
          become: true
      `,
      skip: 'needs a cluster; test/e2e/bootstrap covers it',
    },
  ],
  secretParams: ['token', 'certificate_key'],
  detached: true,

  prepare: (p) => {
    if (p.from !== undefined) return p;
    const needed = [
      'endpoint',
      'token',
      'ca_cert_hash',
      ...(p.role === 'control_plane' ? ['certificate_key'] : []),
    ];
    const missing = needed.filter((name) => !p[name as keyof JoinParams]);
    if (missing.length === 0) return p;
    throw new SlipwayError(
      'task.invalid',
      `kubeadm_join: without from, ${missing.join(', ')} must be given`,
      {
        hint: 'Give from: NAME of a control plane in the inventory; it makes them.',
      },
    );
  },

  probe: (p) => probeNode({ node: p.node_name, ask: 'kubelet' }),
  read: (output) => readNode(output),
  compare: (facts, p) => compare(facts, p),
  apply: (plan, p) => (host) => joinHost(host, plan, p),
  tolerates: ['ca_cert_hash', 'endpoint', 'token', 'certificate_key'],
  touches: nodeTouches,
  foresee: (facts, _p, outlook) => foreseeNode(facts, outlook),
  effects: () => becomesMember(false),

  result: (facts, p) => result(classifyJoin(facts, roleOf(p), p.ca_cert_hash).is, facts),
  forecast: (_, facts) => ({ classification: 'complete', node_name: facts.node }),
});

function result(classification: string, facts: NodeFacts) {
  const hash = facts.caHash ?? facts.kubeletCaHash;
  const server = facts.kubeletServer?.replace(/^https:\/\//, '');
  return {
    classification,
    node_name: facts.node,
    ...(hash === undefined ? {} : { ca_cert_hash: hash }),
    ...(server === undefined ? {} : { endpoint: server }),
  };
}

const roleOf = (p: JoinParams): Role => p.role ?? 'worker';
const NAMES: Readonly<Record<Role, string>> = { worker: 'worker', control_plane: 'control plane' };

function compare(facts: NodeFacts, p: JoinParams): Verdict<JoinPlan> {
  if (!facts.root) return impossible('only root sees the state of a node', 'Set become: true.');
  const role = roleOf(p);
  const joined = classifyJoin(facts, role, p.ca_cert_hash);
  const to = (why: string, mode: JoinPlan['mode']): Verdict<JoinPlan> =>
    change(why, [{ subject: `${NAMES[role]} ${facts.node}`, before: joined.is, after: 'complete' }], {
      mode,
      node: facts.node,
      kubeadm: facts.kubeadm,
    });
  switch (joined.is) {
    case 'complete':
      return same(`${facts.node} is a ${NAMES[role]} of the cluster; ${joined.note}`);
    case 'absent':
      return to('it is in no cluster', 'join');
    case 'deleted':
      return to('the API has no such node, though its credentials are good', 'restart');
    case 'partial': {
      const why = `a join did not finish: ${joined.missing.join(', ')} missing`;
      if (role === 'worker' || p.recover === 'reset') return to(`${why}; clean and join again`, 'reset');
      return impossible(why, 'To clean this host (and its etcd member) and join it again: recover: reset.');
    }
    case 'stale':
      if (p.recover === 'reset') return to('its credentials are refused; clean and join again', 'reset');
      return impossible(
        `the API server refuses its credentials: ${joined.why}`,
        'The cluster was rebuilt or its certificates have expired. To clean this host and join it again: recover: reset.',
      );
    case 'silent':
      return impossible(
        `it has joined, but the API server does not answer: ${joined.why}`,
        `Check ${facts.kubeletServer ?? 'the control plane'}; nothing was changed.`,
      );
    case 'foreign':
      return impossible(
        `the host is foreign: its CA is ${facts.caHash ?? facts.kubeletCaHash}, not ${p.ca_cert_hash}`,
        'It belongs to another cluster. Check the inventory; to give it up there, run kubeadm_reset.',
      );
    case 'renamed':
      return impossible(
        `the node is registered as ${joined.old}, but the host is called ${facts.node}`,
        `Give node_name: ${joined.old}, or reset the node and join it under its new name.`,
      );
    case 'other-role':
      return impossible(`the host is a ${NAMES[joined.role]} already`, 'Reset it first (kubeadm_reset).');
  }
}
