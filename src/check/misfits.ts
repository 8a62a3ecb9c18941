import { hasType, type Schema } from '../base/schema-convert.ts';
import { itemOf, type Kind, kindOf, kindsOf } from '../expression/shape.ts';
import { Unknown } from '../expression/types.ts';
import { unknownWithin } from '../expression/unknown.ts';
import { ALWAYS } from './register.ts';

/** A plain value of each kind; in a message it stands for the one that is not known. */
const SAMPLES: Readonly<Record<Kind, unknown>> = {
  string: '',
  number: 0,
  boolean: true,
  list: [],
  map: {},
  null: null,
};

export interface Misfit {
  /** The argument as it can be checked: what is not known has a value of its kind in its place. */
  readonly sample: unknown;
  /** Wrong for every host: it does not hang on a variable. */
  readonly general: boolean;
  readonly hint: string | undefined;
}

/** What is wrong with a value that is not known, or not all of it, as an argument that must be of a schema. */
export function misfit(schema: Schema, value: unknown): Misfit | undefined {
  if (!(value instanceof Unknown)) {
    const open = typeof value === 'object' && unknownWithin(value) !== undefined;
    if (!open) return undefined;
    const kind = kindOf(value)!;
    if (!accepts(schema, kind)) return { sample: SAMPLES[kind], general: false, hint: undefined };
    return Array.isArray(value) ? misfitOfItems(schema, value) : undefined;
  }
  const kinds = kindsOf(value);
  if (!kinds) return undefined;
  if (!kinds.some((kind) => accepts(schema, kind)))
    return { sample: SAMPLES[kinds[0]!], general: true, hint: instead(value) };
  return kindOf(value) === 'list' ? misfitOfItems(schema, [itemOf(value)]) : undefined;
}

function misfitOfItems(schema: Schema, values: readonly unknown[]): Misfit | undefined {
  const lists = branches(schema).filter((branch) => hasType(branch, 'array'));
  const items = lists.length === 1 ? lists[0]!.items : undefined;
  if (!items) return undefined;
  const wrong = values.map((value) => misfit(items, value));
  const at = wrong.findIndex((found) => found !== undefined);
  return at < 0 ? undefined : { ...wrong[at]!, sample: values.with(at, wrong[at]!.sample) };
}

const SHOWN = 8;

/** What may have been meant: a part of it. */
function instead({ why, shape }: Unknown): string | undefined {
  const { type, properties } = shape!.schema;
  if (type === 'array') return `Name an item (\`${why}[0]\`), or write \`{{join ${why} ","}}\`.`;
  if (type === 'boolean') return `Write \`{{string ${why}}}\`.`;
  const fields = Object.keys(properties ?? {}).filter((name) => !ALWAYS.has(name));
  if (fields.length === 0) return undefined;
  return `Name one of its fields: ${fields.slice(0, SHOWN).join(', ')}${fields.length > SHOWN ? ', …' : ''}.`;
}

function branches(schema: Schema): readonly Schema[] {
  return schema.anyOf ? schema.anyOf.flatMap(branches) : [schema];
}

/** Whether some value of this kind is taken, as it is or converted. */
function accepts(schema: Schema, kind: Kind): boolean {
  return branches(schema).some((branch) => {
    if ('const' in branch) return becomes(kind, kindOf(branch.const)!);
    if (branch.enum) return branch.enum.some((allowed) => becomes(kind, kindOf(allowed)!));
    if (branch.type === undefined) return true;
    const types = [branch.type].flat();
    return types.some((type) => {
      const wanted = kindsOf(new Unknown('', { schema: { type }, missing: '' }))?.[0];
      if (wanted !== 'list' || kind === 'list') return wanted === undefined || becomes(kind, wanted);
      // A single value is taken for a list of one.
      const single = kind === 'string' || kind === 'number';
      return single && (!branch.items || accepts(branch.items, kind));
    });
  });
}

/** Conversions that Ansible makes: "80" and "yes" may be texts, 0 and 1 booleans. Nothing becomes of `null`. */
function becomes(kind: Kind, wanted: Kind): boolean {
  if (kind === wanted || kind === 'null') return true;
  const [from, to] = [SCALAR.has(kind), SCALAR.has(wanted)];
  return from && to && kind !== 'boolean';
}

const SCALAR: ReadonlySet<Kind> = new Set(['string', 'number', 'boolean']);
