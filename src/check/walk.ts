import { didYouMean } from '../base/suggest.ts';
import type { Source } from '../base/span.ts';
import { Unknown } from '../expression/types.ts';
import type { PlannedPlay } from '../plan/types.ts';
import { handlerNames } from '../playbook/handlers.ts';
import type { Block, Include, Meta, Task, TaskNode } from '../playbook/types.ts';
import { Classes } from './classes.ts';
import type { Findings } from './findings.ts';
import { examineConnections } from './connection.ts';
import { without } from './gaps.ts';
import { examineInclude, type Included } from './include.ts';
import { nextState } from './next-state.ts';
import { type Cohort, merged, type State } from './state.ts';
import { Look } from './look.ts';
import { examineTask, type Extra, type Leaf, type Looked } from './task.ts';
import type { World } from './world.ts';
import { Writes } from './writes.ts';

/** Where a task is looked at. */
export interface Place {
  readonly world: World;
  readonly planned: PlannedPlay;
  readonly state: State;
  readonly prompts: Readonly<Record<string, unknown>>;
  /** Variables of the include around it. */
  readonly extra: Extra;
  /** Whether the task is reached for certain, as far as its own conditions hold. */
  readonly sure: boolean;
  /** Whether it is reached at all, so that its register is there, skipped or not. */
  readonly certain: boolean;
  /** Where it is not: conditions of the includes around it that leave it open, and nothing else does. */
  readonly unless: readonly string[];
  readonly guards: ReadonlySet<string>;
  /** Calls that were found right, with the templates that they render. */
  readonly right: Map<string, readonly Source[]>;
}

type MaybeLater<T> = T | Promise<T>;
type Around = Omit<Place, 'world' | 'planned' | 'state' | 'prompts' | 'right'>;

const PLAIN: Around = { extra: undefined, sure: true, certain: true, unless: [], guards: new Set() };
const PERHAPS = { sure: false, certain: false, unless: [] };
const RESCUE = new Map<string, unknown>(
  ['ansible_failed_task', 'ansible_failed_result'].map((name) => [name, new Unknown(name)]),
);
/** How many kinds of hosts are asked what they look into. */
const KINDS = 8;
/** Tasks that include themselves end somewhere; here they are not followed further. */
const DEEPEST = 20;
/** Unless it is certain that they do: then it is a mistake, which loading them says. */
const DEEPEST_CERTAIN = 110;

/** Walks one play with all its hosts, task by task, and says what is wrong. */
export class Walk {
  readonly #world: World;
  readonly #planned: PlannedPlay;
  readonly #findings: Findings;
  readonly #prompts: Readonly<Record<string, unknown>>;
  readonly #handlers: Task[];
  readonly #notified = new Set<string>();
  readonly #walked = new Set<string>();
  readonly #writes = new Writes();
  #depth = 0;

  constructor(world: World, planned: PlannedPlay, findings: Findings) {
    this.#world = world;
    this.#planned = planned;
    this.#findings = findings;
    this.#handlers = [...planned.handlers];
    this.#prompts = Object.fromEntries(
      planned.play.varsPrompt.map(({ name }) => [
        name,
        new Unknown(name, { schema: { type: 'string' }, missing: 'there is no' }),
      ]),
    );
  }

  /** @returns the cohorts as they leave the play; hosts that ended it early are not among them */
  async run(cohorts: readonly Cohort[]): Promise<readonly Cohort[]> {
    const { play, tasks } = this.#planned;
    const start = play.gatherFacts
      ? cohorts.map(({ state, hosts }) => ({ state: state.after('facts', () => ({ facts: true })), hosts }))
      : cohorts;
    const around = { ...PLAIN, world: this.#world, planned: this.#planned, prompts: this.#prompts };
    for (const { state, hosts } of cohorts)
      examineConnections({ ...around, state, right: new Map() }, hosts, this.#findings);
    const end = await this.#nodes(tasks, merged(start), PLAIN);
    await this.#flush(end, true);
    const of = this.#planned.hosts.length;
    for (const { fault, hosts } of this.#writes.conflicts()) this.#findings.add([fault], hosts, of);
    return end;
  }

  async #nodes(
    nodes: readonly TaskNode[],
    start: readonly Cohort[],
    around: Around,
  ): Promise<readonly Cohort[]> {
    let cohorts = start;
    for (const node of nodes) {
      if (cohorts.length === 0) return cohorts;
      if (node.kind === 'block') cohorts = await this.#block(node, cohorts, around);
      else if (node.kind === 'include') cohorts = await this.#include(node, cohorts, around);
      else if (node.kind === 'meta') cohorts = await this.#meta(node, cohorts, around);
      else cohorts = await this.#task(node, cohorts, around);
    }
    return cohorts;
  }

  async #task(task: Task, cohorts: readonly Cohort[], around: Around): Promise<readonly Cohort[]> {
    const module = this.#world.inputs.modules.get(task.module);
    if (!module) return cohorts;
    return this.#each<Leaf>(
      cohorts,
      around,
      (place, host) => examineTask(task, module, place, host),
      async (leaf, cohort) => {
        this.#findings.add(leaf.faults, cohort.hosts, this.#planned.hosts.length);
        this.#writes.add(leaf.writes, cohort.hosts);
        for (const name of leaf.notifies) this.#notify(name, task, cohort.hosts);
        return [{ state: nextState(cohort.state, leaf, task), hosts: cohort.hosts }];
      },
    );
  }

  /** Looks at each kind of host of each cohort once. */
  async #each<L>(
    cohorts: readonly Cohort[],
    around: Around,
    look: (place: Place, host: string) => MaybeLater<Looked<L>>,
    then: (leaf: L, cohort: Cohort) => Promise<readonly Cohort[]>,
  ): Promise<readonly Cohort[]> {
    const after: Cohort[] = [];
    const common = {
      world: this.#world,
      planned: this.#planned,
      prompts: this.#prompts,
      right: new Map<string, readonly Source[]>(),
    };
    for (const { state, hosts } of cohorts) {
      const place: Place = { ...around, ...common, state };
      const classes = new Classes<L>((host, name, alike) =>
        this.#world.keyOf(host, name, this.#planned, alike),
      );
      const groups = new Map<L, string[]>();
      for (let at = 0; at < hosts.length; at++) {
        const host = hosts[at]!;
        let leaf = classes.find(host);
        if (leaf === undefined) {
          const looking = look(place, host);
          const looked = looking instanceof Promise ? await looking : looking;
          leaf = looked.leaf;
          // After some kinds of hosts it is clear what is looked into.
          if (groups.size < KINDS && !classes.tell(looked.content())) {
            groups.clear();
            at = -1;
            continue;
          }
          classes.add(host, looked.read, leaf);
        }
        const { single } = classes;
        if (single !== undefined) {
          groups.set(single, [...hosts]);
          break;
        }
        const group = groups.get(leaf);
        if (group) group.push(host);
        else groups.set(leaf, [host]);
      }
      for (const [leaf, members] of groups) after.push(...(await then(leaf, { state, hosts: members })));
    }
    return merged(after);
  }

  #notify(name: string | undefined, task: Task, hosts: readonly string[]): void {
    if (name === undefined) return;
    this.#notified.add(name);
    const known = handlerNames(this.#handlers);
    // Plain names were looked at when the play was loaded.
    const span = task.notify.find((value) => value.kind === 'template')?.span;
    if (known.includes(name) || !span || this.#handlers.some((handler) => handler.name?.kind === 'template'))
      return;
    const hint = known.length > 0 ? didYouMean(name, known) : 'The play has no handlers.';
    const message = `there is no handler \`${name}\``;
    const fault = { code: 'playbook.unknown-handler', message, span, hint, sure: true } as const;
    this.#findings.add([fault], hosts, this.#planned.hosts.length);
  }

  async #block(block: Block, cohorts: readonly Cohort[], around: Around): Promise<readonly Cohort[]> {
    const done = await this.#nodes(block.tasks, cohorts, around);
    let after = done;
    if (block.rescue.length > 0) {
      const failed = done.map(({ state, hosts }) => ({
        state: state.after(`${block.id} rescue`, () => ({ set: RESCUE })),
        hosts,
      }));
      after = await this.#nodes(block.rescue, failed, { ...around, ...PERHAPS });
    }
    return this.#nodes(block.always, after, around);
  }

  async #include(include: Include, cohorts: readonly Cohort[], around: Around): Promise<readonly Cohort[]> {
    return this.#each<Included>(
      cohorts,
      around,
      (place, host) => examineInclude(include, place, host),
      async (included, cohort) => {
        this.#findings.add(included.faults, cohort.hosts, this.#planned.hosts.length);
        let inside: readonly Cohort[] = [
          included.open
            ? { ...cohort, state: cohort.state.after(`${include.id} open`, () => ({ open: true })) }
            : cohort,
        ];
        for (const round of included.rounds)
          inside = await this.#brought(include, round, inside, around, included);
        return inside;
      },
    );
  }

  async #brought(
    include: Include,
    { target, extra }: Included['rounds'][number],
    given: readonly Cohort[],
    around: Around,
    { sure, unless, guards }: Included,
  ): Promise<readonly Cohort[]> {
    const brought = this.#load(include, target, given, sure);
    const cohorts = brought.errors.length === 0 ? given : without(brought.errors, include.id, given);
    if (this.#depth > (sure && around.sure ? DEEPEST_CERTAIN : DEEPEST)) return cohorts;
    for (const handler of brought.handlers)
      if (!this.#handlers.some(({ id }) => id === handler.id)) this.#handlers.push(handler);
    const { variables } = brought;
    if (variables)
      return cohorts.map(({ state, hosts }) => ({
        state: state.after(`${include.id} ${target}`, () => ({ included: variables })),
        hosts,
      }));
    this.#depth++;
    const { selected } = this.#world.inputs.plan;
    const tasks = brought.tasks.filter((task) => task.kind === 'block' || selected(task.tags));
    const certain = around.certain && sure;
    const open = around.certain || around.unless.length > 0 ? [...around.unless, ...unless] : [];
    const inner: Around = { extra, sure, certain, unless: open, guards };
    const after = await this.#nodes(tasks, cohorts, inner);
    this.#depth--;
    return after;
  }

  #load(include: Include, target: string, cohorts: readonly Cohort[], sure: boolean) {
    const brought = include.read(target);
    const faults = brought.errors.map(({ code, message, span, hint }) => ({
      code,
      message,
      span: span ?? include.target.span,
      hint,
      sure,
      general: true,
    }));
    for (const { hosts } of cohorts) this.#findings.add(faults, hosts, this.#planned.hosts.length);
    return brought;
  }

  async #meta(meta: Meta, cohorts: readonly Cohort[], around: Around): Promise<readonly Cohort[]> {
    if (meta.action === 'flush_handlers' && meta.when.length === 0) {
      await this.#flush(cohorts, false);
      return cohorts;
    }
    if (meta.when.length === 0 && meta.action === 'noop') return cohorts;
    const ends = meta.action === 'end_host' || meta.action === 'end_play';
    return this.#each(
      cohorts,
      around,
      async (place, host) => {
        const look = new Look(place, host, meta);
        const holds = look.decide(meta.when, look.scope(place.extra));
        const leaf = { over: ends && holds === true && place.sure, faults: [...look.watch.faults.values()] };
        return { leaf, read: look.read, content: () => look.read };
      },
      async (leaf, cohort) => {
        this.#findings.add(leaf.faults, cohort.hosts, this.#planned.hosts.length);
        return leaf.over ? [] : [cohort];
      },
    );
  }

  /** Handlers that may be due; in the end those that nobody has asked for yet, too. */
  async #flush(cohorts: readonly Cohort[], last: boolean): Promise<void> {
    for (const handler of this.#handlers) {
      const names = handlerNames([handler]);
      const due = last || names.some((name) => this.#notified.has(name));
      if (!due || this.#walked.has(handler.id)) continue;
      this.#walked.add(handler.id);
      await this.#task(handler, cohorts, { ...PLAIN, ...PERHAPS });
    }
  }
}
