import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { modules } from '../src/modules/index.generated.ts';
import { type ModuleCase, runCase } from './kit/module-case.ts';

describe.each([...modules.values()].map((module) => [module.name, module] as const))('%s', (name, module) => {
  const file = new URL(`cases/${name}.yaml`, import.meta.url);

  it('has cases and an example', () => {
    expect(existsSync(file)).toBe(true);
    expect(module.examples.length).toBeGreaterThan(0);
    for (const example of module.examples) expect(Array.isArray(parse(example.yaml))).toBe(true);
  });

  // Else a dry run would take for settled what this leaves behind.
  it.runIf(module.kind === 'state')('says what a change touches', () => {
    expect(module).toMatchObject({ touches: expect.any(Function) });
  });

  const cases = existsSync(file) ? (parse(readFileSync(file, 'utf8')) as ModuleCase[]) : [];
  for (const given of cases) it(given.case, () => runCase(module, given));
});
