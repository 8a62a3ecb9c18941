import { writeFileSync } from 'node:fs';
import { linesView } from '../views/lines.ts';
import { planPage } from '../views/plan-page.ts';
import { deadlineOf } from './plan.ts';
import { readPlan } from './saved-plans.ts';

export interface ShowFlags {
  readonly html?: string;
  readonly diff: boolean;
  readonly verbose: number;
}

/** `slipway show FILE`: a saved plan as the dry run showed it, or as a page. */
export function showCommand(file: string, flags: ShowFlags): number {
  const plan = readPlan(file);
  const { command, created, version, inputs, unknown } = plan;
  const about = [
    ['Playbooks', command.playbooks.join(' ')],
    ['Inventory', command.inventory.join(' ') || 'none'],
    ...(command.limit === undefined ? [] : [['Limit', command.limit]]),
    ['Made', `${created} by Slipway ${version}, good until ${deadlineOf(plan)}`],
    ['Rests on', `${inputs.length} files`],
    ['What cannot be told yet', { stop: 'stop there', ask: 'ask then', allow: 'do it' }[unknown]],
  ] as [string, string][];
  if (flags.html !== undefined) {
    writeFileSync(flags.html, planPage(plan.events, about), { mode: 0o600 });
    process.stdout.write(`${flags.html}\n`);
    return 0;
  }
  const view = linesView({
    output: 'lines',
    verbose: flags.verbose,
    diff: flags.diff,
    stdout: process.stdout,
    env: process.env,
  });
  for (const [name, value] of about) process.stdout.write(`${name}: ${value}\n`);
  for (const event of plan.events) view.handle(event);
  void view.end();
  return 0;
}
