import type { Problems } from '../base/errors.ts';
import type { Span } from '../base/span.ts';
import { editDistance } from '../base/suggest.ts';
import { type Mentions, Reading } from './reading.ts';
import type { World } from './world.ts';

/**
 * Variables that were given (with `-e`, in the inventory), that nothing reads, and that are called nearly as one that
 * the playbooks set themselves: most likely that one was meant, and its default would be taken without a word.
 */
export class Misspelt {
  readonly #world: World;
  /** What was most likely meant by a name, and where it is given. */
  readonly #meant = new Map<string, { readonly near: string; readonly span: Span | undefined }>();

  constructor(world: World) {
    this.#world = world;
    const { inventory, options } = world.inputs.plan;
    const written = [...inventory.groups.values(), ...inventory.hosts.values()];
    const values = new Map(written.flatMap(({ variables }) => [...variables]));
    this.#look(Object.keys(options.extraVars), () => undefined);
    this.#look([...values.keys()], (name) => values.get(name)!.span);
    for (const name of this.#meant.keys()) world.unread.add(name);
  }

  /** Who gives both names knows them apart. */
  #look(given: readonly string[], spanOf: (name: string) => Span | undefined): void {
    const { own } = this.#world.definitions;
    const others = new Set(given);
    for (const name of given) {
      if (own.has(name) || name.startsWith('ansible_') || this.#meant.has(name)) continue;
      const near = likeness(name, own);
      if (near !== undefined && !others.has(near)) this.#meant.set(name, { near, span: spanOf(name) });
    }
  }

  /** When all plays have been looked at: what they have read is no longer in `unread` of the world. */
  async report(problems: Problems): Promise<void> {
    const { unread, inputs } = this.#world;
    if (unread.size > 0) await new Reading(inputs, new Words(unread)).plan();
    for (const name of unread) {
      const { near, span } = this.#meant.get(name)!;
      problems.warn('variable.unread', `nothing reads the variable \`${name}\`${span ? '' : ' of `-e`'}`, {
        span,
        hint: `Did you mean \`${near}\`?`,
      });
    }
  }
}

/** Nearer than a suggestion for what is wrong for sure: one slip, two in a long name. */
function likeness(name: string, known: ReadonlySet<string>): string | undefined {
  const limit = name.length < 4 ? 0 : name.length < 10 ? 1 : 2;
  for (const other of known) if (editDistance(name, other, limit) <= limit) return other;
  return undefined;
}

/** Takes away the names that a text holds as words, also where no host gets to. */
class Words implements Mentions {
  readonly any = false;
  readonly #names: Set<string>;

  constructor(names: Set<string>) {
    this.#names = names;
  }

  /** What hosts get to has been looked at already. */
  unknown(): void {}

  text(text: string): void {
    for (const [word] of text.matchAll(/[A-Za-z_]\w*/g)) this.#names.delete(word);
  }
}
