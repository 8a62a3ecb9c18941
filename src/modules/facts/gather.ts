import { lazyRecord } from '../../base/lazy.ts';
import { distributionFacts, managerFacts } from './distribution.ts';
import { cgroupMode, dmiFacts, memoryFacts, mountFacts, processorFacts } from './hardware.ts';
import { kernelFacts, securityFacts, userFacts } from './identity.ts';
import { localFacts } from './local.ts';
import { networkFacts } from './network.ts';
import { containerRuntimes } from './runtimes.ts';
import { exported, readSections, type Report } from './sections.ts';
import { timeFacts } from './time.ts';
import { virtualizationFacts } from './virtualization.ts';

/** Subsets of `gather_subset`. `min` is always there unless `!min`. */
const SUBSETS: Readonly<Record<string, (report: Report) => Record<string, unknown>>> = {
  min: (report) => {
    const distribution = distributionFacts(report);
    return {
      ...distribution,
      ...kernelFacts(report),
      ...managerFacts(report, distribution['os_family']),
      ...userFacts(report),
      ...securityFacts(report),
      ...timeFacts(report),
      env: exported(report.lines('env')),
      cgroup_mode: cgroupMode(report),
    };
  },
  hardware: (report) => ({
    ...memoryFacts(report),
    ...processorFacts(report),
    ...dmiFacts(report),
    ...mountFacts(report),
  }),
  network: networkFacts,
  virtual: virtualizationFacts,
  containers: (report) => ({ container_runtimes: containerRuntimes(report) }),
  local: (report) => ({ local: localFacts(report) }),
};

export const SUBSET_NAMES = ['all', ...Object.keys(SUBSETS)];

/** The subsets that a `gather_subset` such as `['!all', 'network']` selects. */
export function selectSubsets(wanted: readonly string[]): string[] {
  const not = new Set(wanted.filter((name) => name.startsWith('!')).map((name) => name.slice(1)));
  const named = wanted.filter((name) => !name.startsWith('!') && name !== 'all');
  const all = Object.keys(SUBSETS);
  const everything = wanted.includes('all') || (named.length === 0 && !not.has('all'));
  const base = not.has('min') && not.has('all') ? [] : ['min'];
  const selected = everything ? all : [...base, ...named];
  return all.filter((name) => selected.includes(name) && (!not.has(name) || named.includes(name)));
}

/** The output of the probe as facts with Ansible's names, without the prefix `ansible_`; taken apart when read. */
export function gatherFacts(stdout: string, subsets: readonly string[]): Record<string, unknown> {
  return lazyRecord(() => {
    const report = readSections(stdout);
    const facts: Record<string, unknown> = {};
    for (const name of subsets) Object.assign(facts, SUBSETS[name]!(report));
    return { ...facts, gather_subset: subsets };
  });
}

/** Facts whose name matches one of the patterns (`*`, `?`), with or without `ansible_`. */
export function filterFacts(
  facts: Record<string, unknown>,
  patterns: readonly string[],
): Record<string, unknown> {
  const wanted = patterns
    .filter((pattern) => pattern !== '')
    .map((pattern) => {
      const text = pattern
        .replace(/[.+^${}()|[\]\\]/g, '\\$&')
        .replaceAll('*', '.*')
        .replaceAll('?', '.');
      return new RegExp(`^${text}$`);
    });
  if (wanted.length === 0) return facts;
  return Object.fromEntries(
    Object.entries(facts).filter(([name]) =>
      wanted.some((pattern) => pattern.test(name) || pattern.test(`ansible_${name}`)),
    ),
  );
}
