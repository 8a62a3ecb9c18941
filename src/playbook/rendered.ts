import { SlipwayError, SlipwayErrors } from '../base/errors.ts';
import type { SchemaProblem } from '../base/schema.ts';
import { Unknown } from '../expression/types.ts';
import { checkArguments } from '../module/arguments.ts';
import type { Module } from '../module/contract.ts';
import type { Task } from './types.ts';

/** Stands for conditions, which have been tested already. */
const TESTED = Symbol('tested');

export interface Rendered {
  readonly params: Record<string, unknown>;
  readonly problems: readonly SchemaProblem[];
}

/** Arguments after rendering, by the module's schema; what is still Unknown fits. */
export function renderedArguments(module: Module, given: Record<string, unknown>): Rendered {
  const conditions = module.kind === 'control' ? (module.conditions ?? []) : [];
  const masked = { ...given };
  for (const name of conditions) if (name in given) masked[name] = TESTED;
  const isTemplated = (value: unknown) => value === TESTED || value instanceof Unknown;
  const { data, problems } = checkArguments(module.params, masked, { module: module.name, isTemplated });
  const tested = Object.fromEntries(
    conditions.filter((name) => name in given).map((name) => [name, given[name]]),
  );
  return { params: { ...(data as Record<string, unknown>), ...tested }, problems };
}

/** A problem with rendered arguments as an error at its place in the task. */
export function argumentError({ path, message, hint }: SchemaProblem, task: Task): SlipwayError {
  const entry = task.args.entries.find(({ key }) => key === path[0]);
  return new SlipwayError('task.invalid', message, { span: entry?.value.span ?? task.argsSpan, hint });
}

/** Arguments after rendering: what is wrong now was not to be seen in the file. @throws {SlipwayErrors} */
export function checkRendered(
  module: Module,
  task: Task,
  given: Record<string, unknown>,
): Record<string, unknown> {
  const { params, problems } = renderedArguments(module, given);
  if (problems.length > 0) throw new SlipwayErrors(problems.map((problem) => argumentError(problem, task)));
  return params;
}
