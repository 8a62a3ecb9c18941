import { lines, type Program, raw, sh } from '../../module/program.ts';
import type { Output } from '../../transport/types.ts';
import { caCertHash, kubeconfigCaHash, sameHash } from './ca-hash.ts';
import { section, sections, words } from './sections.ts';

/** What a cluster left on a host. Paths are absolute. */
export interface Leftovers {
  readonly root: boolean;
  readonly node: string;
  /** Of the cluster that the host is in; undefined once its certificates are gone. */
  readonly caHash: string | undefined;
  readonly paths: readonly string[];
  readonly mounts: readonly string[];
  readonly links: readonly string[];
  readonly namespaces: readonly string[];
  /** `iptables-nft nat KUBE-SERVICES`: command, table, chain. */
  readonly chains: readonly string[];
  /** Tables of nft that belong to kube-proxy alone: `ip kube-proxy`. */
  readonly tables: readonly string[];
  readonly pods: readonly string[];
  /** Kubeconfigs of users, with the hash of the CA that they trust. */
  readonly kubeconfigs: readonly { readonly path: string; readonly caHash: string | undefined }[];
}

/** Links that the common networks make, and kube-proxy in IPVS mode. */
const LINKS = ['cni0', 'flannel.1', 'flannel-v6.1', 'kube-ipvs0', 'vxlan.calico', 'cilium_vxlan'];

/** The commands that keep their own rules; where there is only `iptables`, that one. */
const SAVERS = ['iptables-nft', 'ip6tables-nft', 'iptables-legacy', 'ip6tables-legacy'];

/** sh: `for c in <commands that are there>`, to be closed by `done`. */
export function eachFilter(): Program {
  return sh`
    cs=; for c in ${SAVERS}; do command -v "$c-save" >/dev/null 2>&1 && cs="$cs $c"; done
    [ -n "$cs" ] || for c in iptables ip6tables; do command -v "$c-save" >/dev/null 2>&1 && cs="$cs $c"; done
    for c in $cs; do
  `;
}

/** Chains that belong to Kubernetes and its networks. No other is ever touched. */
export const OWN_CHAIN = raw('(KUBE-|CNI-|FLANNEL)');

function paths(): Program {
  // A CNI configuration that came with a package (podman's) is that package's.
  return sh`
    ls -d /etc/kubernetes/manifests/* /etc/kubernetes/*.conf /etc/kubernetes/tmp /var/lib/kubelet/* /var/lib/etcd/member /var/lib/cni/* 2>/dev/null
    [ -z "$(ls -A /etc/kubernetes/pki 2>/dev/null)" ] || echo /etc/kubernetes/pki
    for f in /etc/cni/net.d/*; do
      [ -e "$f" ] || continue
      dpkg-query -S "$f" >/dev/null 2>&1 || echo "$f"
    done
    sed -n 's/^[^ ]* \(\/var\/lib\/kubelet\/[^ ]*\) .*/mount \1/p' /proc/mounts
  `;
}

function network(): Program {
  return lines(
    section('links'),
    sh`for l in ${LINKS}; do [ ! -e "/sys/class/net/$l" ] || echo "$l"; done`,
    section('namespaces'),
    sh`
      for n in /run/netns/cni-*; do
        [ -e "$n" ] && [ -z "$(ip netns pids "\${n##*/}" 2>/dev/null)" ] && echo "\${n##*/}"
      done
    `,
    section('chains'),
    eachFilter(),
    sh`
        "$c-save" 2>/dev/null | awk -v c="$c" '/^\*/ { t = substr($1, 2) } /^:${OWN_CHAIN}/ { print c " " t " " substr($1, 2) }'
      done
    `,
    section('tables'),
    sh`command -v nft >/dev/null && nft list tables 2>/dev/null | sed -n 's/^table \(ip6* kube-proxy\)$/\1/p'`,
  );
}

/** Read-only sh that finds what a cluster left. `users` are those whose kubeconfig is looked at. */
export function probeLeftovers(options: {
  readonly node?: string | undefined;
  readonly users: readonly string[];
  readonly criSocket?: string | undefined;
}): Program {
  const endpoint = options.criSocket === undefined ? [] : ['--runtime-endpoint', options.criSocket];
  return lines(
    section('id'),
    options.node === undefined
      ? sh`node=$(tr 'A-Z' 'a-z' < /proc/sys/kernel/hostname)`
      : sh`node=${options.node}`,
    sh`echo "$(id -u) $node"`,
    section('ca'),
    sh`cat /etc/kubernetes/pki/ca.crt 2>/dev/null || grep -s certificate-authority-data: /etc/kubernetes/kubelet.conf`,
    section('paths'),
    paths(),
    network(),
    section('pods'),
    sh`command -v crictl >/dev/null && timeout 20 crictl ${endpoint} pods -q 2>/dev/null`,
    section('kubeconfigs'),
    sh`
      for u in ${[...options.users]}; do
        f=$(awk -F: -v u="$u" '$1 == u { print $6 }' /etc/passwd)/.kube/config
        [ -s "$f" ] && echo "$f $(grep -s certificate-authority-data: "$f" | head -n 1 | tr -d ' ')"
      done
      :
    `,
  );
}

const list = (text: string | undefined) =>
  (text ?? '')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');

export function readLeftovers(output: Output): Leftovers {
  const parts = sections(output.stdout);
  const [uid, node = ''] = words(parts.get('id'));
  const ca = parts.get('ca') ?? '';
  const found = list(parts.get('paths'));
  return {
    root: uid === '0',
    node,
    caHash: caCertHash(ca) ?? kubeconfigCaHash(ca),
    paths: found.filter((line) => !line.startsWith('mount ')),
    mounts: found.flatMap((line) => (line.startsWith('mount ') ? [line.slice(6)] : [])),
    links: list(parts.get('links')),
    namespaces: list(parts.get('namespaces')),
    chains: list(parts.get('chains')),
    tables: list(parts.get('tables')),
    pods: list(parts.get('pods')),
    kubeconfigs: list(parts.get('kubeconfigs')).map((line) => {
      const [path = '', data = ''] = line.split(' ');
      return { path, caHash: kubeconfigCaHash(data) };
    }),
  };
}

/** Kubeconfigs that lead to the cluster with this CA: only those go. */
export function ownKubeconfigs(left: Leftovers, caHash: string | undefined): string[] {
  return left.kubeconfigs.filter((file) => sameHash(file.caHash, caHash)).map((file) => file.path);
}
