import path from 'node:path';
import { Problems, SlipwayError, SlipwayErrors } from '../../src/base/errors.ts';
import { hostsText } from '../../src/base/frame.ts';
import { locate } from '../../src/base/span.ts';
import { checkPlan } from '../../src/check/check.ts';
import { createLocal } from '../../src/cli/local.ts';
import { loadInventory } from '../../src/inventory/load.ts';
import { modules } from '../../src/modules/index.generated.ts';
import { buildPlan, type PlanOptions } from '../../src/plan/plan.ts';
import { loadPlaybooks } from '../../src/playbook/load.ts';
import { folderOf } from '../kit/folder.ts';

const nothing = { get: () => undefined, has: () => false, names: () => [] };

/** Playbooks against an inventory, checked as `slipway validate` does. */
export async function check(
  playbooks: readonly string[],
  inventories: readonly string[],
  cwd: string,
  given: Partial<PlanOptions> = {},
): Promise<Problems> {
  const problems = new Problems();
  const options: PlanOptions = { check: false, diff: false, tags: [], skipTags: [], extraVars: {}, ...given };
  const { extraVars } = options;
  const folders = playbooks.map((file) => path.dirname(path.resolve(cwd, file)));
  const inventory = await loadInventory(inventories, problems, { cwd, playbookDirs: folders });
  const loaded = loadPlaybooks(playbooks, { modules, problems, cwd, extraVars });
  const plan = buildPlan(loaded, inventory, options, problems);
  await checkPlan(
    { plan, modules, version: '0', local: (task, planned) => createLocal(task, nothing, planned) },
    problems,
  );
  return problems;
}

const HOSTS = 'h1\nh2\nh3\n';

/** What is wrong with these files, without the folder that they were put into. */
export async function foundIn(
  files: Readonly<Record<string, string>>,
  given: Partial<PlanOptions> = {},
): Promise<readonly Found[]> {
  const cwd = folderOf({ hosts: HOSTS, ...files });
  const before = process.cwd();
  process.chdir(cwd);
  const problems = await check(['site.yml'], ['hosts'], cwd, given)
    .catch((thrown: unknown) => {
      if (!(thrown instanceof SlipwayError || thrown instanceof SlipwayErrors)) throw thrown;
      const all = new Problems();
      all.add(thrown);
      return all;
    })
    .finally(() => process.chdir(before));
  const plain = (text: string) => text.replaceAll(`${cwd}/`, '').replaceAll(cwd, '');
  const found = (severity: Found['severity']) => (error: SlipwayError) => ({
    severity,
    error,
    where: error.span ? plain(locate(error.span)) : '-',
    message: plain(error.message),
    hint: error.hint && plain(error.hint),
    hosts: error.hosts && hostsText(error.hosts),
  });
  return [...problems.errors.map(found('error')), ...problems.warnings.map(found('warning'))];
}

export interface Found {
  readonly severity: 'error' | 'warning';
  readonly error: SlipwayError;
  readonly where: string;
  readonly message: string;
  readonly hint: string | undefined;
  readonly hosts: string | undefined;
}

/** What is found in these files: `site.yml` and, where the inventory matters, `hosts`. One line a finding. */
export async function findings(
  files: string | Readonly<Record<string, string>>,
  given: Partial<PlanOptions> = {},
): Promise<string[]> {
  const all = await foundIn(typeof files === 'string' ? { 'site.yml': files } : files, given);
  return all.map(({ where, severity, error, message, hint, hosts }) =>
    [where, severity, error.code, message, hint, hosts].filter(Boolean).join(' | '),
  );
}

/** Tasks of one play for all hosts, which begins at line 4 of site.yml. */
export function tasks(text: string, play = 'gather_facts: false'): string {
  return `- hosts: all\n  ${play}\n  tasks:\n${text.replace(/^\n/, '')}`;
}
