import { Exit } from '../host/exit.ts';
import { NOTICE } from '../host/identity.ts';

/** Docker's `--format`: text, `{{.A.B}}`, `{{json .A.B}}`, `(index .A "B")` for `.A.B`, or the word `json`. Throws on all else. */
export function format(template: string, value: object): string {
  if (template === 'json') return JSON.stringify(value);
  return template.replace(/\{\{([\s\S]*?)\}\}/g, (_, inner: string) => {
    const [, json, open, path, key, close] =
      /^\s*(json\s+)?(\(\s*index\s+)?(\.[\w.]*)(?:\s+"(\w+)")?\s*(\))?\s*$/.exec(inner) ?? [];
    const whole = [open, key, close].every((part) => (part === undefined) === (open === undefined));
    if (path === undefined || !whole)
      throw new Exit(`template parsing error: {{${inner}}} is more than the lab's Docker knows (${NOTICE})`);
    const within = field(value, path);
    // An index that is not there is nothing, not an error.
    const found = key === undefined ? within : ((within as Record<string, unknown> | null)?.[key] ?? null);
    return json === undefined && typeof found !== 'object' ? String(found) : JSON.stringify(found);
  });
}

/** Go's templates write a name with its capital; one that is not there is an error. */
function field(value: unknown, path: string): unknown {
  let found = value;
  for (const key of path.split('.').filter((part) => part !== '')) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, key))
      throw new Exit(`template: :1:2: executing "" at <${path}>: can't evaluate field ${key}`);
    found = (found as Record<string, unknown>)[key];
  }
  return found;
}
