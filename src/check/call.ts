import { didYouMean } from '../base/suggest.ts';
import { locate } from '../base/span.ts';
import { Unknown, type Value } from '../expression/types.ts';
import { BECOME_METHODS, becomeMethod } from '../inventory/address.ts';
import { asBoolean } from '../inventory/connection-values.ts';
import type { Module } from '../module/contract.ts';
import { OMIT } from '../plan/omit.ts';
import type { Keywords, Task } from '../playbook/types.ts';
import { argumentError, renderedArguments } from '../playbook/rendered.ts';
import { prepareCall, renderAgain } from './prepare.ts';
import type { CheckScope } from './scope.ts';
import type { CallResult, Look } from './task.ts';
import { signatureOf } from './signature.ts';
import { writesOf } from './writes-of.ts';

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
  for (const name of ['retries', 'delay'] as const) examineNumber(name, task[name], look, scope);
  examineNumber('pause', task.loop?.pause, look, scope);
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
  const end = (rendered: string | Unknown | undefined) => ({
    facts,
    writes: writesOf(task, module, data, delegate, rendered, look),
  });
  if (known) return end(renderAgain(known, look, scope));
  const params = checkArguments(task, module, data, look, scope);
  if (!params || look.watch.faults.size > before) return { facts, writes: [] };
  const prepared = prepareCall(task, module, params, look, scope);
  if (!prepared) {
    look.place.right.set(signature, []);
    return end(undefined);
  }
  return prepared.then(({ right, sources, rendered }) => {
    if (right) look.place.right.set(signature, sources);
    return end(rendered);
  });
}

function factsOf(data: Readonly<Record<string, unknown>>): ReadonlyMap<string, unknown> {
  return new Map(Object.entries(data).filter(([name]) => name !== 'cacheable'));
}

/** What stands around a task and may be a template. */
function examineKeywords(keywords: Keywords, look: Look, scope: CheckScope): void {
  const { become, checkMode, diff, noLog, ignoreErrors, ignoreUnreachable, anyErrorsFatal } = keywords;
  const flags = { become: become.become, check_mode: checkMode, diff, no_log: noLog };
  const more = {
    ignore_errors: ignoreErrors,
    ignore_unreachable: ignoreUnreachable,
    any_errors_fatal: anyErrorsFatal,
  };
  for (const [name, value] of Object.entries({ ...flags, ...more })) examineFlag(name, value, look, scope);
  for (const name of ['throttle', 'timeout'] as const) examineNumber(name, keywords[name], look, scope);
  const values = [...keywords.environment, become.user, become.method, become.flags];
  for (const value of values) if (value && value.kind !== 'data') look.value(value, scope);
  const method = look.value(become.method, scope);
  if (become.method && typeof method === 'string' && !becomeMethod(method))
    look.watch.fault({
      code: 'playbook.not-supported',
      message: `\`become_method: ${method}\` is not supported`,
      span: become.method.span,
      hint: `Use one of ${BECOME_METHODS.join(', ')}.`,
      sure: look.watch.sure,
    });
}

function examineFlag(name: string, value: Value | undefined, look: Look, scope: CheckScope): void {
  if (!value || value.kind === 'data') return;
  const found = look.value(value, scope);
  if (found instanceof Unknown || found === OMIT || asBoolean(found) !== undefined) return;
  misfit(name, 'true or false', found, value, look, scope);
}

function examineNumber(name: string, value: Value | undefined, look: Look, scope: CheckScope): void {
  if (!value || value.kind === 'data') return;
  const found = look.value(value, scope);
  if (found instanceof Unknown || found === OMIT) return;
  const isNumber = typeof found === 'number' || typeof found === 'bigint' || typeof found === 'string';
  if (!isNumber || found === '' || !Number.isFinite(Number(found)))
    misfit(name, 'a number', found, value, look, scope);
}

function misfit(
  name: string,
  wanted: string,
  found: unknown,
  value: Value,
  look: Look,
  scope: CheckScope,
): void {
  look.watch.fault({
    code: 'task.invalid',
    message: `\`${name}\` must be ${wanted}, not ${JSON.stringify(found)}`,
    span: value.span,
    hint: originOf(value, scope),
    sure: look.watch.sure,
  });
}

/** The host that does the work; undefined for the task's own. */
function examineDelegate(task: Task, look: Look, scope: CheckScope): unknown {
  const { delegateTo } = task;
  if (!delegateTo) return undefined;
  const host = look.value(delegateTo, scope);
  const { inventory } = look.place.world;
  if (typeof host !== 'string' || host === '' || inventory.host(host)) return host;
  look.watch.fault({
    code: 'playbook.unknown-host',
    message: `\`delegate_to\` names \`${host}\`, which is no host of the inventory`,
    span: delegateTo.span,
    hint: didYouMean(host, inventory.hosts.keys()),
    sure: look.watch.sure,
    warning: true,
  });
  return host;
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
  for (const problem of problems) {
    const entry = task.args.entries.find(({ key }) => key === problem.path[0]);
    const { code, message, span, hint } = argumentError(problem, task);
    const from = entry && originOf(entry.value, scope);
    const hints = [hint, from].filter((text) => text !== undefined);
    look.watch.fault({
      code,
      message,
      span: span ?? task.argsSpan,
      hint: hints.length > 0 ? hints.join(' ') : undefined,
      sure: look.watch.sure,
    });
  }
  return problems.length > 0 ? undefined : params;
}

/** Where a value comes from, if it is a variable as it is. */
function originOf(value: Value, scope: CheckScope): string | undefined {
  if (value.kind !== 'template' || value.references.length !== 1) return undefined;
  const name = value.references[0]!.path[0]!;
  const found = scope.find(name);
  const there =
    found && 'value' in found && found.value.span.source.text !== '' ? found.value.span : undefined;
  return there && `\`${name}\` is defined at ${locate(there)}.`;
}
