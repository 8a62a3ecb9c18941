import { isIPv4 } from 'node:net';
import { type Static, Type } from 'typebox';
import { SlipwayError } from '../../base/errors.ts';
import { defineQuery } from '../../module/contract.ts';
import { procAddresses } from '../kernel/proc-address.ts';
import { CLUSTER } from './outlook.ts';
import { type HostReport, probeHost, readHost } from './preflight-facts.ts';

const params = Type.Object({
  role: Type.Optional(
    Type.Union([Type.Literal('worker'), Type.Literal('control_plane')], { default: 'worker' }),
  ),
  node_name: Type.Optional(
    Type.String({ description: 'Name that the node is to have; default: the host name.' }),
  ),
  address: Type.Optional(
    Type.String({ description: "The node's address; default: its first one that is not a loopback." }),
  ),
  second_address: Type.Optional(
    Type.String({ description: "The node's address of the other family, in a cluster with IPv4 and IPv6." }),
  ),
  api_port: Type.Optional(Type.Integer({ default: 6443, description: 'Port of the API server.' })),
  endpoint: Type.Optional(
    Type.String({
      description: "Name of the control planes' endpoint, where it must have an address already.",
    }),
  ),
  kubernetes_version: Type.Optional(Type.String({ description: 'As in `1.34.1`; newer ones ask for more.' })),
  ignore: Type.Optional(
    Type.Array(Type.String(), { description: 'Checks to leave out: `cpus`, `memory`, `port`, ...' }),
  ),
});

type Params = Static<typeof params>;

interface Problem {
  readonly check: string;
  readonly message: string;
  readonly hint: string;
}

export const preflight = defineQuery({
  name: 'preflight',
  summary: 'Whether a host can become a node; changes nothing.',
  description: `
Checks \`root\`, \`apt\`, \`hostname\`, \`cpus\` and \`memory\` (control planes: 2 and 1700 MB), \`cgroup\` (Kubernetes
1.35 wants v2), \`machine_id\`, that the \`endpoint\` can be looked up, that the \`node_address\` is the host's own, and that every \`port\` a node needs is free. A
host that is a member already has its ports taken rightly, but must run the minor \`version\` that is wanted. All that is
wrong is said at once. What it returns is compared over all hosts by \`preflight_compare\`.
`,
  params,
  returns: Type.Object({
    hostname: Type.String(),
    node_name: Type.String(),
    address: Type.Optional(Type.String()),
    second_address: Type.Optional(Type.String()),
    machine_id: Type.String(),
    product_uuid: Type.String(),
    macs: Type.Array(Type.String()),
    member: Type.Boolean({ description: 'It has files of a cluster already.' }),
    arch: Type.String(),
    cpus: Type.Integer(),
    memory_mb: Type.Integer(),
    time_synchronised: Type.Optional(
      Type.Boolean({ description: 'A time service keeps its clock; not there where systemd cannot tell.' }),
    ),
    clock_offset: Type.Number({
      description:
        "Seconds between its clock and the controller's: only differences between hosts mean anything.",
    }),
  }),
  examples: [
    {
      title: 'look at a host that is to become a worker',
      yaml: `
        - preflight: {role: worker, ignore: [memory]}
          become: true
          register: report
      `,
    },
  ],
  probe: (p) => probeHost(p.endpoint),
  reads: () => [CLUSTER],
  read: (output, p) => {
    const now = Date.now() / 1000;
    const report = readHost(output.stdout);
    const ignored = new Set(p.ignore ?? []);
    const found = problems(report, p).filter(({ check }) => !ignored.has(check));
    if (found.length > 0)
      throw new SlipwayError(
        'task.failed',
        found.map(({ check, message }) => `${check}: ${message}`).join('; '),
        {
          hint: `${[...new Set(found.map(({ hint }) => hint))].join(' ')} To go on all the same: preflight_ignore: [${[...new Set(found.map(({ check }) => check))].join(', ')}].`,
        },
      );
    const address = p.address ?? ownAddress(report);
    return {
      hostname: report.hostname,
      node_name: p.node_name ?? report.hostname,
      ...(address === undefined ? {} : { address }),
      ...(p.second_address === undefined ? {} : { second_address: p.second_address }),
      machine_id: report.machineId,
      product_uuid: report.productUuid,
      macs: [...report.macs],
      member: report.member,
      arch: report.arch,
      cpus: report.cpus,
      memory_mb: report.memory,
      ...(report.synchronised === undefined ? {} : { time_synchronised: report.synchronised }),
      clock_offset: Math.round(report.seconds - now),
    };
  },
});

const isOutside = (address: string) => !/^127\.|^::1$|^fe80:/i.test(address);

function ownAddress(report: HostReport): string | undefined {
  const outside = report.addresses.filter(isOutside);
  return outside.find((address) => isIPv4(address)) ?? outside[0];
}

/** The control plane's own ports beside that of the API server, which can be another. */
const CONTROL_PLANE = [2379, 2380, 10257, 10259];
const KUBELET = 10250;

function problems(report: HostReport, p: Params): Problem[] {
  const found: Problem[] = [];
  const say = (check: string, message: string, hint: string) => void found.push({ check, message, hint });
  const controlPlane = p.role === 'control_plane';
  if (!report.root) say('root', 'not root', 'Set become: true.');
  if (!report.apt) say('apt', 'there is no apt-get', 'Use Debian or Ubuntu.');
  const name = p.node_name ?? report.hostname;
  if (!/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/i.test(name))
    say('hostname', `"${name}" cannot name a node`, 'Use letters, digits, dashes and dots.');
  if (report.machineId === '') say('machine_id', '/etc/machine-id is empty', 'Run systemd-machine-id-setup.');
  if (controlPlane && report.cpus < 2)
    say('cpus', `${report.cpus} CPU, a control plane needs 2`, 'Give the machine another CPU.');
  if (controlPlane && report.memory < 1700)
    say('memory', `${report.memory} MB, a control plane needs 1700`, 'Give the machine more memory.');
  const minor = minorOf(p.kubernetes_version);
  if (report.cgroup === 'none' || (report.cgroup === 'v1' && minor >= 35))
    say('cgroup', `cgroup ${report.cgroup}`, 'Boot with systemd.unified_cgroup_hierarchy=1.');
  const own = report.addresses.filter(isOutside);
  for (const [address, variable] of [
    [p.address, 'node_ip'],
    [p.second_address, 'node_ip_second'],
  ] as const)
    if (address !== undefined && isOutside(address) && own.length > 0 && !own.includes(address))
      say(
        'node_address',
        `${address} is no address of the host, which has ${own.join(', ')}`,
        `Set ${variable} to the address by which the nodes reach this one.`,
      );
  if (report.endpoint === false)
    say(
      'endpoint',
      `${p.endpoint} has no address here`,
      'Put the name of control_plane_endpoint into DNS, or into /etc/hosts of all nodes (hosts_entry).',
    );
  if (report.member) {
    const runs = minorOf(report.kubelet);
    if (minor > 0 && runs > 0 && runs !== minor)
      say(
        'version',
        `the node runs Kubernetes ${report.kubelet?.replace(/-.*$/, '')}, not ${p.kubernetes_version}`,
        'This does not upgrade a cluster: set kubernetes_version to what it runs, and upgrade with `kubeadm upgrade`.',
      );
    return found;
  }
  for (const port of controlPlane ? [p.api_port ?? 6443, ...CONTROL_PLANE, KUBELET] : [KUBELET])
    if (taken(report, port, p.address))
      say('port', `${port} is in use`, 'Stop what listens there, or reset what is left of a cluster.');
  return found;
}

/** 34 of `v1.34.1` and of `1.34.1-1.1`; 0 where it is no such version. */
function minorOf(version: string | undefined): number {
  return Number(/^v?1\.(\d+)/.exec(version ?? '')?.[1] ?? 0);
}

/** By a listener on all addresses, or on the node's own; without one, by any that is not on a loopback. */
function taken(report: HostReport, port: number, address: string | undefined): boolean {
  return report.listening.some((one) => {
    if (one.port !== port) return false;
    if (/^0+$/.test(one.address)) return true;
    if (address !== undefined) return procAddresses(address).includes(one.address);
    return !/^.{0,6}7F$|0100007F$|^0+1000000$/.test(one.address);
  });
}
