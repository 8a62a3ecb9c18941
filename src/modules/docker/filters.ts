import { Type } from 'typebox';

const scalar = Type.Union([Type.String(), Type.Number(), Type.Boolean()]);

/** What is looked at of a kind of objects: `{label: team=web, until: 24h}`. */
export const filtersParam = (description: string) =>
  Type.Optional(Type.Record(Type.String(), Type.Union([scalar, Type.Array(scalar)]), { description }));

export type Filters = Readonly<Record<string, string | number | boolean | (string | number | boolean)[]>>;

/** As the Engine takes them: each has a list of texts. */
export function engineFilters(filters: Filters = {}): Record<string, string[]> {
  return Object.fromEntries(
    Object.entries(filters).map(([name, value]) => [
      name,
      (Array.isArray(value) ? value : [value]).map(String),
    ]),
  );
}

/** As the `docker` command takes them. */
export function filterFlags(filters?: Filters): string[] {
  return Object.entries(engineFilters(filters)).flatMap(([name, values]) =>
    values.flatMap((value) => ['--filter', `${name}=${value}`]),
  );
}
