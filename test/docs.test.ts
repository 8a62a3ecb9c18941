import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { Problems } from '../src/base/errors.ts';
import { formatError } from '../src/base/frame.ts';
import { parseYaml } from '../src/document/yaml.ts';
import { parseCondition } from '../src/expression/condition.ts';
import { compileValue } from '../src/expression/value.ts';
import { modules } from '../src/modules/index.generated.ts';
import { loadPlaybooks } from '../src/playbook/load.ts';
import { folderOf } from './kit/folder.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const pages = [
  'README.md',
  'CONTRIBUTING.md',
  ...readdirSync(`${root}docs`)
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

interface Example {
  readonly page: string;
  readonly line: number;
  readonly text: string;
}

/** The blocks ```yaml of a page; those marked ```yaml fragment are no plays and no tasks. */
function examplesOf(page: string): Example[] {
  const text = readFileSync(`${root}${page}`, 'utf8');
  return [...text.matchAll(/^( *)```yaml\n([^]*?)^\1```$/gm)].map((match) => ({
    page,
    line: text.slice(0, match.index).split('\n').length + 1,
    text: match[2]!.replaceAll(new RegExp(`^${match[1]}`, 'gm'), ''),
  }));
}

function complaintsAbout(text: string): string[] {
  const problems = new Problems();
  const node = parseYaml({ path: 'example', text }, problems);
  if (node?.kind !== 'list')
    return ['an example must be a list of plays or tasks, or be marked: ```yaml fragment'];
  const isPlay = node.items.some(
    (item) => item.kind === 'map' && item.entries.some(({ key }) => key === 'hosts'),
  );
  const playbook = isPlay ? text : `- hosts: all\n  tasks:\n${text.replaceAll(/^(?=.)/gm, '    ')}`;
  const cwd = folderOf({ 'example.yml': playbook });
  loadPlaybooks(['example.yml'], { modules, problems, cwd });
  return [...problems.errors, ...problems.warnings].map((error) => formatError(error));
}

describe('examples in the documentation', () => {
  const examples = pages.flatMap(examplesOf);

  it('are there', () => expect(examples.length).toBeGreaterThanOrEqual(5));

  it.each(examples)('$page:$line', ({ text }) => expect(complaintsAbout(text)).toEqual([]));

  it('would not pass with a mistake', () => {
    expect(complaintsAbout('- file: { path: /x, state: presant }\n').join()).toContain('presant');
    expect(complaintsAbout('- debug: { msg: "{{ x | upper }}" }\n').join()).toContain('{{ upper x }}');
    expect(complaintsAbout('a: 1\n')).toHaveLength(1);
  });
});

describe('links', () => {
  it.each(pages)('of %s lead to files that are there', (page) => {
    const text = readFileSync(`${root}${page}`, 'utf8').replaceAll(/```[^]*?```/g, '');
    const targets = [...text.matchAll(/\]\(([^)#]+)[^)]*\)/g)].map((match) => match[1]!);
    const folder = new URL(`../${page}`, import.meta.url);
    for (const target of targets.filter((each) => !/^https?:/.test(each)))
      expect(existsSync(new URL(target, folder)) ? '' : target).toBe('');
  });
});

describe('the table of spellings', () => {
  const page = readFileSync(`${root}docs/differences-from-ansible.md`, 'utf8');
  const table = /\| Jinja2 \|[^]*?\n\n/.exec(page)?.[0] ?? '';
  const rows = table
    .trim()
    .split('\n')
    .slice(2)
    .map((row) =>
      row
        .split(/(?<!\\)\|/)
        .slice(1, 4)
        .map((cell) => cell.trim().replace(/^`|`$/g, '').replaceAll('\\|', '|')),
    );
  const span = (text: string) => ({ source: { path: 'table', text }, start: 0, end: text.length });

  it('is there', () => expect(rows.length).toBeGreaterThan(10));

  it.each(rows)('%s: ours is understood', (_jinja, template, condition) => {
    const problems = new Problems();
    const text = template!;
    compileValue({ kind: 'scalar', span: span(text), value: text, source: text, quoted: true }, problems);
    if (condition) parseCondition(condition, span(condition), problems);
    expect(problems.errors.map(({ message }) => message)).toEqual([]);
  });

  it.each(rows.filter(([jinja, template]) => template && !jinja!.startsWith('{')))(
    '%s in a template is answered with %s',
    (jinja, template) => {
      const problems = new Problems();
      const text = `{{ ${jinja} }}`;
      compileValue({ kind: 'scalar', span: span(text), value: text, source: text, quoted: true }, problems);
      const plain = (given: string) => given.replaceAll(/[{}' ]/g, (found) => (found === "'" ? '"' : ''));
      expect(plain(problems.errors[0]?.hint ?? '')).toContain(plain(template!));
    },
  );
});
