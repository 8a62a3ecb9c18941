import { type Program, sh } from '../../module/program.ts';

/** `loaded` can be taken out again; `builtin` is part of the kernel; `missing` is not to be found. */
export type ModuleState = 'loaded' | 'builtin' | 'unloaded' | 'missing' | 'no modprobe';

export interface KernelModule {
  readonly state: ModuleState;
  /** What `uname -r` says. */
  readonly release: string;
  /** Why a missing module is missing, where the host can tell. */
  readonly lack: 'kernel' | 'tree' | undefined;
}

/** The kernel writes `_` where people write `-`. */
export function kernelName(name: string): string {
  return name.replaceAll('-', '_');
}

/**
 * What shows that a module which has no parameters, and so no directory below /sys/module, is built in. File systems
 * are found in /proc/filesystems.
 */
const TRACES: Readonly<Record<string, string>> = {
  br_netfilter: '/proc/sys/net/bridge',
  ip_tables: '/proc/net/ip_tables_names',
  ip6_tables: '/proc/net/ip6_tables_names',
  ip_vs: '/proc/net/ip_vs',
  nf_conntrack: '/proc/sys/net/netfilter/nf_conntrack_max',
  tun: '/dev/net/tun',
};

/** Read-only sh that tells whether a module is in the kernel, and if not, whether it could be. */
export function probeModule(name: string): Program {
  const module = kernelName(name);
  const trace = TRACES[module];
  const listed = `/${module}\\.ko`;
  return sh`
    { read -r r < /proc/sys/kernel/osrelease || r=$(uname -r); } 2>/dev/null
    k=/lib/modules/$r
    printf 'release %s\n' "$r"
    if [ -e ${`/sys/module/${module}/initstate`} ]; then echo 'state loaded'
    elif [ -d ${`/sys/module/${module}`} ]; then echo 'state builtin'
    elif grep -qs ${`^${module} `} /proc/modules; then echo 'state loaded'
    elif grep -qsE ${`[[:space:]]${module}$`} /proc/filesystems${
      trace === undefined ? undefined : sh` || [ -e ${trace} ]`
    } || { tr - _ < "$k/modules.builtin" | grep -q ${listed}; } 2>/dev/null; then echo 'state builtin'
    elif ! command -v modprobe > /dev/null; then echo 'state no modprobe'
    elif modprobe -n -q ${name} > /dev/null 2>&1 || { tr - _ < "$k/modules.dep" | grep -q ${listed}; } 2>/dev/null; then echo 'state unloaded'
    else
      echo 'state missing'
      if [ ! -e /proc/modules ]; then echo 'lack kernel'; elif [ ! -d "$k" ]; then echo 'lack tree'; fi
    fi
  `;
}

export function readModule(stdout: string): KernelModule {
  const value = (key: string) => new RegExp(`^${key} (.*)$`, 'm').exec(stdout)?.[1];
  const lack = value('lack');
  return {
    state: (value('state') ?? 'missing') as ModuleState,
    release: value('release') ?? '',
    lack: lack === 'kernel' || lack === 'tree' ? lack : undefined,
  };
}

/** What to do about a module that cannot be loaded. */
export function adviceFor(module: KernelModule): string {
  if (module.state === 'no modprobe') return 'Install the package kmod.';
  if (module.lack === 'kernel')
    return `The kernel ${module.release} cannot load modules: build it in, or use another kernel.`;
  if (module.lack === 'tree')
    return (
      `There is no /lib/modules/${module.release}: after a kernel upgrade, reboot; in a container, load it on the ` +
      'machine that runs the container.'
    );
  return `Look whether the name is right and install the kernel's extra modules (linux-modules-extra-${module.release} on Ubuntu, kernel-modules-extra on Fedora).`;
}
