import { type Program, raw, sh } from '../../module/program.ts';

/** Marks the start of a section in the probe's output; the rest of the line is its name. */
export const SECTION = '\u001d';

/**
 * Files that say most of it; one `grep` reads them all and puts each line's path before it. Globs are the shell's.
 * What a host does not have is silently left out.
 */
const FILES = [
  '/etc/os-release /etc/debian_version /etc/machine-id /etc/resolv.conf /etc/lsb-release /etc/selinux/config',
  '/proc/sys/kernel/random/boot_id /proc/sys/kernel/hostname /proc/sys/kernel/domainname /proc/sys/crypto/fips_enabled',
  '/proc/meminfo /proc/uptime /proc/loadavg /proc/swaps /proc/cmdline /proc/1/comm /proc/1/cgroup',
  '/proc/self/mounts /proc/self/status /proc/net/route /proc/net/if_inet6',
  '/sys/class/dmi/id/bios_* /sys/class/dmi/id/board_* /sys/class/dmi/id/chassis_* /sys/class/dmi/id/product_*',
  '/sys/class/dmi/id/sys_vendor /sys/hypervisor/type',
  '/sys/fs/selinux/enforce /sys/fs/selinux/policyvers /sys/module/apparmor/parameters/enabled',
  '/sys/class/net/*/address /sys/class/net/*/mtu /sys/class/net/*/operstate /sys/class/net/*/speed',
  '/sys/class/net/*/type /sys/class/net/*/flags /sys/class/net/*/bridge/stp_state /sys/class/net/*/bonding/mode',
  '/run/systemd/container /run/host/container-manager /etc/ssh/ssh_host_*_key.pub',
].join(' ');

/** Ways to say that something is there, without a process: `KIND NAME` for each path that exists. */
const RUNTIMES = [
  ['docker', 'dockerd', '/run/docker.sock /var/run/docker.sock'],
  ['containerd', 'containerd', '/run/containerd/containerd.sock /run/k3s/containerd/containerd.sock'],
  ['cri-dockerd', 'cri-dockerd', '/run/cri-dockerd.sock /var/run/cri-dockerd.sock'],
  ['crio', 'crio', '/run/crio/crio.sock'],
  ['podman', 'podman', '/run/podman/podman.sock'],
] as const;

/** What the packages of these runtimes have installed. */
const LISTS = 'docker.io docker-ce containerd containerd.io cri-o cri-dockerd podman'
  .split(' ')
  .map((name) => `/var/lib/dpkg/info/${name}.list`)
  .join(' ');

const MANAGERS =
  'apt-get dnf5 dnf yum zypper apk pacman emerge xbps-install swupd opkg rpm-ostree tdnf microdnf slackpkg nix-env';

/**
 * Everything that facts are made of, read-only and in one go. Fifteen processes or so: what a builtin or one `grep` over
 * many files can tell is not asked of a command of its own.
 */
export function factsProbe(options: { readonly factPath: string; readonly local: boolean }): Program {
  return sh`
    section() { printf '\035%s\n' "$1"; }
    section files
    grep -s '' ${raw(FILES)} /dev/null
    section cpu
    grep -sE '^(processor|vendor_id|model name|physical id|core id|cpu cores|siblings|Processor|Hardware|cpu|CPU part|machine)[[:space:]]*:' /proc/cpuinfo
    if grep -qsw hypervisor /proc/cpuinfo; then echo 'hypervisor : yes'; fi
    section uname; uname -m; n=$(uname -n); printf '%s\n' "$n"; uname -r; uname -v
    section date; date '+%s %z %Z'
    section id; u=$(id); printf '%s\n' "$u"; u=\${u#*(}
    section passwd; grep -s "^\${u%%)*}:" /etc/passwd
    section hosts; grep -swF -e "$n" /etc/hosts
    section env; env
    section links; ip -o addr show 2>/dev/null
    section route4; ip -4 route show default 2>/dev/null
    section route6; ip -6 route show default 2>/dev/null
    section fib; if ! command -v ip >/dev/null; then grep -s -B 1 '/32 host LOCAL' /proc/net/fib_trie; fi
    section tcp; grep -shE '^ *[0-9]+: [0-9A-F]+:[0-9A-F]+ [0-9A-F]+:0000 0A ' /proc/net/tcp /proc/net/tcp6
    section df; ${sizes()}
    section there
    ${there()}
    section versions
    ${versions()}
    section local
    ${options.local ? localFacts(options.factPath) : undefined}
    section end
  `;
}

/** Only file systems on devices, and the root: a dead network mount would hang df for ever. */
function sizes(): Program {
  return sh`( set -f; df -kP / $(sed -n 's,^/dev/[^ ]* \([^ \\]*\) .*,\1,p' /proc/self/mounts) 2>/dev/null )`;
}

function there(): Program {
  const sockets = RUNTIMES.map(
    ([name, , paths]) =>
      sh`for s in ${raw(paths)}; do if [ -S "$s" ]; then echo ${`socket ${name}`} "$s"; break; fi; done`.text,
  );
  return sh`
    any=
    for c in ${raw(MANAGERS)}; do if command -v $c >/dev/null; then echo "manager $c"; fi; done
    for c in ${raw(RUNTIMES.map(([, command]) => command).join(' '))}; do if command -v $c >/dev/null; then echo "command $c"; any=1; fi; done
    ${raw(sockets.join('\n'))}
    for f in /.dockerenv /run/.containerenv /run/systemd/system /run/openrc /sys/fs/selinux /proc/xen /proc/vz /proc/bc /dev/kvm /run/ostree-booted /sbin/init /etc/runit; do
      if [ -e $f ]; then echo "path $f"; fi
    done
    if [ -L /sbin/init ]; then printf 'init %s\n' "$(readlink /sbin/init)"; fi
    { tr '\0' '\n' < /proc/1/environ | sed -n 's/^container=/container /p'; } 2>/dev/null
  `;
}

/** The package manager knows a version at once; a Go program of 50 MB that is asked for its own takes 50 ms. */
function versions(): Program {
  const packages = 'docker\\.io|docker-ce|moby-engine|containerd|containerd\\.io|cri-o|cri-dockerd|podman';
  return sh`
    if [ -n "$any" ] && [ -r /var/lib/dpkg/status ]; then
      grep -E -A 9 ${`^Package: (${packages})$`} /var/lib/dpkg/status | grep -E '^(Package|Status|Version):'
    fi
    for c in dockerd containerd cri-dockerd crio podman; do
      if b=$(command -v $c) && ! grep -qsxF "$b" ${raw(LISTS)}; then
        printf 'Says: %s %s\n' $c "$($c --version 2>/dev/null | head -n 1)"
      fi
    done
  `;
}

function localFacts(path: string): Program {
  return sh`
    for f in ${path}/*.fact; do
      if [ ! -f "$f" ]; then continue; fi
      printf '\036%s\n' "\${f##*/}"
      if [ -x "$f" ]; then "$f" </dev/null 2>/dev/null; else cat "$f"; fi
      echo
    done
  `;
}
