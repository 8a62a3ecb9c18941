import { SlipwayError } from '../../../base/errors.ts';
import { flag, map, number, type Setting, set, text, texts, value } from './setting.ts';
import { bytesOf, sizeText } from './units.ts';

const LIVE = { live: true };

const size = (name: 'memory' | 'memory_reservation' | 'memory_swap' | 'shm_size', path: string, row = {}) =>
  value(
    name,
    `HostConfig.${path}`,
    (p) => {
      const given = p[name];
      return given === undefined ? undefined : bytesOf(name, given);
    },
    (bytes) => sizeText(Number(bytes ?? 0)),
    row,
  );

const capability = (name: string) => name.toUpperCase().replace(/^CAP_/, '');
const capabilities = (value: unknown) => ((value ?? []) as string[]).map(capability);

interface Device {
  readonly PathOnHost: string;
  readonly PathInContainer: string;
  readonly CgroupPermissions: string;
}

function deviceOf(given: string): Device {
  const [host = '', inside = host, permissions = 'rwm'] = given.split(':');
  return { PathOnHost: host, PathInContainer: inside, CgroupPermissions: permissions };
}

interface Ulimit {
  readonly Name: string;
  readonly Soft: number;
  readonly Hard: number;
}

/** @throws {SlipwayError} task.invalid */
function ulimitOf(given: string): Ulimit {
  const [, name, soft, hard = soft] = /^([a-z]+)[:=](-?\d+)(?::(-?\d+))?$/.exec(given) ?? [];
  if (name === undefined)
    throw new SlipwayError('task.invalid', `"${given}" is no ulimit`, { hint: 'Write nofile:1024:2048.' });
  return { Name: name, Soft: Number(soft), Hard: Number(hard) };
}

/** What a container may use, and what it may do. */
export const limits: readonly Setting[] = [
  size('memory', 'Memory', LIVE),
  size('memory_reservation', 'MemoryReservation', LIVE),
  size('memory_swap', 'MemorySwap', LIVE),
  value(
    'cpus',
    'HostConfig.NanoCpus',
    (p) => (p.cpus === undefined ? undefined : Math.round(p.cpus * 1e9)),
    (nano) => String(Number(nano ?? 0) / 1e9),
    LIVE,
  ),
  number('cpu_shares', 'HostConfig.CpuShares', (p) => p.cpu_shares, LIVE),
  text('cpuset_cpus', 'HostConfig.CpusetCpus', (p) => p.cpuset_cpus, LIVE),
  value(
    'pids_limit',
    'HostConfig.PidsLimit',
    (p) => p.pids_limit,
    (limit) => (Number(limit ?? 0) > 0 ? String(limit) : 'unlimited'),
    LIVE,
  ),
  size('shm_size', 'ShmSize'),
  map(
    'ulimits',
    'HostConfig.Ulimits',
    (p) => p.ulimits?.map(ulimitOf),
    (value) =>
      Object.fromEntries(
        ((value ?? []) as Ulimit[]).map(({ Name, Soft, Hard }) => [Name, `${Soft}:${Hard}`]),
      ),
  ),
  flag('privileged', 'HostConfig.Privileged', (p) => p.privileged),
  set('capabilities', 'HostConfig.CapAdd', (p) => p.capabilities?.map(capability), capabilities),
  set('cap_drop', 'HostConfig.CapDrop', (p) => p.cap_drop?.map(capability), capabilities),
  set(
    'devices',
    'HostConfig.Devices',
    (p) => p.devices?.map(deviceOf),
    (value) =>
      ((value ?? []) as Device[]).map(
        ({ PathOnHost, PathInContainer, CgroupPermissions }) =>
          `${PathOnHost}:${PathInContainer}:${CgroupPermissions}`,
      ),
  ),
  set('security_opts', 'HostConfig.SecurityOpt', (p) => p.security_opts),
  map('sysctls', 'HostConfig.Sysctls', (p) => p.sysctls && texts(p.sysctls)),
  text('pid_mode', 'HostConfig.PidMode', (p) => p.pid_mode),
  text('ipc_mode', 'HostConfig.IpcMode', (p) => p.ipc_mode),
  text('userns_mode', 'HostConfig.UsernsMode', (p) => p.userns_mode),
  text('cgroupns_mode', 'HostConfig.CgroupnsMode', (p) => p.cgroupns_mode),
  text('runtime', 'HostConfig.Runtime', (p) => p.runtime),
];
