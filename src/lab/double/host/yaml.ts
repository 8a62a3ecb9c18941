import { parseAllDocuments, stringify } from 'yaml';

/** Every document of a YAML stream that is not empty. Throws with the reader's message. */
export function readYaml(text: string): unknown[] {
  const documents = parseAllDocuments(text, {
    uniqueKeys: false,
    maxAliasCount: 1000,
    merge: true,
  } as object);
  const found: unknown[] = [];
  for (const document of Array.isArray(documents) ? documents : []) {
    const problem = document.errors[0];
    if (problem !== undefined) throw new Error(problem.message.split('\n')[0]?.replace(/:$/, ''));
    const value: unknown = document.toJS();
    if (value !== null && value !== undefined) found.push(value);
  }
  return found;
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, v]) => v !== undefined);
  return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([k, v]) => [k, sorted(v)]));
}

/** YAML with sorted keys and lists flush with their key, as these programs print it. */
export function writeYaml(value: unknown): string {
  return stringify(sorted(value), { indentSeq: false, lineWidth: 0 });
}

export { sorted };
