import { lines, type Program, sh } from '../../module/program.ts';
import { eachFilter, type Leftovers, OWN_CHAIN } from './leftovers.ts';

/**
 * Takes the own chains out of each table, and the rules in other chains that jump to them, in one transaction a
 * table (`iptables-restore --noflush`). Whatever else is in a table stays, so no connection is cut.
 */
function chains(): Program {
  return lines(
    eachFilter(),
    sh`
        "$c-save" 2>/dev/null | awk '
          function target(   i, to) { for (i = 3; i < NF; i++) if ($i == "-j" || $i == "-g") to = $(i + 1); return to }
          /^\*/ { table = $1; cut = ""; flush = ""; drop = "" }
          /^:${OWN_CHAIN}/ { name = substr($1, 2); flush = flush "-F " name "\n"; drop = drop "-X " name "\n" }
          /^-A / && $2 !~ /^${OWN_CHAIN}/ && target() ~ /^${OWN_CHAIN}/ { sub(/^-A/, "-D"); cut = cut $0 "\n" }
          /^COMMIT/ && (cut flush) != "" { printf "%s\n%s%s%sCOMMIT\n", table, cut, flush, drop }
        ' | "$c-restore" --noflush || failed="$failed $c"
      done
    `,
  );
}

/**
 * Removes what was found, and only that. Everything is tried; what could not be removed is found by the next probe.
 *
 * @param kubeconfigs kubeconfigs of users that belong to this cluster
 */
export function cleanLeftovers(
  left: Leftovers,
  kubeconfigs: readonly string[],
  criSocket: string | undefined,
): Program {
  const endpoint = criSocket === undefined ? [] : ['--runtime-endpoint', criSocket];
  const deepFirst = [...left.mounts].sort((a, b) => b.length - a.length);
  return lines(
    sh`
      failed=
      if command -v systemctl >/dev/null; then systemctl stop kubelet 2>/dev/null || :; fi
    `,
    left.pods.length > 0 &&
      sh`
        pods=$(timeout 20 crictl ${endpoint} pods -q 2>/dev/null)
        [ -z "$pods" ] || crictl ${endpoint} rmp -f $pods >&2 || failed="$failed pods"
      `,
    deepFirst.length > 0 &&
      sh`for m in ${deepFirst}; do grep -qF " $m " /proc/mounts && { umount "$m" || failed="$failed $m"; }; done`,
    left.paths.length + kubeconfigs.length > 0 &&
      sh`rm -rf -- ${[...left.paths, ...kubeconfigs]} || failed="$failed files"`,
    left.links.includes('kube-ipvs0') && sh`if command -v ipvsadm >/dev/null; then ipvsadm -C; fi`,
    left.links.length > 0 &&
      sh`for l in ${[...left.links]}; do [ ! -e "/sys/class/net/$l" ] || ip link delete "$l" || failed="$failed $l"; done`,
    left.namespaces.length > 0 &&
      sh`for n in ${[...left.namespaces]}; do [ ! -e "/run/netns/$n" ] || ip netns delete "$n" || failed="$failed $n"; done`,
    left.chains.length > 0 && chains(),
    ...left.tables.map((table) => sh`nft delete table ${table.split(' ')} || failed="$failed nft"`),
    sh`[ -z "$failed" ] || { echo "could not remove:$failed" >&2; exit 1; }`,
  );
}
