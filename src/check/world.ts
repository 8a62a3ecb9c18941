import type { Schema } from '../base/schema-convert.ts';
import type { Span } from '../base/span.ts';
import { type Shape, Unknown, type Value } from '../expression/types.ts';
import { rawData } from '../inventory/json.ts';
import type { Inventory } from '../inventory/types.ts';
import type { Module } from '../module/contract.ts';
import type { Local } from '../module/host.ts';
import { type Magic, MAGIC_NAMES, magicFor } from '../plan/magic.ts';
import { groupsOf } from '../plan/plan.ts';
import type { Plan, PlannedPlay } from '../plan/types.ts';
import type { VariableInputs } from '../plan/variables.ts';
import type { Include, Task } from '../playbook/types.ts';
import { type Definitions, definitionsOf } from './definitions.ts';
import { registerOf } from './register.ts';
import { SPECIAL } from './signature.ts';
import { OtherHost } from './other-host.ts';

export interface CheckInputs {
  readonly plan: Plan;
  readonly modules: ReadonlyMap<string, Module>;
  readonly version: string;
  /** The controller's files, as a task of a play sees them. */
  readonly local: (task: Task | Include, planned: PlannedPlay) => Local;
}

/** Magic variables that differ from host to host. */
const OF_HOST: ReadonlySet<string> = new Set([
  'inventory_hostname',
  'inventory_hostname_short',
  'inventory_file',
  'inventory_dir',
  'group_names',
  'ansible_play_batch',
]);

const MAGIC: ReadonlySet<string> = new Set(MAGIC_NAMES);

/** What does not change while plays are walked: the inventory, the facts that there are, who defines what. */
export class World {
  readonly inputs: CheckInputs;
  readonly variables: VariableInputs;
  readonly facts: Shape;
  /** Facts by name, as a host that gathered them has them. */
  readonly factValues: Readonly<Record<string, Unknown>>;
  readonly #groups: Readonly<Record<string, readonly string[]>>;
  readonly #groupNames = new WeakMap<readonly string[], readonly string[]>();
  readonly #keys = new WeakMap<Value, unknown>();
  readonly #texts = new Map<string, object>();
  /** Hosts of which was looked at how they are reached. */
  readonly reached = new Set<string>();
  /** Names of which is to be known whether anything reads them, as long as nothing has. */
  readonly unread = new Set<string>();
  readonly #differs: ReadonlySet<string>;
  readonly #shapes = new Map<string, Shape | undefined>();
  #hostvars: unknown;
  #definitions: Definitions | undefined;

  constructor(inputs: CheckInputs) {
    this.inputs = inputs;
    const { inventory, options } = inputs.plan;
    this.variables = { inventory, options, version: inputs.version };
    this.#groups = groupsOf(inventory);
    this.#differs = new Set([...OF_HOST, ...namesOf(inventory)]);
    const returns = inputs.modules.get('setup')?.returns as Schema | undefined;
    const schema = returns?.properties?.['ansible_facts'] ?? { type: 'object' };
    this.facts = { schema, missing: 'there is no fact' };
    this.factValues = Object.fromEntries(
      Object.entries(schema.properties ?? {}).map(([name, of]) => [
        name,
        new Unknown(`ansible_${name}`, { schema: of, missing: `\`ansible_${name}\` has no` }),
      ]),
    );
  }

  get inventory(): Inventory {
    return this.variables.inventory;
  }

  get definitions(): Definitions {
    this.#definitions ??= definitionsOf(this.inputs.plan);
    return this.#definitions;
  }

  /** Whether a name is a variable, for whatever host: set somewhere, or there by itself. */
  isDefined(name: string): boolean {
    const { open, names, lent } = this.definitions;
    return open || names.has(name) || lent.has(name) || name.startsWith('ansible_') || MAGIC.has(name);
  }

  /** What a register holds, whichever of its tasks gave it. */
  shapeOf(name: string): Shape | undefined {
    if (this.#shapes.has(name)) return this.#shapes.get(name);
    const shapes = this.definitions.registers.get(name)?.map((task) => {
      const module = this.inputs.modules.get(task.module);
      return module && registerOf(task, module).shape;
    });
    const known = shapes?.filter((shape) => shape !== undefined) ?? [];
    const complete = known.length > 0 && known.length === shapes?.length;
    const says = new Set(known.map(({ missing }) => missing));
    const missing = says.size === 1 ? [...says][0]! : `no task with \`register: ${name}\` returns`;
    const shape = complete ? { schema: { anyOf: known.map(({ schema }) => schema) }, missing } : undefined;
    this.#shapes.set(name, shape);
    return shape;
  }

  /** Where a name is set by a task, for messages. */
  setAt(name: string): Span | undefined {
    return this.definitions.tasks.get(name);
  }

  differs(name: string): boolean {
    return this.#differs.has(name);
  }

  /** The same for two hosts if the variable is the same for both. */
  keyOf(host: string, name: string, planned: PlannedPlay, alike: boolean): unknown {
    const known = this.inventory.host(host);
    switch (name) {
      case 'inventory_hostname':
        return alike ? likeness(host) : host;
      case 'inventory_hostname_short':
        return alike ? likeness(host) : host.split('.')[0];
      case 'inventory_file':
        return known?.file;
      case 'inventory_dir':
        return known?.folder;
      case 'group_names':
        return known?.groups;
      case 'ansible_play_batch':
        return planned.batches.find((batch) => batch.includes(host));
      default: {
        const value = known?.variables.get(name);
        return value && this.#keyOfValue(value, alike);
      }
    }
  }

  #keyOfValue(value: Value, alike: boolean): unknown {
    if (value.kind === 'data' && (value.data === null || typeof value.data !== 'object'))
      return alike ? likeness(value.data) : value.data;
    const known = this.#keys.get(value);
    if (known !== undefined) return known;
    const text = `${value.kind}${JSON.stringify(rawData(value))}`;
    // An object, so that it is never the same as a text that a host has.
    const key = this.#texts.get(text) ?? {};
    this.#texts.set(text, key);
    this.#keys.set(value, key);
    return key;
  }

  magic(host: string, planned: PlannedPlay | undefined): Magic {
    const base = magicFor({
      inputs: this.variables,
      host,
      play: planned,
      groups: this.#groups,
      hostScope: (name) => new OtherHost(this, name),
    });
    return {
      names: base.names,
      get: (name, task) => {
        if (name === 'hostvars') return (this.#hostvars ??= base.get(name, task));
        return name === 'group_names' ? this.#groupNamesOf(host) : base.get(name, task);
      },
    };
  }

  #groupNamesOf(host: string): readonly string[] {
    const groups = this.inventory.host(host)?.groups ?? [];
    const names = this.#groupNames.get(groups) ?? [...groups].sort();
    this.#groupNames.set(groups, names);
    return names;
  }
}

const LIKE = { text: {}, folder: {}, path: {}, both: {} };

/** The same for texts that differ in nothing that a module would look at (signature.ts). */
function likeness(data: unknown): unknown {
  if (typeof data !== 'string' || data === '' || SPECIAL.test(data)) return data;
  const [start, end] = [data.startsWith('/'), data.endsWith('/')];
  return start ? (end ? LIKE.both : LIKE.path) : end ? LIKE.folder : LIKE.text;
}

function namesOf({ hosts, host }: Inventory): Set<string> {
  const names = new Set<string>(host('localhost')?.variables.keys());
  for (const { variables } of hosts.values()) for (const name of variables.keys()) names.add(name);
  return names;
}
