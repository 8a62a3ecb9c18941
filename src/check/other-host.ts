import { propertyOf } from '../base/schema-convert.ts';
import { Unknown, type Value, type Watch } from '../expression/types.ts';
import { examineValue } from '../expression/value.ts';
import { type Found, LayeredScope } from '../plan/scope.ts';
import type { World } from './world.ts';

const NOTHING: ReadonlySet<string> = new Set();

/** What is wrong with another host's variables is said where that host uses them. */
const SILENT: Watch = {
  sure: false,
  guards: NOTHING,
  when: NOTHING,
  fault: () => undefined,
  within: (_, work) => work(),
};

/** The variables of a host as others see them in `hostvars`: what tasks set there may be there, or not yet. */
export class OtherHost extends LayeredScope {
  readonly #world: World;

  constructor(world: World, host: string) {
    super({
      inputs: world.variables,
      inventory: world.inventory.host(host)?.variables ?? new Map(),
      play: undefined,
      learned: { facts: undefined, set: new Map(), included: new Map(), version: 0 },
      magic: world.magic(host, undefined),
      prompts: undefined,
      task: undefined,
      extra: undefined,
      pending: undefined,
    });
    this.#world = world;
  }

  override find(name: string): Found | undefined {
    const { definitions, facts } = this.#world;
    if (definitions.tasks.has(name)) return { data: new Unknown(name, this.#world.shapeOf(name)) };
    if (name === 'ansible_facts') return { data: new Unknown(name, facts) };
    const found = super.find(name);
    if (found) return found;
    const isFact = name.startsWith('ansible_') && propertyOf(facts.schema, name.slice('ansible_'.length));
    return isFact || definitions.open ? { data: new Unknown(name) } : undefined;
  }

  protected override worth(value: Value): unknown {
    return examineValue(value, this, SILENT);
  }

  protected override circular(): unknown {
    return new Unknown('a variable that is defined by itself');
  }
}
