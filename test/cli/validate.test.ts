import { expect, it } from 'vitest';
import { slipway } from './kit.ts';

const run = slipway({
  'good.yml': '- hosts: all\n  gather_facts: false\n  tasks: [{ debug: { msg: hi } }]\n',
  'warned.yml':
    '- hosts: all\n  gather_facts: false\n  tasks:\n    - command: uname\n      delegate_to: h22\n',
  'wrong.yml':
    '- hosts: all\n  gather_facts: false\n  tasks:\n    - debug: { msg: "{{ rack }}" }\n    - command: uname\n      delegate_to: h22\n',
  hosts: 'h1 rack=1\nh2\nh3\n',
});

const validate = (file: string, ...more: string[]) => run(['validate', file, '-i', 'hosts', ...more]);

it('says ok, and exits with 3 where something is wrong; warnings only count with --strict', () => {
  expect(validate('good.yml')).toEqual({ code: 0, stdout: 'ok: 1 play, 1 task, 3 hosts\n', stderr: '' });
  expect(validate('warned.yml')).toMatchObject({ code: 0, stdout: 'ok: 1 play, 1 task, 3 hosts\n' });
  expect(validate('warned.yml', '--strict')).toMatchObject({ code: 3, stdout: '' });
  const { code, stdout, stderr } = validate('wrong.yml');
  expect([code, stdout]).toEqual([3, '']);
  expect(stderr).toBe(`wrong.yml:4:25: \`rack\` is not defined [template.undefined]
  |
4 |     - debug: { msg: "{{ rack }}" }
  |                         ^^^^
  Define it in the inventory, in \`vars\`, or with \`-e\`.
  on 2 of 3 hosts, first h2

warning: wrong.yml:6:20: \`delegate_to\` names \`h22\`, which is no host of the inventory [playbook.unknown-host]
  |
6 |       delegate_to: h22
  |                    ^^^
  Did you mean \`h2\`?

1 error, 1 warning
`);
});

it('--output json', () => {
  const { code, stdout } = validate('wrong.yml', '--output', 'json');
  expect(code).toBe(3);
  expect(JSON.parse(stdout)).toMatchObject({
    errors: 1,
    warnings: 1,
    hosts: 3,
    findings: [
      {
        severity: 'error',
        code: 'template.undefined',
        message: '`rack` is not defined',
        file: 'wrong.yml',
        line: 4,
        column: 25,
        endLine: 4,
        endColumn: 29,
        hosts: { count: 2, of: 3, names: ['h2', 'h3'] },
      },
      { severity: 'warning', code: 'playbook.unknown-host', line: 6, column: 20 },
    ],
  });
});

it('--output github', () => {
  const { code, stdout } = validate('wrong.yml', '--output', 'github');
  expect(code).toBe(3);
  expect(stdout.split('\n')).toEqual([
    '::error file=wrong.yml,line=4,endLine=4,col=25,endColumn=29,title=template.undefined::`rack` is not defined%0ADefine it in the inventory, in `vars`, or with `-e`.%0Aon 2 of 3 hosts, first h2',
    '::warning file=wrong.yml,line=6,endLine=6,col=20,endColumn=23,title=playbook.unknown-host::`delegate_to` names `h22`, which is no host of the inventory%0ADid you mean `h2`?',
    '',
  ]);
});

it('a run is refused before anything is connected', () => {
  const { code, stderr } = run(['run', 'wrong.yml', '-i', 'hosts']);
  expect(code).toBe(3);
  expect(stderr).toContain('`rack` is not defined');
  expect(stderr).not.toContain('unreachable');
});

it('every code is explained', () => {
  expect(run(['doc', 'variable.maybe-undefined']).stdout).toContain('Guard it with');
});
