import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import * as fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { Problems } from '../../src/base/errors.ts';
import { type SchemaKind, schemaText } from '../../src/cli/schema/kinds.ts';
import { toData } from '../../src/document/node.ts';
import { parseYaml } from '../../src/document/yaml.ts';
import { modules } from '../../src/modules/index.generated.ts';
import { loadPlaybooks } from '../../src/playbook/load.ts';
import { check, foundIn } from '../check/kit.ts';
import { type CorpusCase, corpus, filesOf } from '../corpus/kit.ts';
import { changed, changes } from '../corpus/changed.ts';
import { shippedCopy } from '../corpus/shipped-copy.ts';

const copy = shippedCopy();
const root = fileURLToPath(new URL('../..', import.meta.url));
const ajv = new Ajv({ strict: false });
const validators = new Map<SchemaKind, ReturnType<typeof ajv.compile>>();

/** What the schema has against a file; undefined where it is no YAML at all. */
function against(kind: SchemaKind, text: string): string[] | undefined {
  const problems = new Problems();
  const node = parseYaml({ path: kind, text }, problems);
  if (problems.errors.length > 0) return undefined;
  let validate = validators.get(kind);
  if (!validate) validators.set(kind, (validate = ajv.compile(JSON.parse(schemaText(kind)) as object)));
  if (validate(node ? toData(node) : kind === 'playbook' ? [] : null)) return [];
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

/** What a file is for, by its place. */
function kindOf(file: string, text = ''): SchemaKind | undefined {
  if (/(^|\/)(group_vars|host_vars|defaults|vars)\//.test(file)) return 'vars';
  if (/(^|\/)tasks(\/|\.yml$)/.test(file)) return 'tasks';
  if (/(^|\/)handlers\//.test(file)) return 'handlers';
  if (file.startsWith('inventory/') || (file === 'hosts' && /^[^\s[=#:]+:(\s|$)/.test(text)))
    return 'inventory';
  return /^(site|playbooks\/[^/]*)\.yml$/.test(file) ? 'playbook' : undefined;
}

describe('what is shipped fits its schema', () => {
  const shipped = ['playbooks', 'inventory'].flatMap((folder) =>
    readdirSync(path.join(root, folder), { recursive: true })
      .map((name) => `${folder}/${String(name)}`)
      .filter((name) => name.endsWith('.yml')),
  );

  it('is all known', () => {
    expect(shipped.length).toBeGreaterThan(25);
    expect(shipped.filter((file) => kindOf(file) === undefined)).toEqual([]);
  });

  it.each(shipped)('%s', (file) => {
    expect(against(kindOf(file)!, readFileSync(path.join(root, file), 'utf8'))).toEqual([]);
  });
});

// What the loader says of a file by itself, without the others and without hosts.
const OF_ONE_FILE = /^(yaml|schema)\.|^condition\.type|^playbook\.(not-supported|no-module|unknown-module)/;

describe('no file is rejected that the loader takes', () => {
  const all = corpus().flatMap(([, cases]) => cases);

  it.each(all)('$case', async (given: CorpusCase) => {
    const files = filesOf(given);
    const found = await foundIn(files, given.options);
    const faulty = new Set(
      found
        .filter(({ error }) => OF_ONE_FILE.test(error.code))
        .map(({ where }) => where.replace(/:\d+:\d+$/, '')),
    );
    for (const [file, text] of Object.entries(files)) {
      const kind = kindOf(file, text);
      if (kind === undefined || faulty.has(file)) continue;
      expect({ file, against: against(kind, text) ?? [] }).toEqual({ file, against: [] });
    }
  });
});

/** What the loader has against a file that stands where the shipped one stands. */
async function loadFaults(kind: SchemaKind, text: string, cwd: string, name: string): Promise<string[]> {
  const put = (file: string, content: string) => writeFileSync(path.join(cwd, file), content);
  if (kind === 'inventory') {
    put(`inventory/${name}.yml`, text);
    put('all.yml', '- { hosts: all, gather_facts: false, tasks: [] }\n');
    return codesOf(
      await check(['all.yml'], [`inventory/${name}.yml`], cwd).catch((thrown) => problemsOf(thrown)),
    );
  }
  const problems = new Problems();
  const site = `playbooks/site-${name}.yml`;
  const role = `- { hosts: all, tasks: [{ import_role: { name: cluster, tasks_from: ${name} } }] }\n`;
  if (kind === 'tasks') put(`playbooks/roles/cluster/tasks/${name}.yml`, text);
  put(site, kind === 'tasks' ? role : text);
  loadPlaybooks([site], { modules, problems, cwd });
  return codesOf(problems);
}

function problemsOf(thrown: unknown): Problems {
  const problems = new Problems();
  problems.add(thrown);
  return problems;
}

// How hosts are reached is looked at for hosts only: where a file has none, the schema may find more.
function codesOf({ errors, warnings }: Problems): string[] {
  return [...errors, ...warnings]
    .map(({ code }) => code)
    .filter((code) => OF_ONE_FILE.test(code) || code === 'inventory.no-hosts');
}

test('however a shipped file is changed: what the loader takes, its schema takes', async () => {
  const files = ['playbooks', 'inventory'].flatMap((folder) =>
    readdirSync(path.join(root, folder), { recursive: true })
      .map((name) => `${folder}/${String(name)}`)
      .filter((name) => name.endsWith('.yml') && kindOf(name) !== 'handlers'),
  );
  let taken = 0;
  let made = 0;
  const cwd = copy().folder;
  await fc.assert(
    fc.asyncProperty(fc.array(changes, { minLength: 1, maxLength: 3 }), async (several) => {
      const file = files[several[0]!.file % files.length]!;
      const text = several.reduce(changed, readFileSync(path.join(root, file), 'utf8'));
      const kind = kindOf(file)!;
      const said = against(kind, text);
      if (said === undefined || kind === 'vars') return;
      if ((await loadFaults(kind, text, cwd, `f${(made += 1)}`)).length > 0) return;
      taken += 1;
      expect(said).toEqual([]);
    }),
    { numRuns: Number(process.env['SLIPWAY_RUNS'] ?? 400), endOnFailure: true },
  );
  expect(taken).toBeGreaterThan(50);
}, 600_000);
