import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Problems, SlipwayError } from '../../src/base/errors.ts';
import { changed, changes } from './changed.ts';
import { shippedCopy } from './shipped-copy.ts';

const copy = shippedCopy();

/** These are about the command line or about a whole inventory, not about a place in a file. */
const NOWHERE = new Set(['plan.no-match', 'inventory.pattern', 'inventory.no-hosts']);

/** Findings that are a fault of ours, or that stand nowhere. */
function misplaced({ errors, warnings }: Problems): string[] {
  const isRight = ({ code, span }: SlipwayError) => {
    if (code === 'internal') return false;
    if (!span) return NOWHERE.has(code);
    return 0 <= span.start && span.start <= span.end && span.end <= span.source.text.length;
  };
  return [...errors, ...warnings]
    .filter((error) => !isRight(error))
    .map(({ code, message, span }) => `${code} ${message} ${span?.start}-${span?.end}`);
}

test('whatever a file becomes, nothing crashes and every finding has its place', async () => {
  const files = copy().files(/\.(yml|ini|hbs)$/);
  await fc.assert(
    fc.asyncProperty(fc.array(changes, { minLength: 1, maxLength: 3 }), async (several) => {
      const file = files[several[0]!.file % files.length]!;
      const text = several.reduce(changed, copy().read(file));
      const playbook =
        file.startsWith('playbooks/') && !file.includes('roles') ? file : 'playbooks/bootstrap.yml';
      expect(misplaced(await copy().with(file, text, [playbook]))).toEqual([]);
    }),
    { numRuns: Number(process.env['SLIPWAY_RUNS'] ?? 60), endOnFailure: true },
  );
}, 600_000);
