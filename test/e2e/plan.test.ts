import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { suite } from './kit/skip.ts';
import { slipway } from './kit/slipway.ts';

// A plan is done exactly as it was shown, or not at all. The host is this machine; its files are in a folder.
suite('a saved plan', [], () => {
  let folder: string;
  const write = (name: string, text: string) => writeFileSync(path.join(folder, name), text);
  const read = (name: string) => readFileSync(path.join(folder, name), 'utf8');
  const plan = (...more: string[]) =>
    slipway(['plan', 'site.yml', '-i', 'here,', '-o', 'plan.json', '--output', 'lines', ...more], folder);
  const apply = (...more: string[]) => slipway(['apply', 'plan.json', '--output', 'lines', ...more], folder);
  const SITE = `
- hosts: all
  connection: local
  gather_facts: false
  vars: { word: hello, secret: '' }
  tasks:
    - name: Its text
      copy: { content: "{{word}}\\n", dest: "{{playbook_dir}}/text" }
      notify: Told
    - name: From a template
      template: { src: page.hbs, dest: "{{playbook_dir}}/page" }
    - name: Ask
      command: "true"
      register: asked
      changed_when: asked.stdout != ''
    - name: Perhaps
      copy: { content: x, dest: "{{playbook_dir}}/perhaps" }
      when: asked.rc == 0
  handlers:
    - name: Told
      command: touch {{playbook_dir}}/told
`;
  beforeEach(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'slipway-plan-'));
    write('site.yml', SITE);
    write('page.hbs', 'The word is {{word}}.\n');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  test('says what is pending, shows it, and is done exactly', async () => {
    expect(await plan('--unknown', 'allow')).toMatchObject({ code: 5, stderr: '' });
    const shown = await slipway(['show', 'plan.json'], folder);
    expect(shown.stdout).toContain('would change: [here] Its text');
    expect(shown.stdout).toContain('+hello');
    expect(shown.stdout).toContain('would run: [here] handler: Told');
    expect(await slipway(['show', 'plan.json', '--html', 'plan.html'], folder)).toMatchObject({ code: 0 });
    expect(read('plan.html')).toContain('<ins>+hello</ins>');
    expect(read('plan.html')).not.toMatch(/<script|src=|href="http/);
    expect(() => read('text')).toThrow('ENOENT');
    expect(await apply()).toMatchObject({ code: 0, stderr: '' });
    expect([read('text'), read('page'), read('perhaps')]).toEqual(['hello\n', 'The word is hello.\n', 'x']);
  });

  test('that has nothing to do says so', async () => {
    write('site.yml', SITE.replace(/ {4}- name: Ask[\s\S]*(?= {2}handlers)/, ''));
    expect(await plan()).toMatchObject({ code: 5 });
    expect(await apply()).toMatchObject({ code: 0 });
    expect(await plan()).toMatchObject({ code: 0 });
    expect(await apply()).toMatchObject({ code: 0, stdout: expect.stringContaining('changed=0') });
  });

  test('is refused when a file that it was made from has changed', async () => {
    await plan();
    write('page.hbs', 'The word was {{word}}.\n');
    const run = await apply();
    expect(run).toMatchObject({ code: 3, stderr: expect.stringContaining('page.hbs has changed') });
    expect(() => read('text')).toThrow('ENOENT');
  });

  test('is refused when a host has changed, and says which task and what differs', async () => {
    write('text', 'old\n');
    await plan();
    write('text', 'older\n');
    const run = await apply();
    expect(run.code).toBe(3);
    expect(run.stderr).toContain('here: Its text: ');
    expect(run.stderr).toContain('text is older, and was old when it was planned');
    expect(read('text')).toBe('older\n');
  });

  test('is refused when it is too old, or made by another version', async () => {
    await plan();
    const saved = JSON.parse(read('plan.json')) as Record<string, unknown>;
    write('plan.json', JSON.stringify({ ...saved, created: '2020-01-01T00:00:00Z' }));
    expect(await apply()).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('was good until 2020-01-02'),
    });
    write('plan.json', JSON.stringify({ ...saved, version: '9.9.9' }));
    expect(await apply()).toMatchObject({ code: 3, stderr: expect.stringContaining('by Slipway 9.9.9') });
    write('plan.json', 'nonsense');
    expect(await apply()).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('is no plan of Slipway'),
    });
  });

  test('stops where it could not tell, unless somebody may be asked', async () => {
    await plan();
    const run = await apply();
    expect(run.code).toBe(2);
    expect(run.stdout).toContain('here: Perhaps was not done: the plan could not tell what it would do');
    expect(() => read('perhaps')).toThrow('ENOENT');
    expect(read('text')).toBe('hello\n');
  });

  test('keeps the names of variables of the command line, not their values', async () => {
    await plan('-e', 'secret=Tr0ub4dor', '--unknown', 'allow');
    expect(read('plan.json')).not.toContain('Tr0ub4dor');
    expect(await apply()).toMatchObject({ code: 3, stderr: expect.stringContaining('-e secret=…') });
    expect(await apply('-e', 'secret=other')).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('have other values'),
    });
    expect(await apply('-e', 'secret=Tr0ub4dor')).toMatchObject({ code: 0 });
  });
});
