import { expect } from 'vitest';
import { SlipwayError } from '../../src/base/errors.ts';
import type {
  ActionModule,
  ControlModule,
  Module,
  QueryModule,
  StateModule,
} from '../../src/module/contract.ts';
import type { Program } from '../../src/module/program.ts';
import type { Clock } from '../../src/transport/types.ts';
import { type Exchange, FakeHost, outputOf } from './fake-host.ts';
import { FakeLocal } from './fake-local.ts';
import { foretellsItself } from './foretells.ts';

type Answer = string | { stdout?: string; stderr?: string; code?: number; clock?: Clock };

/**
 * One entry of test/cases/<module>.yaml: arguments and what a host answers in, verdict, diff and exact commands out.
 * Only what is given is compared. CONTRIBUTING shows one of each kind.
 */
export interface ModuleCase {
  readonly case: string;
  readonly params: Record<string, unknown>;
  /** The controller's files, and variables for templates. */
  readonly files?: Record<string, string>;
  readonly variables?: Record<string, unknown>;
  /** Whether it is a dry run. */
  readonly check?: boolean;
  /** Exact text of the probe (or guard). */
  readonly probe?: string;
  /** What the host answers to the probe; a string is stdout with exit 0. */
  readonly host?: Answer;
  readonly same?: string;
  readonly change?: string;
  readonly impossible?: string;
  /** The same task once more does change something again. */
  readonly again?: boolean;
  readonly diff?: readonly Record<string, unknown>[];
  /** Exact text of the apply program, or the exchanges of an async one. */
  readonly apply?: string | readonly Exchange[];
  /** Actions: exact text of the program, or the exchanges of an async one. */
  readonly run?: string | readonly Exchange[];
  /** Actions: what the program answers. */
  readonly output?: Answer;
  readonly result?: Record<string, unknown>;
  /** What the applied program printed. */
  readonly said?: Answer;
  /** The result as it is after the change, were this what is found then. */
  readonly applied?: Record<string, unknown>;
  readonly facts?: Record<string, unknown>;
  /** Instead of a verdict or result: the error's code, and a part of its message. */
  readonly fails?: { readonly code: string; readonly message?: string };
}

/* oxlint-disable typescript/no-explicit-any */
export async function runCase(module: Module, given: ModuleCase): Promise<void> {
  try {
    if (module.kind === 'state') await stateCase(module, given);
    else if (module.kind === 'query') await queryCase(module, given);
    else if (module.kind === 'action') await actionCase(module, given);
    else await controlCase(module, given);
  } catch (error) {
    if (!given.fails || !(error instanceof SlipwayError)) throw error;
    expect(error.code).toBe(given.fails.code);
    if (given.fails.message) expect(error.message).toContain(given.fails.message);
    return;
  }
  if (given.fails) throw new Error(`should fail with ${given.fails.code}`);
}

async function prepared(module: Extract<Module, { prepare?: unknown }>, given: ModuleCase): Promise<any> {
  const local = new FakeLocal(given.files, given.variables);
  return module.prepare ? module.prepare(given.params as any, local) : given.params;
}

function sameText(actual: Program, expected: string | undefined): void {
  if (expected !== undefined) expect(actual.text.trim()).toBe(expected.trim());
}

async function stateCase(module: StateModule<any, any, any, any, any>, given: ModuleCase): Promise<void> {
  const ready = await prepared(module, given);
  sameText(module.probe(ready), given.probe);
  if (given.host === undefined) return;
  const current = module.read(outputOf(given.host), ready);
  const verdict = module.compare(current, ready);
  for (const kind of ['same', 'change', 'impossible'] as const) {
    if (given[kind] === undefined) continue;
    expect(verdict).toMatchObject({ verdict: kind });
    expect(verdict.why).toContain(given[kind]);
  }
  if (given.result) expect(module.result?.(current, ready)).toMatchObject(given.result);
  if (verdict.verdict !== 'change') {
    if (given.apply !== undefined) throw new Error(`nothing to apply: ${verdict.verdict}: ${verdict.why}`);
    return;
  }
  foretellsItself(module, ready, current, verdict.change, given.again === true);
  if (given.applied)
    expect(
      module.result?.(
        current,
        ready,
        verdict.change,
        given.said === undefined ? undefined : outputOf(given.said),
      ),
    ).toMatchObject(given.applied);
  if (given.diff) expect(verdict.diff).toMatchObject(given.diff);
  await sameRun(module.apply(verdict.change, ready), given.apply);
}

async function sameRun(
  actual: Program | ((host: FakeHost) => Promise<unknown>),
  expected: string | readonly Exchange[] | undefined,
): Promise<unknown> {
  if (expected === undefined) return undefined;
  if (typeof actual !== 'function') {
    if (typeof expected !== 'string') throw new Error('the module runs a single program; give its text');
    sameText(actual, expected);
    return undefined;
  }
  if (typeof expected === 'string') throw new Error('the module talks to the host; give a list of exchanges');
  const host = new FakeHost(expected);
  const result = await actual(host);
  expect(host.left).toEqual([]);
  return result;
}

async function queryCase(module: QueryModule<any, any, any>, given: ModuleCase): Promise<void> {
  const ready = await prepared(module, given);
  sameText(module.probe(ready), given.probe);
  if (given.host === undefined) return;
  const result = module.read(outputOf(given.host), ready);
  if (given.result) expect(result).toMatchObject(given.result);
  if (given.facts) expect(module.facts?.(result)).toMatchObject(given.facts);
}

async function actionCase(module: ActionModule<any, any, any>, given: ModuleCase): Promise<void> {
  const ready = await prepared(module, given);
  if (given.probe !== undefined) {
    const guard = module.guard?.(ready);
    if (!guard) throw new Error('the module has no guard for these arguments');
    sameText(guard, given.probe);
  }
  if (given.host !== undefined) {
    const why = outputOf(given.host).stdout.split('\n')[0]!;
    expect(module.passedOver?.(why, ready, given.check ?? false)).toEqual(given.result);
    return;
  }
  const direct = await sameRun(module.run(ready), given.run);
  const output = (direct as any) ?? (given.output === undefined ? undefined : outputOf(given.output));
  if (output) {
    const result = module.read(output, ready);
    if (given.result) expect(result).toMatchObject(given.result);
  }
}

async function controlCase(module: ControlModule<any, any>, given: ModuleCase): Promise<void> {
  const said: string[] = [];
  const { result, setFacts } = await module.evaluate(given.params as any, {
    checkMode: false,
    host: 'n1',
    sleep: async () => {},
    ask: async () => 'yes',
    say: (text) => said.push(text),
  });
  if (given.result) expect({ ...result, says: said }).toMatchObject(given.result);
  if (given.facts) expect(setFacts).toMatchObject(given.facts);
}
/* oxlint-enable typescript/no-explicit-any */
