import { counted } from '../base/counted.ts';
import { inOrder, Problems, SlipwayError, SlipwayErrors } from '../base/errors.ts';
import { listedTasks } from '../plan/count.ts';
import type { Plan } from '../plan/types.ts';
import { findingAnnotation, findingJson, findingText } from './findings.ts';
import type { InventoryFlags } from './options.ts';
import { readProject } from './project.ts';

export interface ValidateFlags extends InventoryFlags {
  readonly output: 'text' | 'json' | 'github';
  /** Warnings count as errors. */
  readonly strict?: boolean;
}

/** `slipway validate`: everything that needs no host. @returns 3 when something is wrong */
export async function validateCommand(files: readonly string[], flags: ValidateFlags): Promise<number> {
  const { plan, problems } = await read(files, flags);
  const errors = inOrder(problems.errors);
  const warnings = inOrder(problems.warnings);
  const summary = plan && summaryOf(plan);
  if (flags.output === 'json') printJson(errors, warnings, summary);
  else {
    const form = flags.output === 'github' ? findingAnnotation : findingText;
    const all = [
      ...errors.map((error) => form(error, 'error')),
      ...warnings.map((error) => form(error, 'warning')),
    ];
    const to = flags.output === 'github' ? process.stdout : process.stderr;
    if (all.length > 0) to.write(`${all.join(flags.output === 'github' ? '\n' : '\n\n')}\n`);
  }
  const failed = errors.length > 0 || (flags.strict === true && warnings.length > 0);
  if (flags.output === 'text') {
    if (failed)
      process.stderr.write(`\n${counted(errors.length, 'error')}, ${counted(warnings.length, 'warning')}\n`);
    else if (summary)
      process.stdout.write(
        `ok: ${counted(summary.plays, 'play')}, ${counted(summary.tasks, 'task')}, ${counted(summary.hosts, 'host')}\n`,
      );
  }
  return failed ? 3 : 0;
}

async function read(
  files: readonly string[],
  flags: ValidateFlags,
): Promise<{ readonly plan?: Plan; readonly problems: Problems }> {
  try {
    return await readProject(files, { forks: '1', verbose: 0, ...flags, output: 'lines' });
  } catch (thrown) {
    if (!(thrown instanceof SlipwayError || thrown instanceof SlipwayErrors)) throw thrown;
    const problems = new Problems();
    problems.add(thrown);
    return { problems };
  }
}

interface Summary {
  readonly plays: number;
  readonly tasks: number;
  readonly hosts: number;
}

function summaryOf({ plays }: Plan): Summary {
  return {
    plays: plays.length,
    tasks: plays.reduce((sum, { tasks }) => sum + listedTasks(tasks), 0),
    hosts: new Set(plays.flatMap(({ hosts }) => hosts)).size,
  };
}

function printJson(
  errors: readonly SlipwayError[],
  warnings: readonly SlipwayError[],
  summary: Summary | undefined,
): void {
  const findings = [
    ...errors.map((error) => findingJson(error, 'error')),
    ...warnings.map((error) => findingJson(error, 'warning')),
  ];
  const counts = { errors: errors.length, warnings: warnings.length };
  process.stdout.write(`${JSON.stringify({ ...counts, ...summary, findings }, null, 2)}\n`);
}
