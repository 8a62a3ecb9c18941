import { randomBytes, randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { NamespaceMode, SupervisorConfig } from '../types.ts';
import { doubles } from './doubles/index.ts';

/** A file of the stage: its text, and mode 755 for programs. */
type Files = Map<string, string | { readonly program: string }>;

const SWAP = '/swap.img';

/**
 * Writes what the set-up scripts copy into the hosts: `proc` and `sys` (plain copies of what would reach the kernel),
 * `common` (for all hosts) and `hosts/NAME`.
 */
export function writeStage(folder: string, config: SupervisorConfig, mode: NamespaceMode): void {
  const files: Files = new Map([...procFiles(), ...sysFiles(), ...commonFiles(config, mode)]);
  for (const host of config.hosts)
    for (const [name, text] of hostFilesOf(host, config, mode)) files.set(`hosts/${host.name}/${name}`, text);
  const folders = new Set([...files.keys()].map((name) => path.join(folder, path.dirname(name))));
  for (const one of folders) mkdirSync(one, { recursive: true });
  for (const [name, content] of files) {
    const program = typeof content !== 'string';
    writeFileSync(path.join(folder, name), program ? content.program : content, {
      mode: program ? 0o755 : 0o644,
    });
  }
}

/** A new host has swap on and does not forward packets: what a bootstrap has to mend. */
function procFiles(): Files {
  const files: Files = new Map();
  files.set(
    'proc/swaps',
    `Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n${SWAP}\t\t\t\tfile\t\t2097148\t\t0\t\t-2\n`,
  );
  files.set(
    'proc/modules',
    kept(loadedModules())
      .map((name) => `${name} 16384 0 - Live 0x0000000000000000\n`)
      .join(''),
  );
  for (const [name, text] of kernelParameters()) files.set(`proc/sys/${name}`, text);
  files.set('proc/sys/net/ipv4/ip_forward', '0\n');
  return files;
}

function kernelParameters(): Map<string, string> {
  const found = new Map<string, string>();
  const walk = (folder: string) => {
    for (const entry of readdirSync(`/proc/sys/${folder}`, { withFileTypes: true })) {
      const name = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (/^(net\/(bridge|netfilter)|fs\/binfmt_misc)$/.test(name)) continue;
      // Settings of single interfaces: those of the machine say nothing of a host.
      if (/^net\/ipv[46]\/(conf|neigh)\/(?!all$|default$|lo$)[^/]+$/.test(name)) continue;
      if (entry.isDirectory()) walk(name);
      else found.set(name, textOf(`/proc/sys/${name}`) ?? '\n');
    }
  };
  try {
    walk('');
  } catch {
    // A container may hide parts of /proc/sys; a host then has what could be read.
  }
  return found;
}

function sysFiles(): Files {
  const files: Files = new Map();
  for (const name of kept(loadedModules())) files.set(`sys/module/${name}/initstate`, 'live\n');
  files.set('sys/fs/cgroup/cgroup.controllers', 'cpuset cpu io memory hugetlb pids\n');
  for (const [name, text] of [
    ['product_name', 'Slipway lab host'],
    ['sys_vendor', 'Slipway'],
  ])
    files.set(`sys/class/dmi/id/${name}`, `${text}\n`);
  for (const name of ['online', 'possible', 'present'])
    files.set(`sys/devices/system/cpu/${name}`, textOf(`/sys/devices/system/cpu/${name}`) ?? '0\n');
  const lo = { address: '00:00:00:00:00:00', mtu: '65536', operstate: 'unknown', type: '772', ifindex: '1' };
  for (const [key, value] of Object.entries(lo)) files.set(`sys/class/net/lo/${key}`, `${value}\n`);
  return files;
}

function commonFiles(config: SupervisorConfig, mode: NamespaceMode): Files {
  const files: Files = new Map();
  for (const [name, program] of doubles(mode)) files.set(`common/usr/local/sbin/${name}`, { program });
  // The machine's own apt sources stay; where there is no network they give a warning, and soon.
  const apt = ['Acquire::Retries "0";', 'Acquire::http::Timeout "10";', 'Acquire::https::Timeout "10";'];
  apt.push(`Acquire::http::Proxy::${config.repository.host} "DIRECT";`);
  if (mode !== 'overlay') apt.push('APT::Sandbox::User "root";');
  files.set('common/etc/apt/apt.conf.d/99slipway-lab', `${apt.join('\n')}\n`);
  files.set('common/etc/resolv.conf', textOf('/etc/resolv.conf') ?? '');
  files.set(`common${SWAP}`, 'A lab host has no swap of its own; this file stands for one.\n');
  files.set(
    'common/etc/motd',
    'A host of a Slipway lab: a copy of this machine, thrown away by `slipway lab down`.\n',
  );
  return files;
}

function hostFilesOf(
  host: SupervisorConfig['hosts'][number],
  config: SupervisorConfig,
  mode: NamespaceMode,
): Files {
  const mac = `02:77:${[...randomBytes(4)].map((byte) => byte.toString(16).padStart(2, '0')).join(':')}`;
  const files: Files = new Map<string, string>([
    ['etc/hostname', `${host.name}\n`],
    ['etc/hosts', `127.0.0.1\tlocalhost\n${host.nodeIp}\t${host.name}\n`],
    ['etc/machine-id', `${randomUUID().replaceAll('-', '')}\n`],
    ['etc/fstab', `# <file system> <mount point> <type> <options> <dump> <pass>\n${SWAP} none swap sw 0 0\n`],
    ['etc/slipway-lab/address', `${host.nodeIp}\n`],
    ['root/.ssh/authorized_keys', `${config.authorizedKey} slipway-lab\n`],
    ['proc/sys/kernel/random/boot_id', `${randomUUID()}\n`],
    ['sys/class/dmi/id/product_uuid', `${randomUUID()}\n`],
    ['etc/ssh/ssh_host_ed25519_key.pub', `${host.hostKey} ${host.name}\n`],
  ]);
  const card = { address: mac, mtu: '1500', operstate: 'up', type: '1', ifindex: '2' };
  for (const [key, value] of Object.entries(card))
    files.set(`sys/class/net/${defaultInterface()}/${key}`, `${value}\n`);
  if (mode === 'copy') files.set('proc/sys/kernel/hostname', `${host.name}\n`);
  return files;
}

/** The machine's interface to the world, whose name a host's own one gets: /proc/net/route is shared. */
function defaultInterface(): string {
  const lines = (textOf('/proc/net/route') ?? '').split('\n').slice(1);
  return lines.map((line) => line.split('\t')).find((fields) => fields[1] === '00000000')?.[0] ?? 'eth0';
}

function loadedModules(): string[] {
  try {
    return readdirSync('/sys/module');
  } catch {
    return [];
  }
}

/** Without those that a bootstrap asks for, so that there is something to do. */
function kept(modules: readonly string[]): string[] {
  return modules.filter(
    (name) => !/^(overlay|br_netfilter|bridge|nf_|ip_vs|ip_tables|iptable_|xt_)/.test(name),
  );
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
