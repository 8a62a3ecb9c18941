import type { LiveMount } from './mount-state.ts';

/** Options that the kernel tells back, each with the one that takes it away. */
const FLAGS: Readonly<Record<string, string>> = {
  ro: 'rw',
  noexec: 'exec',
  nosuid: 'suid',
  nodev: 'dev',
  noatime: 'atime',
  nodiratime: 'diratime',
  sync: 'async',
};

/** The options asked for that a mount has not. Only those count whose absence can be seen from outside. */
export function optionsDiffer(live: LiveMount, wanted: string): string[] {
  const asked = wanted.split(',');
  const has = (flag: string) => live.options.includes(flag);
  const wrong = Object.entries(FLAGS).flatMap(([flag, opposite]) => {
    const on = asked.lastIndexOf(flag);
    const off = asked.lastIndexOf(opposite);
    if (on > off) return has(flag) ? [] : [flag];
    return off > on && has(flag) ? [opposite] : [];
  });
  const size = asked.find((option) => /^size=\d+[kmg]?$/i.test(option));
  if (live.type !== 'tmpfs' || size === undefined) return wrong;
  const now = live.options.find((option) => option.startsWith('size='));
  return now === undefined || kibibytes(now) === kibibytes(size) ? wrong : [...wrong, size];
}

function kibibytes(option: string): number {
  const [, digits, unit] = /^size=(\d+)([kmg]?)$/i.exec(option) ?? [];
  const factor = { '': 1 / 1024, k: 1, m: 1024, g: 1024 * 1024 }[(unit ?? '').toLowerCase()] ?? 1;
  // The kernel counts in pages.
  return Math.ceil((Number(digits) * factor) / 4) * 4;
}
