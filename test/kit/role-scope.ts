import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { Problems } from '../../src/base/errors.ts';
import { parseTemplate } from '../../src/expression/template.ts';
import type { Scope } from '../../src/expression/types.ts';

const file = new URL('../../playbooks/roles/cluster/defaults/main.yml', import.meta.url);
const defaults = parse(readFileSync(fileURLToPath(file), 'utf8')) as Record<string, unknown>;

/** The cluster role's defaults behind what an inventory says; templates among them are rendered when they are asked for. */
export function roleScope(said: Record<string, unknown>): Scope {
  const all: Record<string, unknown> = { ...defaults, node_name: 'n1', ...said };
  const scope: Scope = {
    get: (name) => value(all[name]),
    has: (name) => Object.hasOwn(all, name),
    names: () => Object.keys(all),
  };
  const value = (raw: unknown) => {
    if (typeof raw !== 'string' || !raw.includes('{{')) return raw;
    const source = { path: 'defaults.yml', text: raw };
    return parseTemplate(raw, { source, start: 0, end: raw.length }, new Problems())!.render(scope);
  };
  return scope;
}
