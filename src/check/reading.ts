import type { Module } from '../module/contract.ts';
import type { PlannedPlay } from '../plan/types.ts';
import type { Include, Task } from '../playbook/types.ts';
import type { CheckInputs } from './world.ts';

const PLACES = /^(span|\w+Span)$/;

/** Takes the texts of a plan. */
export interface Mentions {
  /** Nothing more has to be read. */
  readonly any: boolean;
  text(text: string): void;
  /** There is a text that cannot be known. */
  unknown(): void;
}

/** Goes through all texts of a plan in which a variable can be named. */
export class Reading {
  readonly #mentions: Mentions;
  #planned: PlannedPlay | undefined;
  readonly #inputs: Omit<CheckInputs, 'version'>;
  readonly #seen = new Set<object>();
  #templates: (() => Promise<void>)[] = [];

  constructor(inputs: Omit<CheckInputs, 'version'>, mentions: Mentions) {
    this.#inputs = inputs;
    this.#mentions = mentions;
  }

  async plan(): Promise<void> {
    const { plays, inventory, options } = this.#inputs.plan;
    this.#all(options.extraVars);
    for (const { variables } of [...inventory.hosts.values(), inventory.host('localhost')!])
      this.#all(variables);
    for (const planned of plays) {
      this.#planned = planned;
      this.#all(planned.play);
      await this.#readTemplates();
      if (this.#mentions.any) break;
    }
  }

  /** Everything below a value is looked at, whatever it is called: a keyword that is new cannot be forgotten. */
  #all(value: unknown): void {
    if (typeof value === 'string') this.#mentions.text(value);
    if (value === null || typeof value !== 'object' || this.#mentions.any || this.#seen.has(value)) return;
    this.#seen.add(value);
    if (Array.isArray(value) || value instanceof Set) for (const item of value) this.#all(item);
    else if (value instanceof Map) for (const item of value.values()) this.#all(item);
    else this.#object(value as Readonly<Record<string, unknown>>);
  }

  #object(value: Readonly<Record<string, unknown>>): void {
    const { kind, text } = value;
    if (kind === 'template' || kind === 'condition') {
      this.#mentions.text(String(text));
      return;
    }
    if (kind === 'task') this.#task(value as unknown as Task);
    if (kind === 'include') this.#file(value as unknown as Include, 'read');
    else if (typeof value['load'] === 'function') this.#file(value as unknown as Include, 'load');
    for (const [key, item] of Object.entries(value)) if (!PLACES.test(key)) this.#all(item);
  }

  #file(file: Include, how: 'read' | 'load'): void {
    if (file.target.kind !== 'data') {
      this.#mentions.unknown();
      return;
    }
    try {
      const { errors: _, ...brought } = file[how](String(file.target.data)) as ReturnType<Include['read']>;
      this.#all(how === 'load' ? file.load(String(file.target.data)) : brought);
    } catch {
      this.#mentions.unknown();
    }
  }

  #task(task: Task): void {
    const module: Module | undefined = this.#inputs.modules.get(task.module);
    for (const { key, value } of task.args.entries) {
      if (!module?.templates?.includes(key)) continue;
      if (value.kind === 'data') this.#templates.push(() => this.#template(task, String(value.data)));
      else this.#mentions.unknown();
    }
  }

  async #template(task: Task, name: string): Promise<void> {
    const local = this.#inputs.local(task, this.#planned!);
    const bytes = await local.read(await local.find(name, 'templates'));
    this.#mentions.text(Buffer.from(bytes).toString('utf8'));
  }

  /** The template files of the tasks met so far. */
  async #readTemplates(): Promise<void> {
    for (const read of this.#templates.splice(0))
      await read().catch(() => {
        this.#mentions.unknown();
      });
  }
}
