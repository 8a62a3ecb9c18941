import type { SlipwayError } from '../base/errors.ts';
import { propertyOf } from '../base/schema-convert.ts';
import { type Fault, Unknown, type Value, type Watch } from '../expression/types.ts';
import { examineValue } from '../expression/value.ts';
import { type Found, type Layers, LayeredScope } from '../plan/scope.ts';
import type { State } from './state.ts';
import type { Place } from './walk.ts';
import type { World } from './world.ts';

/** Gathers what is wrong at one task for one host, and how certain its parts are. */
export class Examiner implements Watch {
  sure: boolean;
  guards: ReadonlySet<string>;
  when: ReadonlySet<string> = new Set();
  readonly faults = new Map<string, Fault>();
  readonly explain: (name: string) => string | undefined;
  readonly isDefined: (name: string) => boolean;

  constructor({ sure, guards, world }: Place, explain: (name: string) => string | undefined) {
    this.sure = sure;
    this.guards = guards;
    this.explain = explain;
    this.isDefined = (name) => world.isDefined(name);
  }

  /** A fault that is met twice counts as the surer of the two. */
  fault(fault: Fault): void {
    const { span, message, code } = fault;
    const key = [code, span.source.path, span.start, message].join('\n');
    const known = this.faults.get(key);
    if (!known || (fault.sure && !known.sure)) this.faults.set(key, fault);
  }

  within<T>(sure: boolean, work: () => T): T {
    const before = this.sure;
    this.sure = sure;
    try {
      return work();
    } finally {
      this.sure = before;
    }
  }
}

/** A host's variables at one task, of which some are not known; remembers which of them were asked for. */
export class CheckScope extends LayeredScope {
  /** Variables that differ from host to host, in the order of reading. */
  readonly read: Set<string>;
  readonly #world: World;
  readonly #state: State;
  readonly #watch: Examiner;

  constructor(layers: Layers, world: World, state: State, watch: Examiner, read: Set<string>) {
    super(layers);
    this.#world = world;
    this.#state = state;
    this.#watch = watch;
    this.read = read;
  }

  override find(name: string): Found | undefined {
    if (this.#world.differs(name)) this.read.add(name);
    if (this.#world.unread.size > 0) this.#world.unread.delete(name);
    const { facts, open } = this.#state;
    if (facts && name === 'ansible_facts') return { data: new Unknown(name, this.#world.facts) };
    const found = super.find(name);
    if (found) return found;
    const fact = facts && name.startsWith('ansible_') ? name.slice('ansible_'.length) : undefined;
    // A network interface of the host has facts under its own name.
    const isFact = fact !== undefined && propertyOf(this.#world.facts.schema, fact) !== undefined;
    return isFact || open ? { data: new Unknown(name) } : undefined;
  }

  /** As `find`, without being remembered. */
  peek(name: string): Found | undefined {
    return super.find(name);
  }

  protected override worth(value: Value): unknown {
    return examineValue(value, this, this.#watch);
  }

  protected override circular(cycle: SlipwayError): unknown {
    const { code, message, span, hint } = cycle;
    this.#watch.fault({ code, message, span: span!, hint, sure: true });
    return new Unknown('a variable that is defined by itself');
  }
}
