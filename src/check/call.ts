import { propertyOf, type Schema } from '../base/schema-convert.ts';
import type { Module } from '../module/contract.ts';
import { OMIT } from '../plan/omit.ts';
import type { Task } from '../playbook/types.ts';
import { argumentError, renderedArguments } from '../playbook/rendered.ts';
import { examineDelegate, examineKeywords } from './keywords.ts';
import { type Misfit, misfit } from './misfits.ts';
import { originOf } from './origin.ts';
import { prepareCall, renderAgain } from './prepare.ts';
import type { CheckScope } from './scope.ts';
import type { Look } from './look.ts';
import type { CallResult } from './task.ts';
import { signatureOf } from './signature.ts';
import { type Called, writesOf } from './writes-of.ts';

/**
 * Examines one call of a module: its keywords, its arguments, and the files that it needs here. The latter take reading,
 * which is only done where no call like this one was found to be right before.
 */
export function examineCall(
  task: Task,
  module: Module,
  look: Look,
  scope: CheckScope,
): Omit<CallResult, 'notifies'> | Promise<Omit<CallResult, 'notifies'>> {
  examineKeywords(task, look, scope);
  const delegate = examineDelegate(task, look, scope);
  const data: Record<string, unknown> = {};
  for (const [name, conditions] of Object.entries(task.conditions)) {
    for (const condition of conditions) condition.examine(scope, look.watch);
    data[name] = conditions.map(({ text }) => ({ text, holds: true }));
  }
  for (const { key, value } of task.args.entries) {
    const found = look.value(value, scope);
    if (found !== OMIT) data[key] = found;
  }
  const facts = module.name === 'set_fact' ? factsOf(data) : undefined;
  if (task.faulty) return { facts, writes: [] };
  const signature = signatureOf(task, module, data);
  const before = look.watch.faults.size;
  const known = look.place.right.get(signature);
  const end = (prepared: Called['prepared']) => ({
    facts,
    writes: writesOf({ task, module, params: data, delegate, prepared }, look, scope),
  });
  if (known) return end({ sources: known, rendered: renderAgain(known, look, scope) });
  const params = checkArguments(task, module, data, look, scope);
  if (!params || look.watch.faults.size > before) return { facts, writes: [] };
  const prepared = prepareCall(task, module, params, look, scope);
  if (!prepared) {
    look.place.right.set(signature, []);
    return end({ sources: [], rendered: undefined });
  }
  return prepared.then(({ right, sources, rendered }) => {
    if (right) look.place.right.set(signature, sources);
    return end({ sources, rendered });
  });
}

function factsOf(data: Readonly<Record<string, unknown>>): ReadonlyMap<string, unknown> {
  return new Map(Object.entries(data).filter(([name]) => name !== 'cacheable'));
}

/** The arguments by the module's schema, as the run checks and converts them; undefined where they do not fit. */
function checkArguments(
  task: Task,
  module: Module,
  data: Record<string, unknown>,
  look: Look,
  scope: CheckScope,
): Record<string, unknown> | undefined {
  const { params, problems } = renderedArguments(module, data);
  const wrong = misfits(module, data);
  const standIn = Object.fromEntries([...wrong].map(([name, { sample }]) => [name, sample]));
  const found = wrong.size > 0 ? renderedArguments(module, { ...data, ...standIn }).problems : problems;
  for (const problem of found) {
    const name = String(problem.path[0]);
    const stands = wrong.get(name);
    const entry = task.args.entries.find(({ key }) => key === problem.path[0]);
    const { code, message, span, hint } = argumentError(problem, task);
    const from = entry && originOf(entry.value, scope);
    const hints = [stands ? stands.hint : hint, from].filter((text) => text !== undefined);
    look.watch.fault({
      code,
      // A sample is no value that anybody wrote.
      message: stands ? message.replace(/ \((?:""|0|true)\)$/, '') : message,
      span: span ?? task.argsSpan,
      hint: hints.length > 0 ? hints.join(' ') : undefined,
      sure: look.watch.sure,
      general: stands?.general,
    });
  }
  return found.length > 0 ? undefined : params;
}

/** Arguments that are not known yet, and can never be what the module wants. */
function misfits(module: Module, data: Readonly<Record<string, unknown>>): ReadonlyMap<string, Misfit> {
  const conditions: readonly string[] = module.kind === 'control' ? (module.conditions ?? []) : [];
  const schema = module.params as unknown as Schema;
  const found = new Map<string, Misfit>();
  for (const [name, value] of Object.entries(data)) {
    const property = conditions.includes(name) ? undefined : propertyOf(schema, name);
    const wrong = property && misfit(property, value);
    if (wrong) found.set(name, wrong);
  }
  return found;
}
