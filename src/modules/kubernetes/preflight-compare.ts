import { type Static, Type } from 'typebox';
import { SlipwayError } from '../../base/errors.ts';
import { defineControl } from '../../module/contract.ts';

const Report = Type.Object({
  host: Type.String(),
  hostname: Type.String(),
  node_name: Type.Optional(
    Type.String({ description: 'Name that the node is to have; compared in place of `hostname`.' }),
  ),
  address: Type.Optional(Type.String()),
  machine_id: Type.Optional(Type.String()),
  product_uuid: Type.Optional(Type.String()),
  macs: Type.Optional(Type.Array(Type.String())),
  clock_offset: Type.Optional(Type.Number()),
  time_synchronised: Type.Optional(Type.Boolean()),
});

type Report = Static<typeof Report>;

interface Found {
  readonly check: string;
  readonly text: string;
}

export const preflightCompare = defineControl({
  name: 'preflight_compare',
  summary: 'Whether hosts differ where the nodes of a cluster must differ.',
  description: `
Compares what \`preflight\` found: \`hostname\`, \`address\`, \`machine_id\`, \`product_uuid\` and \`mac\` must be unique,
and the clocks (\`clock\`) must agree with each other. Hosts whose clock no time service keeps are named, and are no
failure. Touches no host; all that is wrong is said at once.
`,
  params: Type.Object({
    reports: Type.Union([Type.Array(Report), Type.String()], {
      description: 'A list, or as text one JSON object a line; each with `host`.',
    }),
    max_skew: Type.Optional(
      Type.Number({ default: 5, description: 'Seconds between the clocks of two hosts.' }),
    ),
    ignore: Type.Optional(
      Type.Array(Type.String(), { description: 'Comparisons to leave out: `mac`, `product_uuid`, ...' }),
    ),
  }),
  returns: Type.Object({ compared: Type.Integer({ description: 'How many hosts.' }) }),
  examples: [
    {
      title: 'two hosts that may form a cluster',
      yaml: `
        - preflight_compare:
            reports:
              - {host: n1, hostname: n1, machine_id: aa, clock_offset: 0}
              - {host: n2, hostname: n2, machine_id: bb, clock_offset: 1}
      `,
    },
  ],
  evaluate: (p, context) => {
    const reports = typeof p.reports === 'string' ? fromLines(p.reports) : p.reports;
    const ignored = new Set(p.ignore ?? []);
    const found = [
      ...FIELDS.filter(([check]) => !ignored.has(check)).flatMap(([check, values]) =>
        twice(check, values, reports),
      ),
      ...(ignored.has('clock') ? [] : skew(reports, p.max_skew ?? 5)),
    ];
    if (found.length > 0)
      throw new SlipwayError('task.failed', found.map(({ text }) => text).join('; '), {
        hint: adviceFor([...new Set(found.map(({ check }) => check))]),
      });
    const drifting = ignored.has('clock') ? [] : reports.filter((one) => one.time_synchronised === false);
    if (drifting.length > 0)
      context.say(`no time service keeps the clock of ${drifting.map((one) => one.host).join(', ')}`);
    return { result: { compared: reports.length, changed: false } };
  },
});

const FIELDS: readonly (readonly [string, (report: Report) => readonly (string | undefined)[]])[] = [
  ['hostname', (report) => [(report.node_name ?? report.hostname).toLowerCase()]],
  ['address', (report) => [report.address]],
  ['machine_id', (report) => [report.machine_id]],
  ['product_uuid', (report) => [report.product_uuid]],
  ['mac', (report) => report.macs ?? []],
];

const ADVICE: Readonly<Record<string, string>> = {
  hostname: 'Give each its own node_name.',
  address: 'Set node_ip, where hosts share the address of their default route.',
  machine_id:
    'Machines cloned from one image share it: empty /etc/machine-id and run systemd-machine-id-setup.',
  product_uuid: 'Have the hypervisor give each machine its own UUID.',
  mac: 'Have the hypervisor give each machine its own MAC address.',
  clock: 'Run a time service, such as systemd-timesyncd or chrony.',
};

function adviceFor(checks: readonly string[]): string {
  const advice = checks.flatMap((check) => ADVICE[check] ?? []);
  return `${advice.join(' ')} To go on all the same: preflight_ignore: [${checks.join(', ')}].`;
}

function fromLines(text: string): Report[] {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const report = JSON.parse(line) as Report;
      if (typeof report.host === 'string') return report;
      throw new SlipwayError('task.invalid', `preflight_compare: a report has no host: ${line}`, {
        hint: 'Each line is a JSON object with `host`, or nobody could be told apart.',
      });
    });
}

function twice(
  check: string,
  values: (report: Report) => readonly (string | undefined)[],
  reports: readonly Report[],
): Found[] {
  const owners = new Map<string, Set<string>>();
  for (const report of reports)
    for (const value of values(report))
      if (value) owners.set(value, (owners.get(value) ?? new Set()).add(report.host));
  return [...owners]
    .filter(([, hosts]) => hosts.size > 1)
    .map(([value, hosts]) => ({ check, text: `${check} ${value} is that of ${[...hosts].join(' and ')}` }));
}

/** The controller's own clock is in every offset, so it falls out of the difference. */
function skew(reports: readonly Report[], most: number): Found[] {
  const known = reports
    .filter((report) => report.clock_offset !== undefined)
    .sort((a, b) => a.clock_offset! - b.clock_offset!);
  const [slowest, fastest] = [known[0], known.at(-1)];
  if (slowest === undefined || fastest === undefined) return [];
  const difference = fastest.clock_offset! - slowest.clock_offset!;
  if (difference <= most) return [];
  return [{ check: 'clock', text: `clock: ${fastest.host} is ${difference} s ahead of ${slowest.host}` }];
}
