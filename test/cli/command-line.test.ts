import { describe, expect, it } from 'vitest';
import { slipway } from './kit.ts';

const COMMANDS = ['run', 'validate', 'exec', 'inventory', 'facts', 'doc', 'lab'];
const LOCAL = ['-i', 'localhost,', '-e', 'ansible_connection=local'];
const ESCAPE = '\u001b[';

const run = slipway({
  'site.yml': `- name: First
  hosts: web
  gather_facts: false
  tags: [one]
  tasks:
    - name: Say it
      debug: { msg: hi }
    - name: Do it
      command: echo done
      tags: two
- name: Second
  hosts: all
  gather_facts: false
  tasks:
    - debug: { msg: bye }
`,
  'broken.yml': `- hosts: all
  tasks:
    - debg: { msg: hi }
    - file: { path: /x, state: directori }
`,
  'fails.yml': `- hosts: all
  gather_facts: false
  tasks:
    - command: "false"
`,
  'slow.yml': `- hosts: all
  gather_facts: false
  tasks:
    - command: echo one
    - command: sleep 60
`,
  'hosts.ini': `[web]
n[1:2] port=80

[db]
n3
`,
});

describe('what is wrong on the command line', () => {
  it.each([
    [['nonsense'], "unknown command 'nonsense'"],
    [['run'], "missing required argument 'playbook'"],
    [['run', 'site.yml', '--nope'], "unknown option '--nope'"],
    [['run', 'site.yml', '-f', 'many'], 'It must be a whole number above 0.'],
    [['run', 'site.yml', '-T', '-1'], 'It must be a number of seconds above 0.'],
    [['run', 'site.yml', '--output', 'html'], 'Allowed choices are auto, terminal, lines, jsonl.'],
    [['run', 'missing.yml'], 'there is no playbook at missing.yml'],
    [['run', 'site.yml', '-e', 'word'], '`word` is not name=value'],
    [['exec', 'all', '-i', 'hosts.ini'], 'there is no command'],
    [['exec', 'nobody', '-i', 'hosts.ini', '--', 'true'], '`nobody` selects no host'],
    [['exec', 'n11', '-i', 'hosts.ini', '--', 'true'], 'Did you mean `n1`?'],
    [['exec', 'all', ...LOCAL, '-m', 'file', '-a', 'pth=/x'], 'Did you mean `path`?'],
    [['exec', 'all', ...LOCAL, '-m', 'debgu', '-a', 'msg=x'], 'Did you mean `debug`?'],
    [['exec', 'all', ...LOCAL, '-m', 'debug', '-a', '{msg: x'], '-a:1:'],
    [['doc', 'sysctrl'], 'Did you mean `sysctl`?'],
    [['inventory', '-i', 'hosts.ini', '--host', 'n9'], 'there is no host `n9`'],
  ])('%j: exit 3', (args, message) => {
    const { code, stdout, stderr } = run(args);
    expect(stderr).toContain(message);
    expect(stderr).not.toContain('    at ');
    expect(stdout).toBe('');
    expect(code).toBe(3);
  });
});

describe('help', () => {
  it('has examples for the program and every command', () => {
    for (const words of [[], ...COMMANDS.map((name) => [name])]) {
      const { code, stdout } = run([...words, '--help']);
      expect(code).toBe(0);
      expect(stdout).toMatch(/\nExamples:\n {2}\$ slipway /);
    }
  }, 60_000);

  it('names every command', () => {
    const { stdout } = run(['--help']);
    for (const name of COMMANDS) expect(stdout).toContain(`\n  ${name} `);
  });
});

describe('validate', () => {
  it('shows each mistake with its place and a caret', () => {
    const { code, stdout, stderr } = run(['validate', 'broken.yml', '-i', 'hosts.ini']);
    expect(code).toBe(3);
    expect(stdout).toBe('');
    expect(stderr).toContain('broken.yml:3:7: there is no module `debg`');
    expect(stderr).toContain('3 |     - debg: { msg: hi }\n  |       ^^^^\n');
    expect(stderr).toContain('Did you mean `debug`?');
    expect(stderr).toMatch(/broken\.yml:4:\d+: `state` must be one of [^]*, not `directori`/);
  });

  it('counts what is right', () => {
    const { code, stdout } = run(['validate', 'site.yml', '-i', 'hosts.ini']);
    expect(stdout).toBe('ok: 2 plays, 3 tasks, 3 hosts\n');
    expect(code).toBe(0);
  });
});

describe('inventory', () => {
  it('--graph', () => {
    const { stdout } = run(['inventory', '-i', 'hosts.ini', '--graph']);
    expect(stdout).toBe(`@all:
  |--@ungrouped:
  |--@web:
  |  |--n1
  |  |--n2
  |--@db:
  |  |--n3
`);
  });

  it('--list', () => {
    const { stdout } = run(['inventory', '-i', 'hosts.ini', '--list']);
    const listed = JSON.parse(stdout) as Record<string, unknown>;
    expect(listed).toMatchObject({
      web: { hosts: ['n1', 'n2'] },
      db: { hosts: ['n3'] },
      _meta: { hostvars: { n1: { port: 80 }, n2: { port: 80 } } },
    });
  });

  it('--host', () => {
    const { stdout } = run(['inventory', '-i', 'hosts.ini', '--host', 'n2']);
    expect(JSON.parse(stdout)).toEqual({ port: 80 });
  });
});

describe('what a run would take', () => {
  const list = (...flags: string[]) => run(['run', 'site.yml', '-i', 'hosts.ini', ...flags]).stdout;

  it('--list-hosts', () => {
    expect(list('--list-hosts')).toMatch(/First[^]*n1\n[^]*n2\n[^]*Second[^]*n3\n/);
    expect(list('--list-hosts', '-l', 'n2')).not.toContain('n1');
  });
  it('--list-tasks', () => {
    expect(list('--list-tasks')).toMatch(/Say it[^]*Do it/);
    expect(list('--list-tasks', '-t', 'two')).not.toContain('Say it');
  });
  it('--list-tags', () => expect(list('--list-tags')).toMatch(/one[^]*two/));
});

describe('on this machine', () => {
  it('exec runs a command', () => {
    const { code, stdout } = run(['exec', 'all', ...LOCAL, '--', 'echo', 'a b']);
    expect(stdout).toBe('localhost | CHANGED | rc=0\na b\n');
    expect(code).toBe(0);
  });

  it('exec --list-hosts runs nothing', () => {
    const { code, stdout } = run(['exec', 'web', '-i', 'hosts.ini', '--list-hosts', '--', 'true']);
    expect(stdout).toBe('  hosts (2):\n    n1\n    n2\n');
    expect(code).toBe(0);
  });

  it('exec says of a dry run what would happen', () => {
    const args = ['-m', 'file', '-a', 'path=dry state=directory', '-C'];
    expect(run(['exec', 'all', ...LOCAL, ...args]).stdout).toMatch(/^localhost \| WOULD CHANGE/);
  });

  it('ends in order when nobody reads its output', () => {
    const whole = run(['inventory', '-i', 'n1,', '--list'], {}, '| head -c 1');
    expect(whole).toMatchObject({ stdout: '{', stderr: '' });
    const stopped = run(
      ['run', 'slow.yml', ...LOCAL, '--output', 'jsonl'],
      {},
      '; echo "$?" >code) | head -n 1 >/dev/null; cat code; (:',
    );
    expect(stopped).toMatchObject({ stdout: '99\n', stderr: '' });
  });

  it('exec runs a module, by another name, too', () => {
    const answer = run(['exec', 'all', ...LOCAL, '-m', 'ansible.builtin.stat', '-a', 'path=site.yml']);
    expect(answer.stdout).toMatch(/^localhost \| OK[^]*"exists": true/);
    const json = run(['exec', 'all', ...LOCAL, '-m', 'debug', '-a', '{"msg": "from JSON"}']);
    expect(json.stdout).toContain('from JSON');
  });

  it('a command that fails: exit 2', () => {
    const { code, stdout } = run(['exec', 'all', ...LOCAL, '--', 'exit 3']);
    expect(stdout).toContain('localhost | FAILED | rc=3');
    expect(code).toBe(2);
    expect(run(['run', 'fails.yml', ...LOCAL]).code).toBe(2);
  });

  it('a host that cannot be reached: exit 4', () => {
    const { code, stdout } = run([
      'exec',
      'all',
      '-i',
      '127.0.0.1,',
      '-e',
      'ansible_port=1',
      '-e',
      'ansible_user=nobody',
      '--',
      'true',
    ]);
    expect(stdout).toContain('127.0.0.1 | UNREACHABLE');
    expect(code).toBe(4);
  });

  it('facts are JSON, by host', () => {
    const { code, stdout } = run(['facts', ...LOCAL]);
    const facts = JSON.parse(stdout) as Record<string, Record<string, unknown>>;
    expect(facts['localhost']).toMatchObject({ system: 'Linux', hostname: expect.any(String) });
    expect(code).toBe(0);
  });

  it('has colours only where they are asked for', () => {
    const args = ['exec', 'all', ...LOCAL, '--', 'true'];
    expect(run(args).stdout).not.toContain(ESCAPE);
    expect(run(args, { FORCE_COLOR: '1' }).stdout).toContain(ESCAPE);
    expect(run(args, { FORCE_COLOR: '1', NO_COLOR: '1' }).stdout).not.toContain(ESCAPE);
  });

  it('--output jsonl: one event a line', () => {
    const { stdout } = run(['run', 'fails.yml', ...LOCAL, '--output', 'jsonl']);
    const events = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { event: string });
    expect(events[0]?.event).toBe('run.started');
    expect(events.at(-1)).toMatchObject({ event: 'run.finished', exitCode: 2 });
  });
});
