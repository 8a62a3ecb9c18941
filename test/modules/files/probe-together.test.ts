import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { JOINT_END, type Program, quote } from '../../../src/module/program.ts';
import { probePath, type ProbeOptions } from '../../../src/modules/files/probe-path.ts';
import { runLocally, shells } from '../../kit/local-shell.ts';

describe.each(shells)('paths that are asked together with %s', (_name, command) => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), "together it's $HOME `-"));
    mkdirSync(`${folder}/dir`);
    for (const name of ['file', 'a  file', 'back\\slash', 'glob*[x]?', '-n', 'dir/inside'])
      writeFileSync(`${folder}/${name}`, `${name}\n`);
    chmodSync(`${folder}/file`, 0o4755);
    symlinkSync('file', `${folder}/link`);
    symlinkSync('nowhere', `${folder}/broken`);
    symlinkSync('dir', `${folder}/to-dir`);
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const alone = async (program: Program) => (await runLocally(command, program)).stdout;
  const joint = (programs: readonly Program[]) => programs[0]!.joint!.join(programs.map((one) => one.joint!));

  it('answer as each alone', async () => {
    const asked: [string, ProbeOptions?][] = [
      ...[
        'file',
        'a  file',
        'back\\slash',
        'glob*[x]?',
        '-n',
        'link',
        'broken',
        'dir',
        'dir/',
        'missing',
        'no/such',
      ].map((name): [string] => [`${folder}/${name}`]),
      [`${folder}/to-dir/`, { realPath: true }],
      [`${folder}/to-dir`, { follow: false }],
      [`${folder}/dir`, { inside: 'inside', content: 'always' }],
      [`${folder}/file`, { content: 'always', backup: true }],
      [`${folder}/file`],
      ['~'],
    ];
    const programs = asked.map(([of, options]) => probePath(of, options));
    // Reading a file shows in its time of access, and others use the home directory.
    const times = /^((?:own|real) (?:\S+ ){7})\d+ \d+ \d+ /gm;
    const together = (await alone(joint(programs))).replace(times, '$1').split(`${JOINT_END}\n`);
    expect(together.pop()).toBe('');
    const one = (await Promise.all(programs.map(alone))).map((text) => text.replace(times, '$1'));
    expect(together).toEqual(one);
    expect(one.every((text) => text.endsWith('end\n'))).toBe(true);
  });

  it('start one `stat` for all that is there', async () => {
    const programs = ['file', 'dir', 'missing'].map((name) =>
      probePath(`${folder}/${name}`, { hash: false }),
    );
    const counted = `${folder}/counted`;
    const text = `stat() { echo one >> ${quote(counted)}; command stat "$@"; }\n${joint(programs).text}`;
    await alone({ text });
    expect(readFileSync(counted, 'utf8')).toBe('one\n');
  });
});

it('a path with a line break is asked alone', () => {
  expect(probePath('/a\n/b').joint).toBeUndefined();
});
