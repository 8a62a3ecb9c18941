import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { counted } from '../../src/base/counted.ts';
import { inOrder } from '../../src/base/errors.ts';
import { findingText } from '../../src/cli/findings.ts';
import { check } from '../check/kit.ts';
import { folderOf } from '../kit/folder.ts';

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
const section = readme.slice(readme.indexOf('\n## Trust it\n'));

const block = (language: string) =>
  new RegExp(`\`\`\`${language}\\n([^]*?)\`\`\`\\n`).exec(section)?.[1] ?? `no block of ${language}`;

test('the session in the README is what the program says', async () => {
  const cwd = folderOf({ 'site.yml': block('yaml fragment'), 'hosts.ini': block('ini') });
  const before = process.cwd();
  process.chdir(cwd);
  const { errors, warnings } = await check(['site.yml'], ['hosts.ini'], cwd).finally(() =>
    process.chdir(before),
  );
  const all = [
    ...inOrder(errors).map((error) => findingText(error, 'error')),
    ...inOrder(warnings).map((error) => findingText(error, 'warning')),
  ];
  const said = `${all.join('\n\n')}\n\n${counted(errors.length, 'error')}, ${counted(warnings.length, 'warning')}`;
  expect(block('console')).toBe(`$ slipway validate site.yml -i hosts.ini\n${said}\n$ echo $?\n3\n`);
});
