import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { Problems } from '../src/base/errors.ts';
import { formatError } from '../src/base/frame.ts';
import { loadInventory } from '../src/inventory/load.ts';
import { modules } from '../src/modules/index.generated.ts';
import { buildPlan } from '../src/plan/plan.ts';
import { loadPlaybooks } from '../src/playbook/load.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const playbooks = readdirSync(`${root}playbooks`).filter((name) => name.endsWith('.yml'));
const inventories = readdirSync(`${root}inventory`).filter((name) => /\.(yml|ini)$/.test(name));
const options = { check: false, diff: false, tags: [], skipTags: [], startAtTask: undefined, extraVars: {} };

describe.each(playbooks)('playbooks/%s', (playbook) => {
  it.each(inventories)('fits inventory/%s', async (name) => {
    const problems = new Problems();
    const inventory = await loadInventory([`${root}inventory/${name}`], problems, {
      playbookDirs: [`${root}playbooks`],
    });
    const loaded = loadPlaybooks([`${root}playbooks/${playbook}`], { modules, problems, extraVars: {} });
    const plan = buildPlan(loaded, inventory, options, problems);
    expect(problems.errors.map((error) => formatError(error))).toEqual([]);
    expect(plan.plays.length).toBeGreaterThan(0);
  });
});
