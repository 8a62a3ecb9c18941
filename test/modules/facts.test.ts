import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { gatherFacts } from '../../src/modules/facts/gather.ts';
import { factsProbe } from '../../src/modules/facts/probe.ts';
import { gatherSubsetFor } from '../../src/modules/facts/schema.ts';

/** The facts of this machine. */
function gathered(...subsets: readonly string[]): Record<string, unknown> {
  const { text } = factsProbe({ factPath: '/nowhere', subsets });
  const { stdout } = spawnSync('sh', ['-c', `( ${text}\n)`], { encoding: 'utf8' });
  return { ...gatherFacts(stdout, subsets) };
}

const SUBSETS = ['min', 'hardware', 'network', 'virtual', 'containers', 'local'];
// These differ from one moment to the next.
const PASSING =
  /^(gather_subset|date_time|env|mem\w+|swapfree_mb|swaps|uptime_seconds|loadavg|mounts|listening_tcp)$/;

describe('a subset of facts', () => {
  const whole = gathered(...SUBSETS);

  it.each(SUBSETS)('%s is the same alone as among the others', (subset) => {
    const { gather_subset: _, ...alone } = gathered(subset);
    const names = Object.keys(alone);
    expect(names).not.toEqual([]);
    expect(names.filter((name) => !gatherSubsetFor([name]).includes(subset))).toEqual([]);
    const shape = (facts: Record<string, unknown>) =>
      Object.fromEntries(names.map((name) => [name, PASSING.test(name) ? typeof facts[name] : facts[name]]));
    expect(shape(alone)).toEqual(shape(whole));
  });

  it('may be none', () => expect(gathered()).toEqual({ gather_subset: [] }));
});
