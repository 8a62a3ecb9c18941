import type { Schema } from '../base/schema-convert.ts';
import { Unknown } from '../expression/types.ts';
import type { Module } from '../module/contract.ts';
import type { Loop, Task } from '../playbook/types.ts';

/** Fields that every register has, whatever became of the task. */
export const ALWAYS: ReadonlySet<string> = new Set([
  'changed',
  'failed',
  'skipped',
  'msg',
  'skip_reason',
  'false_condition',
  'results',
]);

const text: Schema = { type: 'string' };
const lines: Schema = { type: 'array', items: text };

/** What a failed call may leave. */
const OF_FAILURE: Readonly<Record<string, Schema>> = {
  rc: { type: 'integer' },
  code: {},
  stdout: text,
  stderr: text,
  stdout_lines: lines,
  stderr_lines: lines,
  truncated: { type: 'boolean' },
  attempts: { type: 'integer' },
  failed_assertions: lines,
  assertion: text,
  evaluated_to: { type: 'boolean' },
};

const COMMON: Readonly<Record<string, Schema>> = {
  changed: { type: 'boolean' },
  failed: { type: 'boolean' },
  skipped: { type: 'boolean' },
  msg: {},
  skip_reason: text,
  false_condition: text,
};

/** What the register of a task will hold: the common fields, and what its module returns. */
export function registerOf(task: Task, module: Module, skippedUnless?: readonly string[]): Unknown {
  const one = fieldsOf(task, module);
  const properties = task.loop
    ? { ...COMMON, results: { type: 'array', items: itemOf(one, task.loop) } }
    : one;
  return new Unknown(task.register!, {
    schema: { type: 'object', properties },
    missing: `\`${module.name}\`${task.loop ? ' in a loop' : ''} returns no`,
    maybe: skippedUnless && {
      always: ALWAYS,
      when: skippedUnless,
      otherwise: ofSkipped(task, skippedUnless),
    },
  });
}

function ofSkipped(task: Task, unless: readonly string[]): Record<string, unknown> {
  const register = skippedRegister(unless.join(' && '));
  return task.loop ? { ...register, results: [] } : register;
}

/** The register of one call, as the task's own conditions see it. */
export function resultOf(task: Task, module: Module): Unknown {
  return new Unknown(task.register!, {
    schema: { type: 'object', properties: fieldsOf(task, module) },
    missing: `\`${module.name}\` returns no`,
  });
}

function fieldsOf(task: Task, module: Module): Record<string, Schema> {
  const own = (module.returns as Schema).properties ?? {};
  const tried = task.until.length > 0 || task.retries !== undefined;
  const mayFail = tried || task.ignoreErrors !== undefined || task.failedWhen.length > 0;
  return { ...COMMON, ...(mayFail ? OF_FAILURE : {}), ...own };
}

function itemOf(properties: Record<string, Schema>, loop: Loop): Schema {
  return { type: 'object', properties: { ...properties, [loop.variable]: {}, ansible_loop_var: text } };
}

/** The register of a task that is skipped for certain. */
export function skippedRegister(why: string): Record<string, unknown> {
  return {
    changed: false,
    failed: false,
    skipped: true,
    msg: `not: ${why}`,
    skip_reason: 'Conditional result was False',
    false_condition: why,
  };
}
