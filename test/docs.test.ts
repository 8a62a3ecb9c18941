import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { Problems } from '../src/base/errors.ts';
import { formatError } from '../src/base/frame.ts';
import { parseYaml } from '../src/document/yaml.ts';
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
