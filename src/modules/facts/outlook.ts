import { type Outlook, type Subject, Unclear } from '../../module/outlook.ts';

/** Which facts change with what. */
const HANGS_ON: readonly (readonly [Subject, readonly string[]])[] = [
  ['package:', ['container_runtimes', 'pkg_mgr', 'apparmor', 'selinux', 'lsb']],
  ['unit:', ['container_runtimes', 'listening_tcp']],
  ['cluster:', ['listening_tcp', 'interfaces', 'all_ipv4_addresses', 'all_ipv6_addresses', 'mounts']],
  ['swap:', ['swaps', 'swaptotal_mb', 'swapfree_mb', 'memory_mb']],
  ['mount:', ['mounts']],
];

/** Facts after the tasks before: what they touch is not known. */
export function foreseeFacts(
  facts: Readonly<Record<string, unknown>>,
  outlook: Outlook,
): Record<string, unknown> {
  const seen: Record<string, unknown> = { ...facts };
  for (const [subject, names] of HANGS_ON) {
    const then = outlook.of(subject);
    if (!then) continue;
    for (const name of names) if (name in seen) seen[name] = new Unclear(then.by, `ansible_${name}`);
  }
  const called = outlook.of('hostname:')?.state;
  if (typeof called === 'string') Object.assign(seen, namesOf(called, seen));
  return seen;
}

function namesOf(name: string, seen: Record<string, unknown>): Record<string, string> {
  const all = { nodename: name, hostname: name.split('.')[0]! };
  return Object.fromEntries(Object.entries(all).filter(([key]) => key in seen));
}
