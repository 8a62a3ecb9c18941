import type { Schema } from '../base/schema-convert.ts';
import { kindsOf } from '../expression/shape.ts';
import { Unknown } from '../expression/types.ts';
import type { Module } from '../module/contract.ts';
import type { Task } from '../playbook/types.ts';
import { SOURCES } from './prepare.ts';

const plainParams = new WeakMap<Module, ReadonlySet<string>>();

/** Parameters that take any text. */
export function plainOf(module: Module): ReadonlySet<string> {
  const known = plainParams.get(module);
  if (known) return known;
  const { properties = {} } = module.params as unknown as Schema;
  const plain = Object.entries(properties).filter(
    ([name, schema]) => !SOURCES.has(name) && takesAnyText(schema),
  );
  const names = new Set(plain.map(([name]) => name));
  plainParams.set(module, names);
  return names;
}

function takesAnyText(schema: Schema): boolean {
  if (['pattern', 'enum', 'const', 'format', 'maxLength', 'octal'].some((key) => key in schema)) return false;
  return schema.type === 'string' || (schema.type === undefined && schema.anyOf === undefined);
}

/** Characters that may mean something to a shell, a pattern or a module. */
export const SPECIAL = /['"\\$*?[\]~]/;

/**
 * The same for calls that are right or wrong together: texts that no module looks into count as alike, all else by its
 * value. So what is checked for one of 5,000 addresses holds for the others.
 */
export function signatureOf(task: Task, module: Module, data: Readonly<Record<string, unknown>>): string {
  const plain = plainOf(module);
  let signature = task.id;
  for (const key of Object.keys(data)) {
    const value = data[key];
    const alike = typeof value === 'string' && value !== '' && !SPECIAL.test(value) && plain.has(key);
    signature += alike
      ? `\n${key} text ${value.startsWith('/')}${value.endsWith('/')}`
      : `\n${key} ${typeof value === 'string' ? value : JSON.stringify(value, unknownAsText)}`;
  }
  return signature;
}

function unknownAsText(_: string, value: unknown): unknown {
  return value instanceof Unknown ? `unknown ${value.why} ${kindsOf(value)?.join(' ')}` : value;
}
