import { describe, expect, test } from 'vitest';
import { findings, tasks } from './kit.ts';

const FACTS = 'gather_facts: true';

describe('types', () => {
  test.each([
    ['count + "1" == "31"', 'condition.type', 'error', '`+` cannot take a number (3) and a string ("1")'],
    ['count', 'condition.type', 'error', '`count` is a number (3), not true or false'],
    ['list', 'condition.type', 'error', '`list` is a list, not true or false'],
    ['it.stdout_lines', 'condition.type', 'error', '`it.stdout_lines` is a list, not true or false'],
    ['it.stdout', 'condition.type', 'warning', '`it.stdout` is a string, not true or false'],
    [
      'it.rc == "0"',
      'condition.type',
      'warning',
      '`it.rc == "0"` is false: a number is never a string ("0")',
    ],
    ['it.rc + "1" == "01"', 'condition.type', 'error', '`+` cannot take a number and a string ("1")'],
    ['it.stdout > 5', 'condition.type', 'error', '`>` cannot compare a string with a number (5)'],
    ['1 in it.stdout', 'condition.type', 'error', '`in` looks for text in text, and `1` is a number'],
    ['"x" in it.rc', 'condition.type', 'error', '`in` needs a list, a map or text, and `it.rc` is a number'],
    ['it.rc.startsWith("0")', 'condition.type', 'error', '`it.rc` is a number, which has no `startsWith()`'],
    [
      'it.stdout_lines.contains("x")',
      'condition.type',
      'error',
      '`it.stdout_lines` is a list, which has no `contains()`',
    ],
    [
      'it.rc.exists(x, x == 1)',
      'condition.type',
      'error',
      '`exists` needs a list or a map, and `it.rc` is a number',
    ],
    ['it.stdout.feild == 1', 'condition.undefined', 'error', '`it.stdout` is a string, so it has no `feild`'],
  ])('when: %s', async (condition, code, severity, message) => {
    const text = `
    - command: uname
      register: it
    - command: uname
      when: '${condition}'
`;
    const found = await findings(tasks(text, 'vars: { count: 3, list: [1] }'));
    expect(found.map((line) => line.split(' | ').slice(1, 4))).toEqual([[severity, code, message]]);
    expect(found[0]).toMatch(/^site\.yml:7:1[34] \|/);
  });

  test('a fact that is text is never a number', async () => {
    const text = '    - command: uname\n      when: ansible_distribution_major_version == 22\n';
    expect(await findings(tasks(text, FACTS))).toEqual([
      'site.yml:5:13 | warning | condition.type | `ansible_distribution_major_version == 22` is false: a string is never a number (22) | ' +
        'Write `"22"`, or `int(ansible_distribution_major_version)`.',
    ]);
  });

  test('a list in a text', async () => {
    const text = `
    - command: uname
      register: it
    - debug: { msg: "lines: {{ it.stdout_lines }}" }
`;
    expect(await findings(tasks(text))).toEqual([
      'site.yml:6:32 | error | template.render | `it.stdout_lines` is a list and cannot stand in a text | Write `{{join it.stdout_lines ","}}` or `{{json it.stdout_lines}}`.',
    ]);
  });

  test('a loop over what is no list', async () => {
    const text = `
    - command: uname
      register: it
    - debug: { msg: "{{ item }}" }
      loop: "{{ it.stdout }}"
    - debug: { msg: "{{ item }}" }
      loop: "{{ it.stdout_lines }}"
`;
    const [first, ...others] = await findings(tasks(text));
    expect(first).toMatch(/^site\.yml:7:13 \| error \| task\.invalid \| the loop is a string, not a list/);
    expect(others).toEqual([]);
  });
});

describe('arguments after rendering', () => {
  test('wrong for one host, with the place of its variable', async () => {
    const found = await findings({
      'site.yml': tasks('    - wait_for: { port: "{{ port }}" }\n'),
      hosts: '[all:vars]\nport=80\n[web]\nh1\nh2\nh3 port=eighty\n',
    });
    expect(found).toEqual([
      'site.yml:4:25 | error | task.invalid | `port` of `wait_for` must be a whole number, not a string ("eighty") | `port` is defined at hosts:6:9. | on 1 of 3 hosts: h3',
    ]);
  });

  test('a value that is not one of those allowed', async () => {
    const found = await findings(
      tasks('    - file: { path: /x, state: "{{ s }}" }\n', 'vars: { s: directori }\n  gather_facts: false'),
    );
    expect(found[0]).toMatch(/^site\.yml:5:32 \| error \| task\.invalid \| .*directori/);
    expect(found).toHaveLength(1);
  });

  test('what only the module can say', async () => {
    const text = '    - copy: { content: "{{ x }}", src: "{{ x }}", dest: /x }\n';
    const found = await findings(tasks(text, 'vars: { x: y }\n  gather_facts: false'));
    expect(found).toEqual([
      'site.yml:5:13 | error | task.invalid | src and content are both given | Give src (a file) or content (its text).',
    ]);
  });
});
