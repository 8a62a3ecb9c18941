import type { Condition, Value } from '../expression/types.ts';
import { sourceContent } from '../expression/template.ts';
import type { Source } from '../base/span.ts';
import type { Module } from '../module/contract.ts';
import type { Task } from '../playbook/types.ts';
import type { CheckScope } from './scope.ts';
import { plainOf } from './signature.ts';
import { WRITERS } from './writes-of.ts';

/**
 * The variables whose content matters to what a task comes to. The others only become part of texts that nothing looks
 * into, so hosts that differ in them are alike: 5,000 addresses are one case.
 */
export function contentNames(
  task: Task,
  module: Module,
  sources: readonly Source[],
  scope: CheckScope,
): ReadonlySet<string> {
  const closure = new Closure(scope);
  const plain = plainOf(module);
  const writes = WRITERS.has(module.name);
  for (const { key, value } of task.args.entries) {
    // Which file it is matters: another task may write it, too.
    const names = writes && (key === 'dest' || key === 'path');
    closure.value(value, names || !plain.has(key));
  }
  for (const source of sources) {
    const { all, looked } = sourceContent(source);
    for (const name of all) closure.name(name, looked.has(name));
  }
  const conditions = [
    task.when,
    task.changedWhen,
    task.failedWhen,
    task.until,
    ...Object.values(task.conditions),
  ];
  for (const condition of conditions.flat()) closure.condition(condition);
  const { loop, become } = task;
  const keywords = [
    loop?.items,
    loop?.label,
    task.delegateTo,
    ...task.notify,
    ...Object.values(become as object),
  ];
  const others = [
    task.checkMode,
    task.noLog,
    task.ignoreErrors,
    task.throttle,
    task.timeout,
    task.retries,
    task.delay,
  ];
  for (const value of [...keywords, ...others] as (Value | undefined)[])
    if (value) closure.value(value, true);
  for (const value of task.environment) closure.value(value, false);
  return closure.content;
}

class Closure {
  readonly content = new Set<string>();
  readonly #asText = new Set<string>();
  readonly #scope: CheckScope;

  constructor(scope: CheckScope) {
    this.#scope = scope;
  }

  condition({ references }: Condition): void {
    for (const { path } of references) this.name(path[0]!, true);
  }

  value(value: Value, matters: boolean): void {
    if (value.kind === 'template') {
      for (const { path } of value.references) this.name(path[0]!, matters || value.lookedInto.has(path[0]!));
    } else if (value.kind === 'list') for (const item of value.items) this.value(item, matters);
    else if (value.kind === 'map') for (const entry of value.entries) this.value(entry.value, matters);
  }

  name(name: string, matters: boolean): void {
    const seen = this.content.has(name) || (!matters && this.#asText.has(name));
    if (seen) return;
    (matters ? this.content : this.#asText).add(name);
    const found = this.#scope.peek(name);
    if (found && 'value' in found) this.value(found.value, matters);
  }
}
