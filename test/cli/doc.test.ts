import { expect, it } from 'vitest';
import { SlipwayError } from '../../src/base/errors.ts';
import { docList, docText } from '../../src/cli/doc.ts';

it.each([
  ['sysctl', '# sysctl\n'],
  ['ansible.builtin.service', '# systemd\n'],
  ['serial', '# serial (keyword)\n\n- Plays: '],
  ['flush_handlers', '`- meta: flush_handlers`'],
  ['default', '{{default port 6443}}'],
  ['size', "size(['a', 'b']) == 2"],
  ['.startsWith', "'kubelet'.startsWith('kube')"],
  ['startsWith()', "'kubelet'.startsWith('kube')"],
  ['task.not-idempotent', '# task.not-idempotent (error)\n'],
])('explains %s', (name, expected) => expect(docText(name)).toContain(expected));

it('tells every meaning of a name that has several', () => {
  const text = docText('command');
  expect(text.match(/^# /gm)).toHaveLength(1);
  const both = docText('replace');
  expect(both).toContain('# replace\n');
  expect(both).toContain('# replace (conditions)\n');
});

it('tells a keyword with the same meaning at several places once', () => {
  const lines = docText('become_user').split('\n');
  expect(lines.filter((line) => line.startsWith('- '))).toEqual([
    expect.stringMatching(/^- Plays; Tasks; Blocks; .*: The user to become/),
  ]);
});

it('helps with a name that it does not know', () => {
  let thrown: unknown;
  try {
    docText('sysctrl');
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(SlipwayError);
  expect(thrown).toMatchObject({ code: 'usage', hint: 'Did you mean `sysctl`?' });
});

it('lists every group, and each name in the list has a text', () => {
  const list = docList();
  const groups = list.split('\n').filter((line) => /^\S.*:$/.test(line));
  expect(groups).toEqual([
    'Modules:',
    'Keywords of playbooks:',
    'Helpers of templates:',
    'Functions of conditions:',
    'Errors:',
  ]);
  let group = '';
  const names: string[] = [];
  for (const line of list.split('\n')) {
    if (line.endsWith(':') && !line.startsWith(' ')) group = line;
    else if (line.startsWith('  ')) {
      const words = line.trim().split(/\s{2,}/);
      names.push(...(group === 'Modules:' || group === 'Errors:' ? words.slice(0, 1) : words));
    }
  }
  expect(names.length).toBeGreaterThan(150);
  for (const name of names) expect(docText(name)).toMatch(/^# /);
});
