import { Type } from 'typebox';
import { Problems, SlipwayError } from '../../src/base/errors.ts';
import { Secrets } from '../../src/base/secrets.ts';
import type { Span } from '../../src/base/span.ts';
import { createBus } from '../../src/events/bus.ts';
import type { Event } from '../../src/events/types.ts';
import { parseCondition } from '../../src/expression/condition.ts';
import { parseTemplate } from '../../src/expression/template.ts';
import { type Condition, type Scope, Unknown, type Value } from '../../src/expression/types.ts';
import {
  change,
  defineAction,
  defineControl,
  defineQuery,
  defineState,
  type Module,
  same,
} from '../../src/module/contract.ts';
import { sh } from '../../src/module/program.ts';
import type { HostVariables, Plan, PlannedPlay } from '../../src/plan/types.ts';
import type { Keywords, Loop, Meta, Play, Task, TaskNode } from '../../src/playbook/types.ts';
import type { Owed } from '../../src/run/debts.ts';
import type { JournalEntry } from '../../src/run/journal.ts';
import { runPlan } from '../../src/run/run.ts';
import type { Become, Output, Remote, Session, Step, Transport } from '../../src/transport/types.ts';

/** `state`: the file of a host; `peek` reads one, `do` runs a word, `say` speaks. All on a toy host: a map. */
const text = Type.String();
const state = defineState({
  name: 'state',
  summary: 'A toy.',
  params: Type.Object({ name: text, value: text }),
  returns: Type.Object({ value: text }),
  examples: [],
  probe: (p) => sh`get ${p.name}`,
  read: (output) => output.stdout,
  compare: (current, p) =>
    current === p.value
      ? same('as wanted')
      : change('differs', [{ subject: p.name, before: current, after: p.value }], p.value),
  apply: (value, p) => sh`set ${p.name} ${value}`,
  result: (current) => ({ value: current }),
});
const peek = defineQuery({
  name: 'peek',
  summary: 'A toy.',
  params: Type.Object({ name: text }),
  returns: Type.Object({ value: text }),
  examples: [],
  probe: (p) => sh`get ${p.name}`,
  read: (output) => ({ value: output.stdout }),
});
const learn = defineQuery({
  name: 'learn',
  summary: 'A toy.',
  params: Type.Object({ name: text }),
  returns: Type.Object({ facts: Type.Record(text, Type.Unknown()) }),
  examples: [],
  probe: (p) => sh`get ${p.name}`,
  read: (output, p) => ({ facts: { [p.name]: output.stdout } }),
  facts: (result) => result.facts,
});
const act = defineAction({
  name: 'do',
  summary: 'A toy.',
  params: Type.Object({ cmd: text, creates: Type.Optional(text) }),
  returns: Type.Object({ stdout: text, rc: Type.Number() }),
  examples: [],
  failsByExit: true,
  guard: (p) => (p.creates ? sh`missing ${p.creates}` : undefined),
  run: (p) => sh`do ${p.cmd}`,
  read: (output) => {
    if (output.code === 0) return { stdout: output.stdout, rc: 0 };
    throw new SlipwayError('task.command', `exit ${output.code}`, {
      data: { rc: output.code, stdout: output.stdout, stderr: '' },
    });
  },
});
const setFact = defineControl({
  name: 'set_fact',
  summary: 'A toy.',
  params: Type.Object({}),
  returns: Type.Object({}),
  examples: [],
  evaluate: (p) => ({ result: {}, setFacts: p as Record<string, unknown> }),
});
export const modules: ReadonlyMap<string, Module> = new Map(
  [state, peek, learn, act, setFact].map((m): [string, Module] => [m.name, m as Module]),
);

/** A host that is a map of names to values; every message that was waited for is kept as one list of steps. */
export class ToyHost {
  readonly values = new Map<string, string>();
  readonly messages: string[][] = [];
  readonly roundTrips = 0;
  unreachable = false;
  /** Whom tasks may become. */
  readonly users = new Set<string>();
  /** Word to exit code. */
  readonly failing = new Map<string, number>();
  readonly #chains = new Set<number>();
  readonly #queue: (() => void)[] = [];

  get did(): string[] {
    return this.messages.flat().filter((step) => !step.startsWith('get ') && !step.startsWith('missing '));
  }

  // Everything that is given before the answer comes is one message, as on a wire.
  run(step: Step): Promise<Output | undefined> {
    return new Promise((resolve) => {
      this.#queue.push(() => resolve(this.#take(step)));
      if (this.#queue.length === 1) setTimeout(() => this.#deliver(), 2);
    });
  }

  #deliver(): void {
    this.messages.push([]);
    for (const answer of this.#queue.splice(0)) answer();
  }

  #take(step: Step): Output | undefined {
    if (step.chain !== undefined && !step.always && this.#chains.has(step.chain)) return undefined;
    this.messages.at(-1)!.push(step.script);
    const output = this.#answer(step.script);
    if (output.code !== 0 && step.chain !== undefined) this.#chains.add(step.chain);
    return output;
  }

  #answer(script: string): Output {
    const [verb = '', name = '', ...rest] = script.split(' ').map((word) => word.replace(/^'|'$/g, ''));
    if (verb === 'get') return { code: 0, stdout: this.values.get(name) ?? '', stderr: '' };
    if (verb === 'set') this.values.set(name, rest.join(' '));
    if (verb === 'missing')
      return { code: this.values.has(name) ? 1 : 0, stdout: 'there already', stderr: '' };
    const word = [name, ...rest].join(' ');
    const left = this.failing.get(word);
    if (verb === 'do' && left) {
      if (left < 0) this.failing.set(word, left + 1);
      return { code: Math.abs(left), stdout: word, stderr: '' };
    }
    return { code: 0, stdout: word, stderr: '' };
  }
}

const source = { path: 'test.yml', text: '' };
export const span: Span = { source, start: 0, end: 0 };

export function value(data: unknown): Value {
  if (typeof data === 'string' && data.includes('{{')) {
    const problems = new Problems();
    const parsed = parseTemplate(
      data,
      { source: { path: 'test.yml', text: data }, start: 0, end: data.length },
      problems,
    );
    problems.throwIfAny();
    return parsed!;
  }
  return { kind: 'data', data, span };
}

export function condition(text: string): Condition {
  const problems = new Problems();
  const parsed = parseCondition(
    text,
    { source: { path: 'test.yml', text }, start: 0, end: text.length },
    problems,
  );
  problems.throwIfAny();
  return parsed!;
}

const keywords: Keywords = {
  tags: [],
  when: [],
  become: {},
  environment: [],
  runOnce: false,
  layers: { roleDefaults: [], roleVars: [], vars: [], params: [] },
};
let count = 0;

interface Written {
  when?: string[];
  changedWhen?: string[];
  failedWhen?: string[];
  until?: string[];
  loop?: unknown;
  /** Seconds between the items. */
  pause?: number;
  loopControl?: Partial<Omit<Loop, 'items'>>;
  notify?: string[];
}

/** A task: module, arguments, and what else is written of it. */
export function task(
  module: string,
  args: Record<string, unknown>,
  more: Written & Partial<Omit<Task, keyof Written>> = {},
): Task {
  const entries = Object.entries(args).map(([key, data]) => ({ key, keySpan: span, value: value(data) }));
  const {
    when = [],
    changedWhen = [],
    failedWhen = [],
    until = [],
    loop,
    pause,
    loopControl,
    notify = [],
    ...rest
  } = more;
  return {
    ...keywords,
    kind: 'task',
    id: `t${(count += 1)}`,
    span,
    module,
    args: { kind: 'map', entries, span },
    argsSpan: span,
    conditions: {},
    listen: [],
    ...rest,
    when: when.map(condition),
    changedWhen: changedWhen.map(condition),
    failedWhen: failedWhen.map(condition),
    until: until.map(condition),
    notify: notify.map(value),
    ...(loop === undefined
      ? {}
      : {
          loop: {
            items: isValue(loop) ? loop : value(loop),
            variable: 'item',
            ...(pause ? { pause: value(pause) } : {}),
            ...loopControl,
          },
        }),
  };
}

function isValue(loop: unknown): loop is Value {
  return typeof loop === 'object' && loop !== null && 'kind' in loop;
}

export function block(tasks: TaskNode[], rescue: TaskNode[] = [], always: TaskNode[] = []): TaskNode {
  return { ...keywords, kind: 'block', id: `b${(count += 1)}`, span, tasks, rescue, always };
}

export function meta(action: Meta['action'], when: string[] = []): TaskNode {
  return { ...keywords, kind: 'meta', id: `m${(count += 1)}`, span, action, when: when.map(condition) };
}

export const flush = (): TaskNode => meta('flush_handlers');

export interface Given {
  hosts: string[];
  tasks: TaskNode[];
  handlers?: Task[];
  strategy?: 'free' | 'linear';
}

class Vars implements HostVariables {
  readonly host: string;
  readonly known: Map<string, unknown>;
  constructor(host: string, known: Map<string, unknown>) {
    this.host = host;
    this.known = known;
  }
  setFacts() {}
  includeVars() {}
  version = 0;
  set(name: string, given: unknown) {
    this.version += 1;
    this.known.set(name, given);
  }
  scope(
    _task?: Keywords,
    extra: Readonly<Record<string, unknown>> = {},
    pending: ReadonlySet<string> = new Set(),
  ): Scope {
    const all = (name: string) =>
      name in extra ? extra[name] : name === 'inventory_hostname' ? this.host : this.known.get(name);
    return {
      get: (name) => (pending.has(name) ? new Unknown(name) : all(name)),
      has: (name) => pending.has(name) || all(name) !== undefined,
      names: () => [...this.known.keys(), ...Object.keys(extra)],
    };
  }
}

/** Runs plays on toy hosts. */
export async function play(
  plays: Given[],
  hosts: Record<string, ToyHost>,
  options: {
    check?: boolean;
    vars?: Record<string, unknown>;
    signal?: AbortSignal;
    modules?: readonly Module[];
    quiet?: boolean;
    owed?: readonly Owed[];
    /** With `--step`: answers the questions. */
    answer?: (question: string) => Promise<string | undefined>;
  } = {},
) {
  const events: Event[] = [];
  const journal: JournalEntry[] = [];
  const secrets = new Secrets();
  const bus = createBus(secrets);
  bus.subscribe((event) => events.push(event));
  const planned = plays.map((given, index): PlannedPlay => {
    const shape = {
      index,
      name: `play ${index}`,
      strategy: given.strategy ?? 'free',
      gatherFacts: false,
      keywords,
      span,
    };
    return {
      play: shape as unknown as Play,
      hosts: given.hosts,
      batches: [given.hosts],
      tasks: given.tasks,
      handlers: given.handlers ?? [],
    };
  });
  const run = { check: options.check ?? false, diff: false, tags: [], skipTags: [], extraVars: {} };
  const plan = {
    plays: planned,
    inventory: undefined as never,
    options: run,
    selected: () => true,
  } as unknown as Plan;
  const known = new Map<string, Map<string, unknown>>();
  const ofHost = (host: string) => {
    if (!known.has(host)) known.set(host, new Map(Object.entries(options.vars ?? {})));
    return new Vars(host, known.get(host)!);
  };
  const code = await runPlan(
    {
      plan,
      modules: new Map([...modules, ...(options.modules ?? []).map((m): [string, Module] => [m.name, m])]),
      variables: { forHost: ofHost },
      transport: toyTransport(hosts),
      address: (name) => ({ name, host: name, connection: 'ssh' }),
      become: (_host, _scope, { become }) => {
        const user = become.user?.kind === 'data' ? String(become.user.data) : undefined;
        return user === undefined ? undefined : { user, method: 'sudo' };
      },
      local: () => undefined as never,
      checkArguments: (_module, _task, data) => data,
      events: bus,
      owed: options.owed,
      journal: { write: (entry) => void journal.push(entry), close: () => {} },
      secrets,
      ask: options.answer ?? (async () => undefined),
      step: options.answer !== undefined,
      forks: 50,
      verbosity: 0,
      live: false,
      quiet: options.quiet ?? false,
      signal: options.signal ?? new AbortController().signal,
    },
    { id: 'test', version: '0', playbooks: [], simulated: false },
  );
  const finished = events.filter((event) => event.event === 'task.finished');
  return { code, events, journal, finished, vars: (host: string) => known.get(host)! };
}

function toyTransport(hosts: Record<string, ToyHost>): Transport {
  return {
    connect: async ({ name }) => {
      const host = hosts[name];
      if (!host || host.unreachable) throw new SlipwayError('connect.refused', `${name} refused`);
      // As on a real host, whether a user is there shows when something is run as them.
      const sessionOf = (become?: Become): Session => ({
        run: (step) =>
          become && !host.users.has(become.user)
            ? Promise.reject(new SlipwayError('connect.become', `cannot become ${become.user}`))
            : host.run(step),
        cancel: async () => {},
        roundTrips: 0,
        close: () => {},
      });
      return {
        name,
        session: async (become?: Become) => sessionOf(become),
        cancel: async () => {},
        roundTrips: 0,
        close: () => {},
      } as unknown as Remote;
    },
    close: () => {},
  };
}
