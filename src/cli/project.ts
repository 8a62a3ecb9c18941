import path from 'node:path';
import { Problems, type SlipwayError } from '../base/errors.ts';
import { expandLimit } from '../inventory/limit.ts';
import type { Inventory } from '../inventory/types.ts';
import { checkPlan } from '../check/check.ts';
import type { Scope } from '../expression/types.ts';
import type { Local } from '../module/host.ts';
import { modules } from '../modules/index.generated.ts';
import { buildPlan } from '../plan/plan.ts';
import type { Plan, PlannedPlay, RunOptions } from '../plan/types.ts';
import type { Include, Task } from '../playbook/types.ts';
import { loadPlaybooks } from '../playbook/load.ts';
import { readExtraVars } from './extra-vars.ts';
import { createLocal } from './local.ts';
import { playbookFile } from './shipped.ts';
import { version } from './version.ts';
import { openInventory } from './open-inventory.ts';
import { commaList, type RunFlags } from './options.ts';

/** Everything that the command line names, read and checked; nothing has been connected. */
export interface Project {
  readonly inventory: Inventory;
  readonly plan: Plan;
  /** Absolute paths: who runs the same on the same goes on from the run before. */
  readonly sources: { readonly playbooks: readonly string[]; readonly inventories: readonly string[] };
  readonly warnings: readonly SlipwayError[];
}

/** @throws {SlipwayErrors} with all that is wrong in all files */
export async function openProject(files: readonly string[], flags: RunFlags): Promise<Project> {
  const { problems, ...project } = await readProject(files, flags);
  problems.throwIfAny();
  return { ...project, warnings: problems.warnings };
}

/** Reads and checks; what is wrong is in `problems`. @throws {SlipwayError | SlipwayErrors} where nothing can be read */
export async function readProject(
  given: readonly string[],
  flags: RunFlags,
): Promise<Omit<Project, 'warnings'> & { readonly problems: Problems }> {
  const problems = new Problems();
  const options = runOptionsOf(flags);
  const files = given.map((file) => playbookFile(file));
  const inventory = await openInventory(
    flags,
    problems,
    files.map((file) => path.dirname(file)),
  );
  const playbooks = loadPlaybooks(files, { modules, problems, extraVars: options.extraVars });
  const limit = flags.limit === undefined ? undefined : expandLimit(flags.limit, process.cwd());
  const plan = buildPlan(playbooks, inventory, { ...options, limit }, problems);
  await checkPlan({ plan, modules, version, local: filesOf }, problems);
  const absolute = (names: readonly string[]) => names.map((name) => path.resolve(name));
  const sources = { playbooks: absolute(files), inventories: absolute(flags.inventory ?? []) };
  return { inventory, plan, sources, problems };
}

const NOTHING: Scope = { get: () => undefined, has: () => false, names: () => [] };

/** The controller's files for a check, which renders by itself. */
export function filesOf(task: Task | Include, planned: PlannedPlay): Local {
  return createLocal(task, NOTHING, planned);
}

export function runOptionsOf(flags: RunFlags): RunOptions {
  return {
    check: flags.check ?? false,
    diff: flags.diff ?? false,
    tags: commaList(flags.tags),
    skipTags: commaList(flags.skipTags),
    startAtTask: flags.startAtTask,
    extraVars: readExtraVars(flags.extraVars ?? []),
  };
}
