import { type Static, Type } from 'typebox';
import { SlipwayError } from '../../base/errors.ts';
import { defineControl } from '../../module/contract.ts';
import { freeBits, type Network, overlap, parseNetwork } from './network.ts';

const Node = Type.Object({
  host: Type.String(),
  address: Type.Optional(Type.String()),
  second: Type.Optional(
    Type.String({ description: 'Its address of the other family, where Pods have both.' }),
  ),
});

const params = Type.Object({
  pods: Type.String({ description: '`10.244.0.0/16`; one of each family with a comma between them.' }),
  services: Type.String({ description: 'As for `pods`.' }),
  nodes: Type.Optional(
    Type.Union([Type.Array(Node), Type.String()], {
      description:
        'Addresses of the nodes: a list, or as text `ADDRESS SECOND HOST` a line, `-` for what is not known.',
    }),
  ),
});

type Params = Static<typeof params>;
type Node = Static<typeof Node>;

export const preflightNetworks = defineControl({
  name: 'preflight_networks',
  summary: 'Whether the networks of a cluster can be, and fit together and to its nodes.',
  description: `
The networks of Pods and of Services are one network each, or one of each family (IPv4 and IPv6). They start with the same
family and overlap neither each other nor the address of a node, and that of Services has a size that kubeadm takes. A node's
address is of the first family. Touches no host; all that is wrong is said at once.
`,
  params,
  returns: Type.Object({
    families: Type.Array(Type.Integer(), { description: '4 and 6, in the order of the networks of Pods.' }),
  }),
  examples: [
    {
      title: 'a cluster with both families',
      yaml: `
        - preflight_networks:
            pods: 10.244.0.0/16,fd00:10:244::/56
            services: 10.96.0.0/12,fd00:10:96::/112
            nodes: [{host: n1, address: 192.0.2.11, second: '2001:db8::11'}]
      `,
    },
  ],
  evaluate: (p, context) => {
    const pods = parsed('Pods', p.pods);
    const services = parsed('Services', p.services);
    const nodes = nodesOf(p.nodes);
    const found = [
      ...pods.wrong,
      ...services.wrong,
      ...together(pods.networks, services.networks),
      ...nodes.flatMap((node) => wrongNode(node, pods.networks, services.networks)),
    ];
    if (found.length > 0)
      throw new SlipwayError('task.failed', found.map(({ text }) => text).join('; '), {
        hint: `${[...new Set(found.map(({ hint }) => hint))].join(' ')} To go on all the same: preflight_ignore: [network].`,
      });
    const lack = pods.networks.length > 1 ? nodes.filter(({ second }) => second === undefined) : [];
    if (lack.length > 0)
      context.say(
        `${lack.map(({ host }) => host).join(', ')}: no IPv${pods.networks[1]!.family} address is known, and Pods are to have one (node_ip_second)`,
      );
    return { result: { families: pods.networks.map(({ family }) => family), changed: false } };
  },
});

interface Found {
  readonly text: string;
  readonly hint: string;
}

const FORM =
  'pod_cidr and service_cidr are written 10.244.0.0/16, fd00:10:244::/56, or one of each with a comma between them.';

function parsed(whose: string, text: string): { networks: Network[]; wrong: Found[] } {
  const parts = text.split(',').map((part) => part.trim());
  const networks = parts.flatMap((part) => parseNetwork(part) ?? []);
  const bad = parts.filter((part) => !part.includes('/') || parseNetwork(part) === undefined);
  const wrong = bad.map((part) => ({ text: `"${part}" is no network for ${whose}`, hint: FORM }));
  if (wrong.length > 0) return { networks: [], wrong };
  const families = networks.map(({ family }) => family);
  if (networks.length > 2 || new Set(families).size < families.length)
    return {
      networks,
      wrong: [
        {
          text: `${whose} have ${networks.length} networks (${text}), and not one of each family`,
          hint: FORM,
        },
      ],
    };
  return { networks, wrong: [] };
}

function together(pods: readonly Network[], services: readonly Network[]): Found[] {
  const found: Found[] = [];
  const [firstPods] = pods;
  const [firstServices] = services;
  if (firstPods && firstServices && firstPods.family !== firstServices.family)
    found.push({
      text: `Pods are IPv${firstPods.family} first and Services IPv${firstServices.family} first`,
      hint: 'Give pod_cidr and service_cidr the same family first.',
    });
  else if (pods.length > 0 && services.length > pods.length)
    found.push({
      text: `Services have two families and Pods only IPv${firstPods!.family}`,
      hint: 'Give pod_cidr a network of the other family, too.',
    });
  for (const service of services) {
    const free = freeBits(service);
    if (free > 20 || free < 4)
      found.push({
        text: `${service.text} is too ${free > 20 ? 'large' : 'small'} for Services`,
        hint: `kubeadm takes /${service.family === 4 ? '12 to /28' : '108 to /124'} as service_cidr.`,
      });
    for (const pod of pods)
      if (overlap(pod, service))
        found.push({
          text: `the networks of Pods (${pod.text}) and of Services (${service.text}) overlap`,
          hint: 'Give pod_cidr and service_cidr different networks.',
        });
  }
  return found;
}

function wrongNode(node: Node, pods: readonly Network[], services: readonly Network[]): Found[] {
  const found: Found[] = [];
  const own = [node.address, node.second].flatMap((text) =>
    text === undefined ? [] : (parseNetwork(text) ?? []),
  );
  for (const address of own)
    for (const [whose, networks] of [
      ['Pods', pods],
      ['Services', services],
    ] as const)
      for (const network of networks)
        if (overlap(address, network))
          found.push({
            text: `${node.host} has the address ${address.text}, which is in the network of ${whose} (${network.text})`,
            hint: 'Give pod_cidr and service_cidr networks that nothing else around the nodes uses.',
          });
  const [first] = own;
  const [primary] = pods;
  if (node.address !== undefined && first && primary && first.family !== primary.family)
    found.push({
      text: `${node.host} has the address ${first.text}, and the first network of Pods is IPv${primary.family}`,
      hint: `Set node_ip to its IPv${primary.family} address, or give pod_cidr and service_cidr an IPv${first.family} network first.`,
    });
  return found;
}

/** Not known, in a line of text. */
const known = (word: string | undefined) => (word === undefined || word === '-' ? undefined : word);

function nodesOf(nodes: Params['nodes']): Node[] {
  if (typeof nodes !== 'string') return nodes ?? [];
  return nodes
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter((words) => words.length > 1)
    .map(([address, second, host = '']) => ({
      host,
      ...(known(address) === undefined ? {} : { address: address! }),
      ...(known(second) === undefined ? {} : { second: second! }),
    }));
}
