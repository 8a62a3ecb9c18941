import path from 'node:path';
import { type Drift, driftBetween } from '../approval/drift.ts';
import { Gate } from '../approval/gate.ts';
import { type SavedPlan, totalOf } from '../approval/saved-plan.ts';
import { counted } from '../base/counted.ts';
import { SlipwayError } from '../base/errors.ts';
import type { Event } from '../events/types.ts';
import { execute } from './execute.ts';
import type { RunFlags } from './options.ts';
import { deadlineOf } from './plan.ts';
import { printWarnings } from './print-warnings.ts';
import { openProject, type Project } from './project.ts';
import { askPasswords, type Passwords } from './prompts.ts';
import { newRun, recordRun } from './runs.ts';
import { hashOf, inputsNow, readPlan, varsOf } from './saved-plans.ts';
import { version } from './version.ts';
import { viewOf } from './view.ts';

/** Differences that are named; a host that was set up anew has hundreds. */
const NAMED = 12;

/** `slipway apply FILE` @returns as `run`; 3 where the plan does not hold any more and nothing was touched */
export async function applyCommand(file: string, flags: RunFlags): Promise<number> {
  const plan = readPlan(file);
  mustBeFresh(plan);
  process.chdir(plan.command.folder);
  mustBeTheSame(plan, flags.extraVars ?? []);
  const again: RunFlags = { ...flags, ...plan.command, inventory: [...plan.command.inventory], diff: true };
  const dry = await openProject(plan.command.playbooks, { ...again, check: true });
  mustHaveNoMore(plan);
  const passwords = await askPasswords(again);
  const looked = await lookAgain(plan, dry, again, passwords);
  if (looked !== 0) return looked;
  const project = await openProject(plan.command.playbooks, again);
  printWarnings(project.warnings);
  return carryOut(plan, project, { ...again, diff: flags.diff ?? false }, passwords);
}

/** @throws {SlipwayError} plan.changed */
function mustBeFresh(plan: SavedPlan): void {
  if (plan.version !== version)
    throw refused(`the plan was made by Slipway ${plan.version}, and this is ${version}`);
  if (Date.now() > Date.parse(plan.created) + plan.validFor)
    throw refused(`the plan was good until ${deadlineOf(plan)}`);
}

/** @throws {SlipwayError} plan.changed, usage */
function mustBeTheSame(plan: SavedPlan, given: readonly string[]): void {
  const changed = plan.inputs
    .map((input) => ({ name: shown(input.path), now: hashOf(input.path), was: input.sha256 }))
    .filter(({ now, was }) => now !== was)
    .map(({ name, now }) => (now === undefined ? `${name} is gone` : `${name} has changed`));
  if (changed.length > 0) throw refused(listed(changed));
  const files = plan.vars.files.map((file) => `@${file}`);
  const vars = varsOf([...files, ...given.filter((text) => !text.startsWith('@'))], plan.salt);
  if (vars.hash === plan.vars.hash) return;
  const missing = plan.vars.names.filter((name) => !vars.names.includes(name));
  if (missing.length > 0)
    throw new SlipwayError(
      'usage',
      `the plan was made with ${missing.map((name) => `-e ${name}=…`).join(' ')}`,
      {
        hint: 'Values from the command line are not kept in a plan, as they may be secrets: give them again.',
      },
    );
  throw refused('the variables of the command line (-e) have other values');
}

/** @throws {SlipwayError} plan.changed */
function mustHaveNoMore(plan: SavedPlan): void {
  const known = new Set(plan.inputs.map((input) => input.path));
  const fresh = inputsNow().filter((input) => !known.has(input.path));
  if (fresh.length > 0) throw refused(listed(fresh.map((input) => `${shown(input.path)} is read now, too`)));
}

/** Asks the hosts once more, and changes nothing. @returns the exit code of the dry run */
async function lookAgain(
  plan: SavedPlan,
  project: Project,
  flags: RunFlags,
  passwords: Passwords,
): Promise<number> {
  const say = flags.output === 'jsonl' ? () => {} : (text: string) => void process.stdout.write(`${text}\n`);
  say('looking whether the hosts are as the plan says …');
  const run = newRun();
  const events: Event[] = [];
  const view = await viewOf({ ...flags, output: 'lines', verbose: 0, diff: false });
  const code = await execute({
    project,
    flags,
    playbooks: plan.command.playbooks,
    run,
    listeners: [
      recordRun(run.folder, plan.command.playbooks),
      (event) => void events.push(event),
      (event) => {
        if (event.event === 'task.finished' && event.failure) view.handle(event);
      },
    ],
    hold: view.hold,
    passwords,
  });
  await view.end();
  if (code !== 0) return code;
  const drifts = driftBetween(plan.events, events);
  if (drifts.length > 0) throw drifted(drifts);
  say('they are; doing what was approved');
  warnOfQuestions(plan);
  return 0;
}

/** A run without a terminal comes to an end where the plan wants somebody to be asked. */
function warnOfQuestions(plan: SavedPlan): void {
  const { unknown, 'may-run': may } = totalOf(plan);
  if (plan.unknown !== 'ask' || process.stdin.isTTY || unknown + may === 0) return;
  process.stderr.write(
    `warning: the plan asks at ${counted(unknown + may, 'step')} of which it could not tell, and there is nobody to ask: it stops there\n`,
  );
}

function drifted(drifts: readonly Drift[]): SlipwayError {
  const lines = drifts.map(({ title, what }) => `${title}: ${what}`);
  return new SlipwayError(
    'plan.drifted',
    `the hosts are not as they were when it was planned:\n${listed(lines)}`,
    {
      hint: 'Nothing was touched. Make a new plan (slipway plan) and look at it again.',
    },
  );
}

async function carryOut(
  plan: SavedPlan,
  project: Project,
  flags: RunFlags,
  passwords: Passwords,
): Promise<number> {
  const run = newRun();
  const view = await viewOf(flags);
  const { playbooks } = plan.command;
  const code = await execute({
    project,
    flags,
    playbooks,
    run,
    listeners: [recordRun(run.folder, playbooks), (event) => view.handle(event)],
    hold: view.hold,
    passwords,
    gate: (ask) => new Gate(plan, ask),
  });
  await view.end();
  return code;
}

function refused(why: string): SlipwayError {
  return new SlipwayError('plan.changed', `this plan cannot be applied: ${why}`, {
    hint: 'Nothing was touched. Make a new plan (slipway plan) and look at it again.',
  });
}

function listed(lines: readonly string[]): string {
  const more = lines.length > NAMED ? [`and ${lines.length - NAMED} more`] : [];
  return [...lines.slice(0, NAMED), ...more].join('\n');
}

function shown(file: string): string {
  const relative = path.relative(process.cwd(), file);
  return relative.startsWith('..') ? file : relative;
}
