import type { KubeObject, Selector } from './types.ts';

function one(labels: Readonly<Record<string, string>>, term: string): boolean {
  const inSet = /^\s*(\S+)\s+(in|notin)\s+\(([^)]*)\)\s*$/.exec(term);
  if (inSet !== null) {
    const values = (inSet[3] ?? '').split(',').map((v) => v.trim());
    return values.includes(labels[inSet[1] ?? ''] ?? '\0') === (inSet[2] === 'in');
  }
  const equal = /^\s*([^=!\s]+)\s*(==|=|!=)\s*(\S*)\s*$/.exec(term);
  if (equal !== null) return (labels[equal[1] ?? ''] === equal[3]) === (equal[2] !== '!=');
  const name = term.trim();
  return name.startsWith('!') ? !(name.slice(1) in labels) : name in labels;
}

/** A label selector in its text form: `app=web,tier!=db,!old,env in (a,b)`. */
export function matchesText(labels: Readonly<Record<string, string>> | undefined, selector: string): boolean {
  const terms = selector.split(/,(?![^(]*\))/).filter((term) => term.trim() !== '');
  return terms.every((term) => one(labels ?? {}, term));
}

/** A label selector as objects carry it. */
export function matches(labels: Readonly<Record<string, string>> | undefined, selector: Selector): boolean {
  const have = labels ?? {};
  const equal = Object.entries(selector.matchLabels ?? {}).every(([key, value]) => have[key] === value);
  return (
    equal &&
    (selector.matchExpressions ?? []).every(({ key, operator, values }) => {
      if (operator === 'Exists') return key in have;
      if (operator === 'DoesNotExist') return !(key in have);
      return (values ?? []).includes(have[key] ?? '\0') === (operator === 'In');
    })
  );
}

/** The value at a dotted path, as text. */
function at(object: unknown, path: string): string {
  let here: unknown = object;
  for (const key of path.split('.')) here = (here as Record<string, unknown> | undefined)?.[key];
  return typeof here === 'string' || typeof here === 'number' || typeof here === 'boolean'
    ? String(here)
    : '';
}

/** A field selector: `spec.nodeName=n1,status.phase!=Failed`. */
export function matchesFields(object: KubeObject, selector: string): boolean {
  return selector
    .split(',')
    .filter((term) => term !== '')
    .every((term) => {
      const [, path = '', operator, value] = /^([^=!]+)(==|=|!=)(.*)$/.exec(term) ?? [];
      return (at(object, path) === value) === (operator !== '!=');
    });
}
