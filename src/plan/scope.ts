import { SlipwayError } from '../base/errors.ts';
import { locate } from '../base/span.ts';
import { evaluate } from '../expression/value.ts';
import { type Scope, Unknown, type Value } from '../expression/types.ts';
import type { Keywords, Play, Variables, VarsFile } from '../playbook/types.ts';
import type { Magic } from './magic.ts';
import { extraValue } from './extra.ts';
import { FACTS } from './types.ts';
import type { Learned, VariableInputs } from './variables.ts';

export interface Layers {
  readonly inputs: VariableInputs;
  readonly inventory: Variables;
  readonly play: Play | undefined;
  readonly learned: Learned;
  readonly magic: Magic;
  readonly prompts: Readonly<Record<string, unknown>> | undefined;
  readonly task: Keywords | undefined;
  readonly extra: Readonly<Record<string, unknown>> | undefined;
  readonly pending: ReadonlySet<string> | undefined;
}

export type Found = { readonly data: unknown } | { readonly value: Value };

/**
 * One host's variables at one task, by Ansible's precedence. A value that is a template is evaluated when it is asked
 * for, in this same scope, and once.
 */
export class LayeredScope implements Scope {
  readonly layers: Layers;
  // Made when first needed: most of the scopes of a run are asked for nothing, or for plain data.
  #known: Map<string, unknown> | undefined;
  #evaluating: { readonly name: string; readonly value: Value }[] | undefined;
  #files: readonly Variables[] | undefined;

  constructor(layers: Layers) {
    this.layers = layers;
  }

  get(name: string): unknown {
    if (this.#known?.has(name)) return this.#known.get(name);
    const found = this.find(name);
    if (!found) return undefined;
    if ('data' in found) return found.data;
    if (found.value.kind === 'data') return found.value.data;
    const value = this.#evaluate(name, found.value);
    this.#known ??= new Map();
    this.#known.set(name, value);
    return value;
  }

  has(name: string): boolean {
    return this.#known?.has(name) || this.find(name) !== undefined;
  }

  #evaluate(name: string, value: Value): unknown {
    const evaluating = (this.#evaluating ??= []);
    const open = evaluating.findIndex((each) => each.name === name);
    if (open >= 0) return this.circular(cycleOf(evaluating.slice(open)));
    evaluating.push({ name, value });
    try {
      return this.worth(value);
    } finally {
      evaluating.pop();
    }
  }

  protected worth(value: Value): unknown {
    return evaluate(value, this);
  }

  protected circular(cycle: SlipwayError): unknown {
    throw cycle;
  }

  /** What stands for a name at this place, not evaluated. */
  find(name: string): Found | undefined {
    return find(name, this.layers, () => this.#fromFiles(name));
  }

  #fromFiles(name: string): Value | undefined {
    const files = this.layers.play?.varsFiles ?? [];
    if (files.length === 0) return undefined;
    this.#files ??= this.#loadFiles(files);
    return lastIn(this.#files, name);
  }

  #loadFiles(files: readonly VarsFile[]): readonly Variables[] {
    // A file whose name depends on a variable of a file is not looked into for that variable.
    this.#files = [];
    return files.flatMap((file) => {
      try {
        const target = this.worth(file.target);
        return target instanceof Unknown ? [] : [file.load(String(target))];
      } catch (error) {
        // Named after a fact that is not there yet: the file is left out until it is.
        if (error instanceof SlipwayError && error.code === 'template.undefined') return [];
        throw error;
      }
    });
  }

  *names(): Iterable<string> {
    const { inputs, extra, magic, task, learned, play, prompts, inventory } = this.layers;
    yield* magic.names;
    for (const record of [inputs.options.extraVars, extra, prompts]) yield* Object.keys(record ?? {});
    yield* learned.set.keys();
    yield* learned.included.keys();
    const layers = task?.layers;
    const lists = [layers?.params, layers?.vars, layers?.roleVars, layers?.roleDefaults];
    for (const list of [...lists, play?.roleVars, play?.roleDefaults, this.#files])
      for (const map of list ?? []) yield* map.keys();
    if (play) yield* play.vars.keys();
    yield* inventory.keys();
    for (const fact of Object.keys(learned.facts ?? {})) yield `ansible_${fact}`;
    yield 'ansible_facts';
  }
}

// How a host is reached comes from the inventory, whatever its facts are called.
const CONNECTION =
  /^(become.*|.*_pass(word)?|password|connection|(ssh_)?(host|port|user|timeout|private_key_file|host_key_checking)|ssh_(common_|extra_)?args)$/;

function factName(name: string): string | undefined {
  const fact = name.startsWith('ansible_') ? name.slice('ansible_'.length) : undefined;
  return fact !== undefined && CONNECTION.test(fact) ? undefined : fact;
}

/** Highest precedence first. `fromFiles` looks into the play's `vars_files`. */
function find(name: string, layers: Layers, fromFiles: () => Value | undefined): Found | undefined {
  const { inputs, extra, magic, task, learned, pending } = layers;
  const special = magic.get(name, task);
  if (special !== undefined) return { data: special };
  const given = inputs.options.extraVars;
  if (Object.hasOwn(given, name)) return { value: extraValue(given, name) };
  if (extra && Object.hasOwn(extra, name)) return { data: extra[name] };
  const parameter = lastIn(task?.layers.params, name);
  if (parameter) return { value: parameter };
  if (pending?.has(name)) return { data: new Unknown(name) };
  if (learned.set.has(name) && learned.set.get(name) !== undefined) return { data: learned.set.get(name) };
  const included =
    learned.included.get(name) ??
    lastIn(task?.layers.vars, name) ??
    lastIn(task?.layers.roleVars, name) ??
    lastIn(layers.play?.roleVars, name);
  if (included) return { value: included };
  return findInPlay(name, layers, fromFiles) ?? findInHost(name, layers);
}

function findInPlay(
  name: string,
  { play, prompts }: Layers,
  fromFiles: () => Value | undefined,
): Found | undefined {
  if (!play) return undefined;
  const file = fromFiles();
  if (file) return { value: file };
  if (prompts && Object.hasOwn(prompts, name)) return { data: prompts[name] };
  const value = play.vars.get(name);
  return value && { value };
}

function findInHost(name: string, layers: Layers): Found | undefined {
  const { inventory, learned, pending, task, play } = layers;
  const written = inventory.get(name);
  if (name === 'ansible_facts')
    return { data: pending?.has(FACTS) ? new Unknown('the facts') : (learned.facts ?? {}) };
  const fact = factName(name);
  if (fact !== undefined) {
    if (pending?.has(FACTS)) return written ? { value: written } : { data: new Unknown('the facts') };
    if (learned.facts && Object.hasOwn(learned.facts, fact)) return { data: learned.facts[fact] };
  }
  if (written) return { value: written };
  const otherwise =
    lastIn(task?.layers.roleDefaults, name) ??
    lastIn(play?.roleDefaults, name) ??
    play?.connection?.get(name);
  return otherwise && { value: otherwise };
}

/** The circle starts and ends with its first variable; the others' places are in the hint. */
function cycleOf(circle: readonly { readonly name: string; readonly value: Value }[]): SlipwayError {
  const [first, ...others] = circle as [(typeof circle)[0], ...typeof circle];
  const way = [...circle, first].map(({ name }) => name).join(' -> ');
  const places = others.map(({ name, value }) => `\`${name}\` at ${locate(value.span)}`);
  return new SlipwayError('variable.cycle', `the variable \`${first.name}\` is defined by itself: ${way}`, {
    span: first.value.span,
    hint: places.length > 0 ? `It goes through ${places.join(', ')}.` : 'Give it another name here.',
    data: { spans: circle.map(({ value }) => locate(value.span)) },
  });
}

function lastIn(layers: readonly Variables[] | undefined, name: string): Value | undefined {
  for (let index = (layers?.length ?? 0) - 1; index >= 0; index--) {
    const value = layers![index]!.get(name);
    if (value) return value;
  }
  return undefined;
}
