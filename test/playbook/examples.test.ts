import { expect, test } from 'vitest';
import { Problems } from '../../src/base/errors.ts';
import { formatError } from '../../src/base/frame.ts';
import { modules } from '../../src/modules/index.generated.ts';
import { loadPlaybooks } from '../../src/playbook/load.ts';
import { folderOf } from '../kit/folder.ts';

const examples = [...modules.values()].flatMap((module) =>
  module.examples.map((example, index) => [`${module.name}-${index}`, example.title, example.yaml] as const),
);

test.each(examples)('the example %s (%s) loads', (name, _title, yaml) => {
  const lines = yaml.replace(/^\s*\n/, '').split('\n');
  const margin = /^ */.exec(lines[0]!)![0].length;
  const tasks = lines.map((line) => `    ${line.slice(margin)}`).join('\n');
  const cwd = folderOf({ [`${name}.yml`]: `- hosts: all\n  tasks:\n${tasks}\n` });
  const problems = new Problems();
  loadPlaybooks([`${name}.yml`], { modules, problems, cwd });
  // Handlers and files that an example names stand outside of it.
  const outside = ['playbook.unknown-handler', 'file.missing'];
  expect(problems.errors.filter(({ code }) => !outside.includes(code)).map(formatError)).toEqual([]);
});
