import { createHash, randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Input, PlannedCommand, SavedPlan, UnknownRule } from '../approval/saved-plan.ts';
import { SlipwayError } from '../base/errors.ts';
import { inputsRead } from '../base/inputs.ts';
import type { Event } from '../events/types.ts';
import { readExtraVars } from './extra-vars.ts';
import type { RunFlags } from './options.ts';
import { version } from './version.ts';

/** @param given `-e` as written: values stay out of the plan, as they may be secrets */
export function varsOf(given: readonly string[], salt: string): SavedPlan['vars'] {
  const values = readExtraVars(given);
  const hash = createHash('sha256')
    .update(salt)
    .update(JSON.stringify(sorted(values)))
    .digest('hex');
  const files = given.filter((text) => text.startsWith('@')).map((text) => path.resolve(text.slice(1)));
  const inline = readExtraVars(given.filter((text) => !text.startsWith('@')));
  return { files, names: Object.keys(inline).sort(), hash };
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, item]) => [key, sorted(item)]));
}

export function commandOf(playbooks: readonly string[], flags: RunFlags): PlannedCommand {
  const { limit, tags, skipTags, startAtTask, user, become, becomeUser, becomeMethod } = flags;
  const given = { limit, tags, skipTags, startAtTask, user, become, becomeUser, becomeMethod };
  return {
    folder: process.cwd(),
    playbooks,
    inventory: flags.inventory ?? [],
    ...(Object.fromEntries(
      Object.entries(given).filter(([, value]) => value !== undefined),
    ) as Partial<PlannedCommand>),
  };
}

/** SHA-256 of a file, or of the names in a folder; undefined where there is neither. */
export function hashOf(file: string): string | undefined {
  try {
    const hash = createHash('sha256');
    if (statSync(file).isDirectory()) hash.update(namesIn(file).join('\n'));
    else hash.update(readFileSync(file));
    return hash.digest('hex');
  } catch {
    return undefined;
  }
}

function namesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true }).map(String).sort();
}

/** Everything that was read so far, with its hash. */
export function inputsNow(): Input[] {
  return inputsRead().flatMap((file) => {
    const sha256 = hashOf(file);
    return sha256 === undefined ? [] : [{ path: file, sha256 }];
  });
}

export interface Wanted {
  readonly playbooks: readonly string[];
  readonly flags: RunFlags;
  readonly unknown: UnknownRule;
  /** Milliseconds. */
  readonly validFor: number;
}

/** What a dry run told, as a plan that somebody may approve. */
export function planFrom(events: readonly Event[], wanted: Wanted): SavedPlan {
  const salt = randomBytes(16).toString('hex');
  return {
    format: 1,
    version,
    created: new Date().toISOString(),
    validFor: wanted.validFor,
    unknown: wanted.unknown,
    command: commandOf(wanted.playbooks, wanted.flags),
    salt,
    vars: varsOf(wanted.flags.extraVars ?? [], salt),
    inputs: inputsNow(),
    events: events.filter(isKept).map(withoutResult),
  };
}

function isKept({ event }: Event): boolean {
  return ['run.started', 'play.started', 'task.finished', 'warning', 'run.finished'].includes(event);
}

// Registers may hold anything; a plan is there to be passed on.
function withoutResult(event: Event): Event {
  if (event.event !== 'task.finished') return event;
  const { result: _, ...kept } = event;
  return kept;
}

/** Readable by its owner only: a diff shows what is in files. */
export function writePlan(file: string, plan: SavedPlan): void {
  writeFileSync(file, `${JSON.stringify(plan, null, 1)}\n`, { mode: 0o600 });
}

/** @throws {SlipwayError} file.missing, schema.invalid-value */
export function readPlan(file: string): SavedPlan {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new SlipwayError('file.missing', `there is no plan at ${file}`, {
      cause,
      hint: 'Make one: slipway plan PLAYBOOK -i INVENTORY -o FILE',
    });
  }
  const plan = parsed(text);
  if (plan?.format === 1 && Array.isArray(plan.events) && Array.isArray(plan.inputs)) return plan;
  const what = plan?.format === undefined ? 'is no plan of Slipway' : `has the format ${plan.format}, not 1`;
  throw new SlipwayError('schema.invalid-value', `${file} ${what}`, {
    hint: 'Make it with `slipway plan` of this version.',
  });
}

function parsed(text: string): SavedPlan | undefined {
  try {
    return JSON.parse(text) as SavedPlan;
  } catch {
    return undefined;
  }
}
