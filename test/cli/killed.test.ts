import { describe, expect, it } from 'vitest';
import { slipway } from './kit.ts';

const run = slipway({
  'site.yml': `- name: Site
  hosts: all
  gather_facts: false
  tasks:
    - copy: { content: one, dest: "{{folder}}/conf" }
      notify: restart
    - shell: touch begun; sleep 2
      args: { creates: begun, chdir: "{{folder}}" }
  handlers:
    - name: restart
      shell: echo restarted >> restarts
      args: { chdir: "{{folder}}" }
`,
});

describe('a run that was killed between a change and its handler', () => {
  it('leaves the handler to the next run of the same, and only to that', () => {
    const args = ['run', 'site.yml', '-i', 'localhost,', '-e', 'ansible_connection=local'];
    const folder = run(['--version'], {}, '>/dev/null; pwd').stdout.trim();
    const given = [...args, '-e', `folder=${folder}`];
    run(given, {}, '& until [ -e begun ]; do sleep 0.1; done; kill -9 $!; wait');

    const foretold = run([...given, '--check']);
    expect(foretold.stdout).toMatch(/note: \[localhost\] the run \S+ ended before the handler "restart"/);
    expect(foretold.stdout).toContain('would run: [localhost] handler: restart');

    const second = run(given);
    expect(second.code).toBe(0);
    expect(second.stdout).toContain('ok: [localhost] copy');
    expect(second.stdout).toContain('changed: [localhost] handler: restart');
    expect(run(['--version'], {}, '>/dev/null; cat restarts').stdout).toBe('restarted\n');

    const third = run(given);
    expect(third.stdout).not.toContain('handler');
    expect(third.stdout).toContain('changed=0');
  });
});
