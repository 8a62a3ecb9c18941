import { healthcheckOf, viewHealthcheck } from './healthcheck.ts';
import { mountsOf, viewMounts } from './mounts.ts';
import type { ContainerParams } from './params.ts';
import { exposedPorts, portBindings, type PortBindings, portTexts } from './ports.ts';
import { flag, list, map, number, pairs, type Setting, set, text, textOf, texts, value } from './setting.ts';
import { limits } from './settings-limits.ts';
import { bindText, volumeOf } from './volumes.ts';
import { commandOf } from './words.ts';

const INHERITED = { inherited: true };

const keys = (value: unknown) => Object.keys((value ?? {}) as object);
const asKeys = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, {}]));
const joined = (map: Readonly<Record<string, unknown>> | undefined, separator: string) =>
  map && Object.entries(map).map(([key, one]) => `${key}${separator}${String(one)}`);

const volumes = (p: ContainerParams, own: boolean) =>
  p.volumes?.map(volumeOf).filter(({ source }) => (source === undefined) === own);

const restart = (value: unknown) => {
  const { Name, MaximumRetryCount } = (value ?? {}) as { Name?: string; MaximumRetryCount?: number };
  return `${Name || 'no'}${MaximumRetryCount ? `:${MaximumRetryCount}` : ''}`;
};

/** All that can be declared of a container and is told by `docker inspect` in the same place. */
export const SETTINGS: readonly Setting[] = [
  list('command', 'Config.Cmd', (p) => commandOf('command', p.command)),
  list('entrypoint', 'Config.Entrypoint', (p) => commandOf('entrypoint', p.entrypoint)),
  map('env', 'Config.Env', (p) => joined(p.env, '='), pairs('='), INHERITED),
  map('labels', 'Config.Labels', (p) => p.labels && texts(p.labels), texts, INHERITED),
  text('user', 'Config.User', (p) => p.user),
  text('hostname', 'Config.Hostname', (p) => p.hostname),
  text('domainname', 'Config.Domainname', (p) => p.domainname),
  text('working_dir', 'Config.WorkingDir', (p) => p.working_dir),
  flag('tty', 'Config.Tty', (p) => p.tty),
  flag('interactive', 'Config.OpenStdin', (p) => p.interactive),
  text('stop_signal', 'Config.StopSignal', (p) => p.stop_signal),
  text('stop_timeout', 'Config.StopTimeout', (p) => p.stop_timeout),
  map('healthcheck', 'Config.Healthcheck', (p) => healthcheckOf(p.healthcheck), viewHealthcheck, INHERITED),
  set(
    'exposed_ports',
    'Config.ExposedPorts',
    (p) => p.exposed_ports && asKeys(exposedPorts(p.exposed_ports)),
    keys,
    INHERITED,
  ),
  set(
    'volumes',
    'Config.Volumes',
    (p) => {
      const own = volumes(p, true);
      return own && asKeys(own.map(({ target }) => target));
    },
    keys,
    INHERITED,
  ),
  set(
    'volumes',
    'HostConfig.Binds',
    (p) => volumes(p, false)?.map(bindText),
    (value) => ((value ?? []) as string[]).map((bind) => bindText(volumeOf(bind))),
  ),
  set('volumes_from', 'HostConfig.VolumesFrom', (p) => p.volumes_from),
  map('mounts', 'HostConfig.Mounts', (p) => mountsOf(p.mounts), viewMounts),
  map('tmpfs', 'HostConfig.Tmpfs', (p) => p.tmpfs && pairs(':')(p.tmpfs), texts),
  set(
    'published_ports',
    'HostConfig.PortBindings',
    (p) => p.published_ports && portBindings(p.published_ports),
    (value) => portTexts(value as PortBindings),
  ),
  flag('publish_all_ports', 'HostConfig.PublishAllPorts', (p) => p.publish_all_ports),
  value(
    'network_mode',
    'HostConfig.NetworkMode',
    (p) => p.network_mode,
    (mode) => (mode === 'bridge' || mode === '' ? 'default' : textOf(mode)),
  ),
  list('dns_servers', 'HostConfig.Dns', (p) => p.dns_servers),
  list('dns_search_domains', 'HostConfig.DnsSearch', (p) => p.dns_search_domains),
  list('dns_opts', 'HostConfig.DnsOptions', (p) => p.dns_opts),
  map('etc_hosts', 'HostConfig.ExtraHosts', (p) => joined(p.etc_hosts, ':'), pairs(':')),
  value(
    'restart_policy',
    'HostConfig.RestartPolicy',
    (p) => p.restart_policy && { Name: p.restart_policy, MaximumRetryCount: p.restart_retries ?? 0 },
    restart,
    { live: true },
  ),
  text('log_driver', 'HostConfig.LogConfig.Type', (p) => p.log_driver),
  map('log_options', 'HostConfig.LogConfig.Config', (p) => p.log_options && texts(p.log_options)),
  set('groups', 'HostConfig.GroupAdd', (p) => p.groups),
  flag('init', 'HostConfig.Init', (p) => p.init),
  flag('auto_remove', 'HostConfig.AutoRemove', (p) => (p.detach === false ? undefined : p.auto_remove)),
  flag('read_only', 'HostConfig.ReadonlyRootfs', (p) => p.read_only),
  number('oom_score_adj', 'HostConfig.OomScoreAdj', (p) => p.oom_score_adj),
  ...limits,
];
