import path from 'node:path';
import { SlipwayError } from '../base/errors.ts';
import { execute } from './execute.ts';
import type { RunFlags } from './options.ts';
import { printWarnings } from './print-warnings.ts';
import { openProject, type Project } from './project.ts';
import { newRun, previousRun, readSummary, recordRun } from './runs.ts';
import { timingLines } from './timings.ts';
import { viewOf } from './view.ts';

/** `slipway run PLAYBOOK...` @returns the exit code */
export async function runCommand(files: readonly string[], flags: RunFlags): Promise<number> {
  const project = await openProject(files, flags);
  printWarnings(project.warnings);
  if (flags.syntaxCheck) return 0;
  if (flags.listHosts || flags.listTasks || flags.listTags) {
    const { listText } = await import('../plan/list.ts');
    process.stdout.write(
      listText(project.plan, { hosts: flags.listHosts, tasks: flags.listTasks, tags: flags.listTags }),
    );
    return 0;
  }
  if (flags.step && !process.stdin.isTTY)
    throw new SlipwayError('usage', '--step needs a terminal to ask at', {
      hint: 'Run it in a terminal, or choose tasks with --tags or --start-at-task.',
    });
  const run = newRun();
  const view = await viewOf(flags);
  const record = recordRun(run.folder, files);
  const code = await execute({
    project,
    flags,
    playbooks: files,
    run,
    listeners: [record, (event) => view.handle(event)],
    hold: view.hold,
    step: flags.step,
  });
  await view.end();
  if (wantsTimings(project) && flags.output !== 'jsonl') printTimings(run, files);
  return code;
}

function wantsTimings({ plan }: Project): boolean {
  return plan.plays.some(({ play }) => play.vars.has('slipway_timings'));
}

function printTimings(run: { id: string; folder: string }, files: readonly string[]): void {
  const now = readSummary(path.join(run.folder, 'summary.json'));
  if (now) process.stdout.write(`\n${timingLines(now, previousRun(run.id, files)).join('\n')}\n`);
}
