import type { Span } from '../base/span.ts';
import type { Plan } from '../plan/types.ts';
import { namesOfLoop } from '../playbook/loop-names.ts';
import type { Include, IncludedTasks, Keywords, Task, TaskNode } from '../playbook/types.ts';

/** Who defines which variable, anywhere in the playbooks and the inventory. */
export interface Definitions {
  /** Set by tasks (`register`, `set_fact`, `include_vars`): name to the first place. */
  readonly tasks: ReadonlyMap<string, Span | undefined>;
  /** Tasks by the register that they set; undefined where something else sets a variable of that name, too. */
  readonly registers: ReadonlyMap<string, readonly Task[] | undefined>;
  /** All names, also those of tasks. */
  readonly names: ReadonlySet<string>;
  /** Those that the playbooks define themselves. */
  readonly own: ReadonlySet<string>;
  /** Variables of loops. */
  readonly loops: ReadonlySet<string>;
  /** Those of loops over includes: what is included has them, too. */
  readonly lent: ReadonlySet<string>;
  /** Something is included whose name is not known: there may be more. */
  readonly open: boolean;
  /** A task sets facts of another host (`delegate_facts`). */
  readonly elsewhere: boolean;
}

class Gathering {
  readonly tasks = new Map<string, Span | undefined>([
    ['ansible_failed_task', undefined],
    ['ansible_failed_result', undefined],
  ]);
  readonly registers = new Map<string, Task[] | undefined>();
  readonly names = new Set<string>();
  own: ReadonlySet<string> = this.names;
  readonly loops = new Set<string>(['item']);
  readonly lent = new Set<string>();
  open = false;
  elsewhere = false;
  readonly #seen = new Set<IncludedTasks>();

  node(node: TaskNode): void {
    this.keywords(node);
    if (node.kind === 'block') {
      for (const inner of [...node.tasks, ...node.rescue, ...node.always]) this.node(inner);
      return;
    }
    if (node.kind === 'meta') return;
    for (const name of node.loop ? namesOfLoop(node.loop) : []) {
      this.loops.add(name);
      if (node.kind === 'include') this.lent.add(name);
    }
    if (node.register !== undefined) this.register(node.register, node);
    if (node.kind === 'include') this.include(node);
    else if (node.module === 'set_fact')
      for (const { key, keySpan } of node.args.entries) if (key !== 'cacheable') this.set(key, keySpan);
  }

  include(include: Include): void {
    if (include.target.kind !== 'data') {
      this.open = true;
      return;
    }
    const brought = include.read(String(include.target.data));
    if (this.#seen.has(brought)) return;
    this.#seen.add(brought);
    for (const name of brought.variables?.keys() ?? []) this.set(name, include.span);
    for (const inner of [...brought.tasks, ...brought.handlers]) this.node(inner);
  }

  keywords({ layers, delegateFacts }: Keywords): void {
    if (delegateFacts) this.elsewhere = true;
    const maps = [layers.roleDefaults, layers.roleVars, layers.vars, layers.params];
    for (const map of maps.flat()) for (const name of map.keys()) this.names.add(name);
  }

  register(name: string, node: Task | Include): void {
    const before = this.registers.has(name) ? this.registers.get(name) : [];
    this.set(name, node.span);
    this.registers.set(name, node.kind === 'task' ? before && [...before, node] : undefined);
  }

  set(name: string, span: Span): void {
    this.names.add(name);
    this.registers.set(name, undefined);
    if (!this.tasks.has(name)) this.tasks.set(name, span);
  }
}

export function definitionsOf({ plays, inventory, options }: Plan): Definitions {
  const found = new Gathering();
  for (const { play } of plays) {
    found.keywords(play.keywords);
    for (const node of [...play.tasks, ...play.handlers]) found.node(node);
    const maps = [play.vars, ...(play.roleDefaults ?? []), ...(play.roleVars ?? [])];
    for (const map of maps) for (const name of map.keys()) found.names.add(name);
    for (const { name } of play.varsPrompt) found.names.add(name);
    for (const file of play.varsFiles) {
      if (file.target.kind !== 'data') found.open = true;
      else for (const name of file.load(String(file.target.data)).keys()) found.names.add(name);
    }
  }
  found.own = new Set(found.names);
  for (const { variables } of [...inventory.hosts.values(), ...inventory.groups.values()])
    for (const name of variables.keys()) found.names.add(name);
  for (const name of Object.keys(options.extraVars)) found.names.add(name);
  return found;
}
