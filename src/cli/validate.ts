import { listedTasks } from '../plan/count.ts';
import type { InventoryFlags } from './options.ts';
import { openProject, printWarnings } from './project.ts';

/** `slipway validate`: everything that needs no host. @throws {SlipwayErrors} with all that is wrong */
export async function validateCommand(files: readonly string[], flags: InventoryFlags): Promise<number> {
  const project = await openProject(files, { forks: '1', verbose: 0, output: 'lines', ...flags });
  printWarnings(project.warnings);
  const { plays } = project.plan;
  const tasks = plays.reduce((sum, { tasks }) => sum + listedTasks(tasks), 0);
  const hosts = new Set(plays.flatMap(({ hosts }) => hosts)).size;
  process.stdout.write(`ok: ${plays.length} plays, ${tasks} tasks, ${hosts} hosts\n`);
  return 0;
}
