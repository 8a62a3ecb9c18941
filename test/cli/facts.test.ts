import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { slipway } from './kit.ts';

// Gathering needs these programs; each one here writes its name down and then is itself.
const folder = mkdtempSync(path.join(tmpdir(), 'facts-'));
const log = path.join(folder, 'log');
for (const name of ['date', 'df', 'grep']) {
  const real = spawnSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).stdout.trim();
  writeFileSync(path.join(folder, name), `#!/bin/sh\necho ${name} >> ${log}\nexec ${real} "$@"\n`, {
    mode: 0o755,
  });
}
afterAll(() => rmSync(folder, { recursive: true }));

const play = (...texts: readonly string[]) =>
  `- hosts: all\n  tasks:\n${texts.map((text) => `    - ${text}\n`).join('')}`;

const run = slipway({
  'none.yml': play('debug: { msg: nothing }'),
  'kernel.yml': play('debug: { msg: "{{ansible_kernel}}" }'),
  'memory.yml': play('debug: { msg: "mb={{ansible_facts.memtotal_mb}}" }'),
  'later.yml': `- hosts: all\n  tasks: []\n- hosts: all\n  gather_facts: false\n  tasks:\n    - debug: { msg: "vcpus={{hostvars[inventory_hostname].ansible_processor_vcpus}}" }\n`,
  'setup.yml': play('setup: {}', 'debug: { msg: "{{ansible_kernel}}" }'),
  'all.yml': play('debug: { msg: "{{length ansible_facts}}" }'),
});

/** What a run says, and the programs that it started on the host. */
function started(...args: readonly string[]): { stdout: string; programs: readonly string[] } {
  writeFileSync(log, '');
  const all = ['run', ...args, '-i', 'localhost,', '-e', 'ansible_connection=local', '--output', 'lines'];
  const { code, stdout, stderr } = run(all, { PATH: `${folder}:${process.env['PATH']}` });
  expect(stderr).toBe('');
  expect(code).toBe(0);
  const programs = new Set(readFileSync(log, 'utf8').split('\n').slice(0, -1));
  return { stdout, programs: [...programs].sort() };
}

describe('a play gathers the facts that something reads', () => {
  const release = spawnSync('uname', ['-r'], { encoding: 'utf8' }).stdout.trim();

  it('none', () => expect(started('none.yml').programs).toEqual([]));

  it('those that come with one', () => {
    const { stdout, programs } = started('kernel.yml');
    expect(stdout).toContain(release);
    expect(programs).toEqual(['date', 'grep']);
  });

  it('of the hardware', () => {
    const { stdout, programs } = started('memory.yml');
    expect(stdout).toMatch(/mb=\d{2,}/);
    expect(programs).toEqual(['df', 'grep']);
  });

  it('also those of a play that gathers none', () => {
    expect(started('later.yml').stdout).toMatch(/vcpus=\d+/);
  });

  it.each([
    ['the task asks for them', 'setup.yml'],
    ['they are used as a whole', 'all.yml'],
    ['they are shown', 'none.yml', '-vv'],
  ])('all where %s', (_, ...args) => {
    expect(started(...args).programs).toEqual(['date', 'df', 'grep']);
  });
});
