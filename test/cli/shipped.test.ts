import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { playbookFile } from '../../src/cli/shipped.ts';
import { folderOf } from '../kit/folder.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

it('a shipped playbook is found from any folder', () => {
  expect(playbookFile('playbooks/reset.yml', folderOf({}))).toBe(path.join(root, 'playbooks/reset.yml'));
});

it.each(['playbooks/reset.yml', './playbooks/reset.yml', 'reset.yml'])(
  'what is here comes first: %s',
  (name) => {
    expect(playbookFile(name, folderOf({ [name]: '[]' }))).toBe(name);
  },
);

it.each(['playbooks/nothing.yml', 'playbooks/../package.json', 'reset.yml'])('%s is not one', (name) => {
  expect(playbookFile(name, folderOf({}))).toBe(name);
});
