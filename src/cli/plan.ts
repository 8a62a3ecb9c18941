import { isPending, totalOf, type SavedPlan, type UnknownRule } from '../approval/saved-plan.ts';
import { SlipwayError } from '../base/errors.ts';
import type { Event } from '../events/types.ts';
import { execute } from './execute.ts';
import type { RunFlags } from './options.ts';
import { modules } from '../modules/index.generated.ts';
import { printWarnings } from './print-warnings.ts';
import { openProject } from './project.ts';
import { newRun, recordRun } from './runs.ts';
import { planFrom, writePlan } from './saved-plans.ts';
import { viewOf } from './view.ts';

export interface PlanFlags extends RunFlags {
  readonly out: string;
  readonly unknown: UnknownRule;
  readonly validFor: string;
}

/** Of `plan`: there is something to do. */
export const PENDING = 5;

/** `slipway plan PLAYBOOK... -o FILE` @returns 0 nothing to do, 5 changes pending, or as `run` */
export async function planCommand(files: readonly string[], flags: PlanFlags): Promise<number> {
  const validFor = durationOf(flags.validFor);
  const dry: RunFlags = { ...flags, check: true, diff: true };
  const project = await openProject(files, dry);
  printWarnings(project.warnings);
  const run = newRun();
  const view = await viewOf(flags);
  const events: Event[] = [];
  const code = await execute({
    project,
    flags: dry,
    playbooks: files,
    run,
    listeners: [
      recordRun(run.folder, files),
      (event) => void events.push(event),
      (event) => view.handle(event),
    ],
    hold: view.hold,
  });
  await view.end();
  if (code !== 0) {
    process.stderr.write(`no plan was written, since the dry run did not come to its end\n`);
    return code;
  }
  const plan = planFrom(events, { playbooks: files, flags, unknown: flags.unknown, validFor });
  writePlan(flags.out, plan);
  if (flags.output !== 'jsonl') process.stdout.write(`\n${summaryOf(plan, flags.out).join('\n')}\n`);
  return isPending(plan, isHarmless) ? PENDING : 0;
}

function isHarmless(name: string): boolean {
  const module = modules.get(name);
  return module?.kind === 'control' || (module?.kind === 'query' && module.finish === undefined);
}

function summaryOf(plan: SavedPlan, file: string): string[] {
  if (!isPending(plan, isHarmless)) return [`nothing to do · ${file} says so until ${deadlineOf(plan)}`];
  const { change, run, unknown, 'may-run': may } = totalOf(plan);
  const open = unknown + may;
  const rules = { stop: 'stops there', ask: 'asks then', allow: 'does them' };
  return [
    `${change} would change, ${run} would run${open === 0 ? '' : `, ${open} cannot be told yet (apply ${rules[plan.unknown]})`}`,
    `plan: ${file}, good until ${deadlineOf(plan)}`,
    `look at it: slipway show ${file} [--html PAGE.html]    do exactly that: slipway apply ${file}`,
  ];
}

export function deadlineOf(plan: SavedPlan): string {
  return new Date(Date.parse(plan.created) + plan.validFor).toISOString().replace(/\.\d+Z$/, 'Z');
}

/** `90m`, `24h`, `7d` in milliseconds. @throws {SlipwayError} usage */
function durationOf(text: string): number {
  const found = /^(\d+)([mhd])$/.exec(text);
  const unit = { m: 60_000, h: 3_600_000, d: 86_400_000 }[found?.[2] ?? ''];
  if (found && unit && Number(found[1]) > 0) return Number(found[1]) * unit;
  throw new SlipwayError('usage', `--valid-for is ${text}`, { hint: 'Write 90m, 24h or 7d.' });
}
