import { SlipwayError } from '../base/errors.ts';
import { locate } from '../base/span.ts';
import { NO_FACTS } from '../expression/member.ts';
import { type Condition, Unknown, type Value } from '../expression/types.ts';
import { examineValue } from '../expression/value.ts';
import type { Keywords } from '../playbook/types.ts';
import { CheckScope, Examiner } from './scope.ts';
import type { Extra } from './task.ts';
import type { Place } from './walk.ts';

/** What is examined: a task, for one host, with what the hosts of its cohort know. */
export class Look {
  readonly watch: Examiner;
  readonly read = new Set<string>();
  readonly place: Place;
  readonly host: string;
  readonly keywords: Keywords;

  constructor(place: Place, host: string, keywords: Keywords) {
    this.place = place;
    this.host = host;
    this.keywords = keywords;
    this.watch = new Examiner(place, (name) => explain(name, place));
    this.watch.when = new Set([...place.unless, ...keywords.when.map(({ text }) => text)]);
  }

  scope(extra: Extra): CheckScope {
    const { world, state, planned, prompts } = this.place;
    return new CheckScope(
      {
        inputs: world.variables,
        inventory: world.inventory.host(this.host)?.variables ?? new Map(),
        play: planned.play,
        learned: {
          facts: state.facts ? world.factValues : undefined,
          set: state.set as Map<string, unknown>,
          included: state.included as Map<string, Value>,
          version: 0,
        },
        magic: world.magic(this.host, planned),
        prompts,
        task: this.keywords,
        extra,
        pending: undefined,
      },
      world,
      state,
      this.watch,
      this.read,
    );
  }

  /** Whether conditions hold: false as soon as one does not; Unknown with those that are not known. */
  decide(conditions: readonly Condition[], scope: CheckScope): boolean | readonly string[] {
    const unknown: string[] = [];
    for (const condition of conditions) {
      const holds = condition.examine(scope, this.watch);
      if (holds === false) return false;
      if (holds instanceof Unknown) {
        unknown.push(condition.text);
        this.watch.sure = false;
      }
      this.guard(condition, scope);
    }
    return unknown.length > 0 ? unknown : true;
  }

  /** What a condition asked about may be used behind it. */
  guard(condition: Condition, scope: CheckScope): void {
    const { references } = condition;
    if (references.length === 0) return;
    const guards = new Set(this.watch.guards);
    for (const { path, optional } of references) {
      if (holdsWhereSkipped(condition, path[0]!, scope)) continue;
      guards.add(path[0]!);
      if (optional) guards.add(path.join('.'));
    }
    this.watch.guards = guards;
  }

  value(value: Value | undefined, scope: CheckScope): unknown {
    return value && examineValue(value, scope, this.watch);
  }
}

/** Why a variable is not there, where more can be said. */
function explain(name: string, { world, state }: Place): string | undefined {
  const { loops, names } = world.definitions;
  if (name.startsWith('ansible_') && !state.facts && world.factValues[name.slice('ansible_'.length)])
    return NO_FACTS;
  const span = world.setAt(name);
  if (span) return `It is set by the task at ${locate(span)}, which is not before this one.`;
  if (loops.has(name) && !names.has(name)) return `\`${name}\` is only there in a task that has a \`loop\`.`;
  return undefined;
}

/** What a condition leaves of a variable whose task may be skipped: `not it.failed` holds there, too. */
function holdsWhereSkipped(condition: Condition, name: string, scope: CheckScope): boolean {
  const value = scope.get(name);
  const maybe = value instanceof Unknown ? value.shape?.maybe : undefined;
  if (!maybe) return false;
  const get = (asked: string) => (asked === name ? maybe.otherwise : scope.get(asked));
  try {
    return (
      condition.test({ get, has: (asked) => get(asked) !== undefined, names: () => scope.names() }) !== false
    );
  } catch (error) {
    if (error instanceof SlipwayError) return false;
    throw error;
  }
}
