import { type TSchema, Type } from 'typebox';
import { DMI } from './hardware.ts';

const text = Type.String();
const whole = Type.Integer();
const flag = Type.Boolean();
const texts = Type.Array(text);
const open = Type.Record(text, Type.Unknown());

const route = Type.Object({
  interface: text,
  gateway: text,
  address: text,
  broadcast: text,
  netmask: text,
  network: text,
  prefix: text,
  scope: text,
  alias: text,
  macaddress: text,
  mtu: whole,
  type: text,
});

const used = Type.Object({ total: whole, used: whole, free: whole, cached: whole });

const MIN_TEXTS = (
  'distribution distribution_version distribution_major_version distribution_minor_version distribution_release ' +
  'distribution_file_path distribution_file_variety os_family pkg_mgr service_mgr system kernel kernel_version machine ' +
  'architecture userspace_bits userspace_architecture nodename hostname fqdn domain machine_id boot_id cgroup_mode ' +
  'user_id user_gecos user_dir user_shell'
).split(' ');

const MIN_NUMBERS = 'user_uid user_gid real_user_id effective_user_id real_group_id effective_group_id'.split(
  ' ',
);

const HARDWARE_NUMBERS = (
  'memtotal_mb memfree_mb memavailable_mb swaptotal_mb swapfree_mb processor_count processor_cores ' +
  'processor_threads_per_core processor_vcpus processor_nproc uptime_seconds'
).split(' ');

const TIMES = (
  'year month day hour minute second weekday weekday_number weeknumber date time epoch epoch_int iso8601 ' +
  'iso8601_micro iso8601_basic iso8601_basic_short tz tz_dst tz_offset'
).split(' ');

const all = (names: readonly string[], type: typeof text | typeof whole) =>
  Object.fromEntries(names.map((name) => [name, type]));

/** Every fact by name, under the subset that it belongs to. */
const BY_SUBSET: Readonly<Record<string, Record<string, TSchema>>> = {
  min: {
    ...all(MIN_TEXTS, text),
    ...all(MIN_NUMBERS, whole),
    distribution_file_parsed: flag,
    lsb: Type.Object({
      id: text,
      release: text,
      major_release: text,
      codename: text,
      description: text,
    }),
    cmdline: open,
    fips: flag,
    selinux: Type.Object({ status: text, mode: text, config_mode: text, type: text, policyvers: whole }),
    apparmor: Type.Object({ status: text }),
    date_time: Type.Object(all(TIMES, text)),
    env: Type.Record(text, text),
  },
  hardware: {
    ...all([...DMI, 'system_vendor'], text),
    ...all(HARDWARE_NUMBERS, whole),
    memory_mb: Type.Object({ real: used, nocache: used, swap: used }),
    swaps: Type.Array(
      Type.Object({ name: text, type: text, size_kb: whole, used_kb: whole, priority: whole }),
    ),
    processor: texts,
    mounts: Type.Array(
      Type.Object({
        device: text,
        mount: text,
        fstype: text,
        options: text,
        size_total: whole,
        size_available: whole,
      }),
    ),
    loadavg: Type.Object({ '1m': Type.Number(), '5m': Type.Number(), '15m': Type.Number() }),
  },
  network: {
    interfaces: texts,
    all_ipv4_addresses: texts,
    all_ipv6_addresses: texts,
    dns: open,
    listening_tcp: Type.Array(Type.Unknown()),
    default_ipv4: route,
    default_ipv6: route,
  },
  virtual: all(['virtualization_type', 'virtualization_role'], text),
  containers: {
    container_runtimes: Type.Array(Type.Object({ name: text, version: text, socket: text })),
  },
  local: { local: open },
};

const HOST_KEY = '^ssh_host_key_\\w+_public(_keytype)?$';

/**
 * Every fact that `setup` gathers, by name. Facts of network interfaces have the interface's name (`eth0`), so a name
 * that looks like one is let through.
 */
export const FACTS = Type.Object(
  { ...Object.assign({}, ...Object.values(BY_SUBSET)), gather_subset: texts } as Record<string, TSchema>,
  {
    description: 'The facts by name.',
    patternProperties: {
      [HOST_KEY]: { type: 'string' },
      '^(lo|(?:br|bond|team|cilium|kube|lan|wan|mgmt|public|private|virbr|ovs)(_\\w+)?|[a-z][a-z_]*\\d\\w*)$':
        {},
    },
  },
);

/** The subset that brings a fact. A name that is in none can only be that of a network interface. */
function subsetOf(fact: string): string {
  if (fact === 'gather_subset') return 'all';
  const named = Object.keys(BY_SUBSET).find((subset) => Object.hasOwn(BY_SUBSET[subset]!, fact));
  return named ?? (new RegExp(HOST_KEY).test(fact) ? 'min' : 'network');
}

/** `gather_subset` for facts of these names, and no others than come with them. */
export function gatherSubsetFor(facts: Iterable<string>): string[] {
  const subsets = new Set([...facts].map(subsetOf));
  if (subsets.has('all')) return ['all'];
  return subsets.has('min') ? ['!all', ...subsets] : ['!all', '!min', ...subsets];
}
