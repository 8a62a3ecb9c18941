import { lines, type Program, raw, sh } from '../../module/program.ts';

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

/** The packages that bring a runtime's command. */
const PACKAGES: readonly (readonly [string, readonly string[]])[] = [
  ['dockerd', ['docker.io', 'docker-ce', 'moby-engine']],
  ['containerd', ['containerd', 'containerd.io']],
  ['cri-dockerd', ['cri-dockerd']],
  ['crio', ['cri-o']],
  ['podman', ['podman']],
];

const MANAGERS =
  'apt-get dnf5 dnf yum zypper apk pacman emerge xbps-install swupd opkg rpm-ostree tdnf microdnf slackpkg nix-env';

export interface FactsOptions {
  readonly factPath: string;
  /** Names of the subsets: what none of them needs is not asked. */
  readonly subsets: readonly string[];
}

/**
 * Everything that facts are made of, read-only and in one go. A process costs a host more than all that these files say,
 * so there are six: what a builtin or one `grep` over many files can tell is not asked of a command of its own.
 */
export function factsProbe({ factPath, subsets }: FactsOptions): Program {
  const has = (...names: string[]) => names.some((name) => subsets.includes(name));
  const section = sh`section() { printf '\035%s\n' "$1"; }`;
  if (subsets.length === 0) return lines(section, sh`section end`);
  return lines(
    section,
    sh`
      set -f
      section files
      set +f
      v=$(grep -s '' ${raw(FILES)} /dev/null)
      set -f
      printf '%s\n' "$v"
      section uname
      p=x
      if [ -r /proc/sys/kernel/arch ] && [ -r /proc/self/personality ]; then read -r p < /proc/self/personality; fi
      if [ "$p" = 00000000 ]; then
        u=
        for f in hostname osrelease version arch; do read -r w < /proc/sys/kernel/$f; u="$u\${u:+ }$w"; done
      else
        u=$(uname -nrvm)
      fi
      printf '%s\n' "$u"
    `,
    found(has),
    has('min') && sh`section date; date '+%s %z %Z'; section env; export -p`,
    has('network') && network(),
    has('hardware') && sizes(),
    sh`
      set +f; unset IFS
      section there
    `,
    there(),
    has('containers') && versions(),
    has('local') && sh`section local`,
    has('local') && localFacts(factPath),
    sh`section end`,
  );
}

const FOUND = {
  cpu: '^(processor|vendor_id|model name|physical id|core id|cpu cores|siblings|Processor|Hardware|cpu|CPU part|machine)[[:space:]]*:.*| hypervisor( |$)',
  sockets: '^ *[0-9]+: [0-9A-F]+:[0-9A-F]+ [0-9A-F]+:0000 0A .*',
  route6: '^0{32} 00 .*',
};

/**
 * Single lines of files that may be long: the processors, the user in /etc/passwd, the host in /etc/hosts, listening
 * sockets, the default route of IPv6.
 */
function found(has: (...names: string[]) => boolean): Program | undefined {
  const files = [
    ...(has('hardware', 'virtual') ? ['/proc/cpuinfo'] : []),
    ...(has('min') ? ['/etc/passwd', '/etc/hosts'] : []),
    ...(has('network') ? ['/proc/net/tcp', '/proc/net/tcp6', '/proc/net/ipv6_route'] : []),
  ];
  if (files.length === 0) return undefined;
  return sh`
    i=
    if [ -r /proc/self/status ]; then
      while read -r k _ a _; do
        case $k in Uid:) i=$a ;; Gid:) g=$a; break ;; esac
      done < /proc/self/status
    fi
    n=\${u%% *}
    case $n in *[!A-Za-z0-9._-]*|'') n=localhost ;; esac
    section found
    w=$(grep -sEoH -e ${Object.values(FOUND).join('|')} -e "^[[:space:]]*[0-9a-fA-F.:]+[[:space:]].*$n.*" -e "^[^:]*:[^:]*:\${i:-x}:.*" ${files})
    printf '%s\n' "$w"
    ${has('min') ? whoAmI() : undefined}
  `;
}

/** Who is in /etc/passwd need not be asked of `id`; it knows those of a directory service, too. */
function whoAmI(): Program {
  return sh`section id; case $w in */etc/passwd:*) echo "uid=$i gid=$g" ;; *) a=$(id); printf '%s\n' "$a"; a=\${a#*(}; section passwd; grep -s "^\${a%%)*}:" /etc/passwd ;; esac`;
}

/** One `ip` for addresses and routes where it takes a batch (busybox does not; what comes twice is dropped). */
function network(): Program {
  return sh`
    section links
    if command -v ip >/dev/null; then
      { echo addr show; echo route show default; } | ip -o -b - 2>/dev/null || { ip -o addr show; ip -4 route show default; } 2>/dev/null
    else
      section fib; grep -s -B 1 '/32 host LOCAL' /proc/net/fib_trie
    fi
  `;
}

/** Only file systems on devices, and the root: a dead network mount would hang df for ever. */
function sizes(): Program {
  return sh`
    section df
    IFS='
    '
    m=
    for l in $v; do
      case $l in
        *\\*) ;;
        /proc/self/mounts:/dev/*) l=\${l#* }; m="$m
    \${l%% *}" ;;
      esac
    done
    df -kP / $m 2>/dev/null
  `;
}

function there(): Program {
  const sockets = RUNTIMES.map(
    ([name, , paths]) =>
      sh`for s in ${raw(paths)}; do if [ -S "$s" ]; then echo ${`socket ${name}`} "$s"; break; fi; done`.text,
  );
  return sh`
    any=
    for c in ${raw(MANAGERS)}; do if command -v $c >/dev/null; then echo "manager $c"; fi; done
    for c in ${raw(RUNTIMES.map(([, command]) => command).join(' '))}; do if command -v $c >/dev/null; then echo "command $c"; any="$any $c"; fi; done
    ${raw(sockets.join('\n'))}
    for f in /.dockerenv /run/.containerenv /run/systemd/system /run/openrc /sys/fs/selinux /proc/xen /proc/vz /proc/bc /dev/kvm /run/ostree-booted /sbin/init /etc/runit; do
      if [ -e $f ]; then echo "path $f"; fi
    done
    if [ ! -d /run/systemd/system ]; then
      for f in /bin/busybox /usr/bin/busybox; do if [ /sbin/init -ef $f ]; then echo 'init busybox'; fi; done
      e=
      if [ -r /proc/1/environ ] && [ ! -e /run/systemd/container ]; then read -r e < /proc/1/environ; fi 2>/dev/null
      case $e in
        *container=*) tr '\0' '\n' < /proc/1/environ | sed -n 's/^container=/container /p' ;;
      esac
    fi
  `;
}

/**
 * The package manager knows a version at once; a Go program of 50 MB that is asked for its own takes 50 ms. So only one
 * that no package has brought is asked.
 */
function versions(): Program {
  const names = PACKAGES.flatMap(([, packages]) => packages).map((name) => name.replaceAll('.', '\\.'));
  const brings = PACKAGES.map(([command, packages]) => `${command}) q='${packages.join(' ')}' ;;`).join(' ');
  return sh`
    section versions
    if [ -n "$any" ]; then
      s=
      if [ -r /var/lib/dpkg/status ]; then s=$(grep -E -A 14 ${`^Package: (${names.join('|')})$`} /var/lib/dpkg/status); fi
      printf '%s\n' "$s"
      have=' '
      IFS='
    '
      set -f
      for l in $s; do
        case $l in
          'Package: '*) q=\${l#* } ;;
          'Status: '*' ok installed') have="$have$q " ;;
        esac
      done
      unset IFS
      for c in $any; do
        b=
        IFS=:
        for d in $PATH; do if [ -x "$d/$c" ]; then b=$d; break; fi; done
        unset IFS
        case $c in ${raw(brings)} esac
        for q in $q; do
          case $have$b in *" $q "*/usr/bin|*" $q "*/usr/sbin|*" $q "*/bin|*" $q "*/sbin) b=; break ;; esac
        done
        if [ -n "$b" ]; then printf 'Says: %s ' $c; $c --version 2>/dev/null | head -n 1; echo; fi
      done
      set +f
    fi
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
