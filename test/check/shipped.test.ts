import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, test } from 'vitest';
import { formatError } from '../../src/base/frame.ts';
import { modules } from '../../src/modules/index.generated.ts';
import { folderOf } from '../kit/folder.ts';
import { check, findings } from './kit.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const inFolder = (folder: string, pattern: RegExp) =>
  readdirSync(`${root}${folder}`)
    .filter((name) => pattern.test(name))
    .map((name) => `${folder}/${name}`);

describe.each(inFolder('playbooks', /\.yml$/))('%s', (playbook) => {
  it.each(inFolder('inventory', /\.(yml|ini)$/))('has nothing wrong with %s', async (inventory) => {
    const { errors, warnings } = await check([playbook], [inventory], root);
    expect([...errors, ...warnings].map(formatError)).toEqual([]);
  });
});

test.each(inFolder('bench', /\.yml$/))('%s has nothing wrong', async (playbook) => {
  const cwd = folderOf({ hosts: '[nodes]\nn1 folder=/tmp\nn2 folder=/tmp\n' });
  const { errors, warnings } = await check([`${root}${playbook}`], [`${cwd}/hosts`], root);
  expect([...errors, ...warnings].map(formatError)).toEqual([]);
});

// What an example leaves to the reader: files, handlers, variables of the surroundings.
const OUTSIDE = ['file.missing', 'playbook.unknown-handler'];

const examples = [...modules.values()].flatMap((module) =>
  module.examples.map((example) => [module.name, example.title, example.yaml] as const),
);

test.each(examples)('the example of %s: %s', async (_, __, yaml) => {
  const lines = yaml.replace(/^\s*\n/, '').split('\n');
  const margin = /^ */.exec(lines[0]!)![0].length;
  const tasks = lines.map((line) => `    ${line.slice(margin)}`).join('\n');
  const hosts = '[control_plane]\nh1\n[workers]\nh2\n';
  const found = await findings({ 'site.yml': `- hosts: all\n  tasks:\n${tasks}\n`, hosts });
  expect(found.filter((line) => !OUTSIDE.includes(line.split(' | ')[2]!))).toEqual([]);
});

/** The blocks of plays and tasks in the documentation. */
const pages = ['README.md', ...inFolder('docs', /\.md$/)].flatMap((page) => {
  const text = readFileSync(`${root}${page}`, 'utf8');
  return [...text.matchAll(/^( *)```yaml\n([^]*?)^\1```$/gm)].map((match) => {
    const line = text.slice(0, match.index).split('\n').length + 1;
    return [`${page}:${line}`, match[2]!.replaceAll(new RegExp(`^${match[1]}`, 'gm'), '')] as const;
  });
});

test.each(pages)('the example at %s', async (_, text) => {
  const isPlay = /^- (?:.*\n {2})*hosts:/m.test(text);
  const playbook = isPlay ? text : `- hosts: all\n  tasks:\n${text.replaceAll(/^(?=.)/gm, '    ')}`;
  const hosts = '[cluster]\nh1\n[cluster:children]\nweb\n[web]\nh2\n';
  const found = await findings({ 'site.yml': playbook, hosts });
  const said = found.filter((line) => !OUTSIDE.includes(line.split(' | ')[2]!));
  expect(said.filter((line) => line.includes('| error |'))).toEqual([]);
});
