import { didYouMean } from '../base/suggest.ts';
import { type Kind, kindsOf, WORDS } from '../expression/shape.ts';
import { Unknown, type Value } from '../expression/types.ts';
import { BECOME_METHODS, becomeMethod } from '../inventory/address.ts';
import { asBoolean } from '../inventory/connection-values.ts';
import { OMIT } from '../plan/omit.ts';
import type { Task } from '../playbook/types.ts';
import { originOf } from './origin.ts';
import type { CheckScope } from './scope.ts';
import type { Look } from './look.ts';

/** What stands around a task and may be a template. */
export function examineKeywords(task: Task, look: Look, scope: CheckScope): void {
  const { become, checkMode, diff, noLog, ignoreErrors, ignoreUnreachable, anyErrorsFatal } = task;
  const flags = { become: become.become, check_mode: checkMode, diff, no_log: noLog };
  const more = {
    ignore_errors: ignoreErrors,
    ignore_unreachable: ignoreUnreachable,
    any_errors_fatal: anyErrorsFatal,
  };
  for (const [name, value] of Object.entries({ ...flags, ...more })) examineFlag(name, value, look, scope);
  for (const name of ['throttle', 'timeout', 'retries', 'delay'] as const)
    examineNumber(name, task[name], look, scope);
  examineNumber('pause', task.loop?.pause, look, scope);
  for (const value of task.environment) if (value.kind !== 'data') look.value(value, scope);
  const texts = { become_user: become.user, become_method: become.method, become_flags: become.flags };
  for (const [name, value] of Object.entries(texts)) examineText(name, value, look, scope);
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
  if (found === OMIT || asBoolean(found) !== undefined || mayBe(found, SCALARS)) return;
  wrong(name, 'true or false', found, value, look, scope);
}

function examineText(name: string, value: Value | undefined, look: Look, scope: CheckScope): void {
  if (!value || value.kind === 'data') return;
  const found = look.value(value, scope);
  if (found instanceof Unknown && !mayBe(found, SCALARS)) wrong(name, 'a string', found, value, look, scope);
}

const SCALARS: ReadonlySet<Kind> = new Set(['string', 'number', 'boolean', 'null']);
const NUMBERS: ReadonlySet<Kind> = new Set(['string', 'number', 'null']);

/** Whether something that is not known yet may be of one of these kinds. */
function mayBe(found: unknown, wanted: ReadonlySet<Kind>): boolean {
  if (!(found instanceof Unknown)) return false;
  const kinds = kindsOf(found);
  return !kinds || kinds.some((kind) => wanted.has(kind));
}

function examineNumber(name: string, value: Value | undefined, look: Look, scope: CheckScope): void {
  if (!value || value.kind === 'data') return;
  const found = look.value(value, scope);
  if (found === OMIT || mayBe(found, NUMBERS)) return;
  const isNumber = typeof found === 'number' || typeof found === 'bigint' || typeof found === 'string';
  if (!isNumber || found === '' || !Number.isFinite(Number(found)))
    wrong(name, 'a number', found, value, look, scope);
}

function wrong(
  name: string,
  wanted: string,
  found: unknown,
  value: Value,
  look: Look,
  scope: CheckScope,
): void {
  const [kind] = found instanceof Unknown ? (kindsOf(found) ?? []) : [];
  look.watch.fault({
    code: 'task.invalid',
    message: `\`${name}\` must be ${wanted}, not ${kind ? WORDS[kind] : JSON.stringify(found)}`,
    span: value.span,
    hint: originOf(value, scope),
    sure: look.watch.sure,
    general: found instanceof Unknown,
  });
}

/** The host that does the work; undefined for the task's own. */
export function examineDelegate(task: Task, look: Look, scope: CheckScope): unknown {
  const { delegateTo } = task;
  if (!delegateTo) return undefined;
  const host = look.value(delegateTo, scope);
  examineText('delegate_to', delegateTo, look, scope);
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
