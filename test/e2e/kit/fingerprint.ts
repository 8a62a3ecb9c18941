import type { TestNode } from './nodes.ts';

/** The state of a whole host: a line for each thing, in sections. */
export type Fingerprint = ReadonlyMap<string, readonly string[]>;

// What changes by itself: logs and records of logins, caches, random seeds, counters of the kernel, the data of etcd.
const SCRIPT = String.raw`
export LC_ALL=C
skip() { grep -vE '^[^ ]* [^ ]* [^ ]* [^ ]* [^ ]* (/var/log/|/var/cache/|/var/lib/systemd/(timers|random-seed|timesync|catalog|linger)|/var/lib/private|/root/\.cache|/home/[^/]*/\.cache|/var/tmp/systemd-private|/tmp/systemd-private|/var/lib/sudo|/etc/resolv\.conf|/etc/mtab|/dev/pts|/var/lib/etcd/member)'; }
# A file's time of change moves with every write and with its mode, owner and times; nobody can set it back. That of a
# folder is set by systemd now and then, to what it is.
echo '== files'
find ${'$'}{ROOTS:-/ /tmp /run/slipway} -xdev \( -path /proc -o -path /sys -o -path /dev -o -path /usr/lib/slipway-lab -o -path /var/lib/docker -o -path /var/lib/containerd \) -prune \
  -o ! -path /run ! -path /tmp ! -path /var/tmp ! -path / \( -type d -printf '%y %m %U:%G %s %T@ %p %l\n' -o -printf '%y %m %U:%G %s %C@ %p %l\n' \) 2>/dev/null | skip | sort -u -k6
echo '== packages'
dpkg-query -W -f '${'$'}{Package} ${'$'}{Version} ${'$'}{Status}\n'
apt-mark showhold | sed 's/^/hold /'
apt-mark showmanual | sed 's/^/manual /'
echo '== units'
systemctl list-unit-files --no-legend --no-pager
systemctl list-units --all --no-legend --no-pager --plain --type=service,socket,timer,swap,mount | grep -vE '^(user@|user-runtime|session-|run-user|run-|systemd-(tmpfiles|journal|logind|hostnamed|timedated)|dev-|apt-|e2scrub|logrotate|dpkg-db)' | sed 's/  */ /g'
echo '== mounts'
grep -vE ' /run/(user|credentials)' /proc/mounts
echo '== swap'
cat /proc/swaps
echo '== sysctl'
sysctl -a 2>/dev/null | grep -E '^(net\.ipv4\.(ip_|conf\.(all|default)|tcp_(keepalive|syn))|net\.bridge|vm\.(swappiness|overcommit|max_map)|fs\.inotify|kernel\.(panic|hostname))'
echo '== modules'
cut -d' ' -f1 /proc/modules 2>/dev/null | sort
echo '== containers'
if command -v ctr >/dev/null; then ctr -n k8s.io images ls -q 2>/dev/null | sort; ctr -n k8s.io containers ls -q 2>/dev/null | sort; fi
if command -v docker >/dev/null; then docker image ls -a --no-trunc --format '{{.ID}} {{.Repository}}:{{.Tag}}' 2>/dev/null | sort; docker ps -a --no-trunc --format '{{.ID}} {{.State}}' 2>/dev/null | sort; fi
echo '== processes'
ps -eo args --no-headers | grep -vE '^(\[|ps |sort|grep|sed|sh |/bin/sh |sshd: |\(sd-pam|/lib/systemd/systemd(-|$| --user)|bash|xargs|find )' | sort -u
`;

/**
 * Reads everything of a host that a run could have changed. Takes a second or two.
 *
 * @param roots folders to look through; the whole host where nothing is said. A lab shares the disk of its machine.
 */
export async function fingerprint(
  node: Pick<TestNode, 'name' | 'root'>,
  roots: readonly string[] = [],
): Promise<Fingerprint> {
  const { stdout, code, stderr } = await node.root(
    roots.length === 0 ? SCRIPT : `ROOTS='${roots.join(' ')}'\n${SCRIPT}`,
  );
  const sections = new Map<string, string[]>();
  let lines: string[] = [];
  for (const line of stdout.split('\n')) {
    if (line.startsWith('== ')) {
      lines = [];
      sections.set(line.slice(3), lines);
    } else if (line !== '') lines.push(line);
  }
  if (!sections.has('processes')) throw new Error(`no fingerprint of ${node.name} (exit ${code}): ${stderr}`);
  return sections;
}

/** What differs, as `- section: line` and `+ section: line`; empty when nothing does. */
export function differences(before: Fingerprint, after: Fingerprint): string[] {
  const found: string[] = [];
  for (const section of new Set([...before.keys(), ...after.keys()])) {
    const old = new Set(before.get(section));
    const now = new Set(after.get(section));
    for (const line of old) if (!now.has(line)) found.push(`- ${section}: ${line}`);
    for (const line of now) if (!old.has(line)) found.push(`+ ${section}: ${line}`);
  }
  return found;
}
