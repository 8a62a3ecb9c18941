import { Type } from 'typebox';
import { defineQuery } from '../../module/contract.ts';
import { clusterConfig, classify, describe } from './init-phases.ts';
import { probeNode, readNode } from './node-probe.ts';
import { Unclear } from '../../module/outlook.ts';
import { CLUSTER } from './outlook.ts';

export const kubeadmInfo = defineQuery({
  name: 'kubeadm_info',
  summary: 'What a host is to its cluster, and which cluster that is.',
  description: `
Only reads. \`classification\` is \`absent\`, \`partial (phase)\`, \`complete\`, \`worker\`, or \`silent\` (a finished
control plane whose API server does not answer). Fields that a host cannot tell are missing: ask for them with \`has()\`.
`,
  params: Type.Object({
    node_name: Type.Optional(
      Type.String({ description: "The node's name; default: the host name in lower case." }),
    ),
    skip_phases: Type.Optional(
      Type.Array(Type.String(), { description: 'Phases that were left out of the init on purpose.' }),
    ),
  }),
  returns: Type.Object({
    classification: Type.String(),
    node_name: Type.String(),
    ca_cert_hash: Type.Optional(Type.String({ description: "`sha256:...` of the CA's public key." })),
    endpoint: Type.Optional(Type.String({ description: '`host:port` of the API server.' })),
    cluster_name: Type.Optional(Type.String()),
    control_plane_endpoint: Type.Optional(Type.String()),
    pod_cidr: Type.Optional(Type.String({ description: 'Networks of Pods that the cluster was made with.' })),
    service_cidr: Type.Optional(Type.String({ description: 'Networks of Services that it was made with.' })),
    kubernetes_version: Type.Optional(
      Type.String({ description: 'Of the cluster, as its init recorded it.' }),
    ),
    kubeadm_version: Type.Optional(Type.String({ description: 'Of the kubeadm on this host.' })),
  }),
  examples: [
    {
      title: 'do something on a finished control plane only',
      yaml: `
        - kubeadm_info: {}
          become: true
          register: cluster
        - debug: {msg: 'the cluster is up'}
          when: cluster.classification == 'complete'
      `,
    },
  ],
  reads: () => [CLUSTER],
  foresee: (result, _p, outlook) => {
    const then = outlook.of(CLUSTER);
    if (!then) return result;
    const { node_name, kubeadm_version } = result;
    const kept = { node_name, ...(kubeadm_version !== undefined && { kubeadm_version }) };
    if (then.state === 'out') return { ...kept, classification: 'absent' };
    const open = new Unclear(then.by);
    const networks = { pod_cidr: open, service_cidr: open };
    const later = {
      ca_cert_hash: open,
      endpoint: open,
      cluster_name: open,
      control_plane_endpoint: open,
      ...networks,
    };
    return { ...kept, ...later, kubernetes_version: open, classification: 'complete' };
  },
  probe: (p) => probeNode({ node: p.node_name, ask: 'admin' }),
  read: (output, p) => {
    const facts = readNode(output);
    const server = facts.adminServer ?? facts.kubeletServer;
    const hash = facts.caHash ?? facts.kubeletCaHash;
    return {
      classification: describe(classify(facts, p.skip_phases)),
      node_name: facts.node,
      ...(hash === undefined ? {} : { ca_cert_hash: hash }),
      ...(server === undefined ? {} : { endpoint: server.replace(/^https:\/\//, '') }),
      ...(facts.adminCluster === undefined ? {} : { cluster_name: facts.adminCluster }),
      ...(facts.kubeadm === undefined ? {} : { kubeadm_version: facts.kubeadm }),
      ...clusterConfig(facts),
    };
  },
});
