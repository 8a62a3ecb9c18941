import { lines, type Program, sh } from '../../module/program.ts';
import { sections, words } from './sections.ts';

/** What a host says of itself before anything is changed. */
export interface HostReport {
  readonly root: boolean;
  readonly hostname: string;
  readonly machineId: string;
  readonly productUuid: string;
  readonly macs: readonly string[];
  readonly cpus: number;
  /** Megabytes (2^20). */
  readonly memory: number;
  readonly cgroup: 'v1' | 'v2' | 'none';
  /** Seconds since the epoch by the host's clock. */
  readonly seconds: number;
  /** `ADDRESS PORT` of everything that listens, as /proc/net/tcp writes it (hexadecimal). */
  readonly listening: readonly { readonly address: string; readonly port: number }[];
  /** It has files of a cluster already, so its own ports are taken rightly. */
  readonly member: boolean;
  /** Version of the kubelet's package on a member: `1.34.1-1.1`. */
  readonly kubelet: string | undefined;
  /** Whether a time service keeps the clock; undefined where systemd cannot tell. */
  readonly synchronised: boolean | undefined;
  readonly addresses: readonly string[];
  /** Whether the name of the control planes' endpoint has an address there; undefined where nobody can tell. */
  readonly endpoint: boolean | undefined;
  readonly arch: string;
  readonly apt: boolean;
}

/** A name that has no address is waited for for minutes. */
function resolves(name: string): Program {
  return sh`
    printf '\n@@@ endpoint\n'
    ! command -v getent >/dev/null || { timeout 10 getent ahosts ${name} >/dev/null && echo yes || echo no; }
  `;
}

/** Read-only sh that asks a bare host all this at once. `endpoint`: a name that it must be able to look up. */
export function probeHost(endpoint?: string): Program {
  return lines(bare(), endpoint !== undefined && resolves(endpoint));
}

function bare(): Program {
  return sh`
    printf '\n@@@ id\n'; id -u; cat /proc/sys/kernel/hostname; uname -m; command -v apt-get
    printf '\n@@@ machine-id\n'; cat /etc/machine-id 2>/dev/null
    printf '\n@@@ product-uuid\n'; cat /sys/class/dmi/id/product_uuid 2>/dev/null
    printf '\n@@@ macs\n'
    for d in /sys/class/net/*; do
      case $(readlink -f "$d") in */virtual/*) [ -e "$d/device" ] || [ "\${d##*/}" = eth0 ] || continue ;; esac
      cat "$d/address" 2>/dev/null
    done
    printf '\n@@@ cpus\n'; grep -c '^processor' /proc/cpuinfo
    printf '\n@@@ memory\n'; sed -n 's/^MemTotal: *\([0-9]*\) kB/\1/p' /proc/meminfo
    printf '\n@@@ cgroup\n'
    if [ -e /sys/fs/cgroup/cgroup.controllers ]; then echo v2; elif [ -d /sys/fs/cgroup/memory ]; then echo v1; else echo none; fi
    printf '\n@@@ listening\n'
    awk '$4 == "0A" { print $2 }' /proc/net/tcp /proc/net/tcp6 2>/dev/null
    printf '\n@@@ member\n'
    m=
    [ ! -s /etc/kubernetes/kubelet.conf ] || m=kubelet.conf
    for f in /etc/kubernetes/manifests/*; do [ ! -e "$f" ] || m=$f; done
    echo "$m"
    printf '\n@@@ kubelet\n'; [ -z "$m" ] || dpkg-query -W -f '\${Version}' kubelet 2>/dev/null
    printf '\n@@@ synchronised\n'
    [ ! -d /run/systemd/system ] || timeout 5 timedatectl show -p NTPSynchronized --value 2>/dev/null
    printf '\n@@@ addresses\n'
    ip -o addr show 2>/dev/null | awk '{ sub(/\/.*/, "", $4); print $4 }'
    printf '\n@@@ seconds\n'; date +%s
  `;
}

export function readHost(stdout: string): HostReport {
  const parts = sections(stdout);
  const [uid, hostname = '', arch = '', apt] = words(parts.get('id'));
  const first = (name: string) => words(parts.get(name))[0] ?? '';
  const cgroup = first('cgroup');
  return {
    root: uid === '0',
    hostname,
    arch,
    apt: apt !== undefined,
    machineId: first('machine-id'),
    productUuid: first('product-uuid').toLowerCase(),
    macs: words(parts.get('macs')).filter((mac) => mac !== '00:00:00:00:00:00'),
    cpus: Number(first('cpus')) || 0,
    memory: Math.floor((Number(first('memory')) || 0) / 1024),
    cgroup: cgroup === 'v1' || cgroup === 'v2' ? cgroup : 'none',
    seconds: Number(first('seconds')) || 0,
    listening: words(parts.get('listening')).map((word) => {
      const [address = '', port = ''] = word.split(':');
      return { address, port: Number.parseInt(port, 16) };
    }),
    member: words(parts.get('member')).length > 0,
    kubelet: words(parts.get('kubelet'))[0],
    synchronised: yesOrNo(first('synchronised')),
    addresses: words(parts.get('addresses')),
    endpoint: yesOrNo(first('endpoint')),
  };
}

function yesOrNo(word: string): boolean | undefined {
  return word === 'yes' ? true : word === 'no' ? false : undefined;
}
