import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeEach, describe, expect, test } from 'vitest';

const loader = fileURLToPath(new URL('../../bin/code-cache.cjs', import.meta.url));
const PROGRAM = `
  const say = (text) => console.log(text + ' from ' + require('node:path').basename(__filename));
  const unless = (late) => setTimeout(() => late || say('hello'), 1);
  unless(false);
`;

describe('code that is kept between runs', () => {
  let folder: string;
  let program: string;
  let kept: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'slipway-code-'));
    program = path.join(folder, 'program.cjs');
    kept = path.join(folder, 'cache/slipway/run.code');
    writeFileSync(program, PROGRAM);
  });

  function run(env: Readonly<Record<string, string>> = {}, args = ['run']) {
    const call = `require(${JSON.stringify(loader)}).load(${JSON.stringify(program)}, ${JSON.stringify(args)})`;
    const { stdout, stderr } = spawnSync(process.execPath, ['-e', call], {
      encoding: 'utf8',
      env: { PATH: process.env['PATH'], HOME: folder, XDG_CACHE_HOME: path.join(folder, 'cache'), ...env },
    });
    return stdout + stderr;
  }
  const written = () => statSync(kept).ino;

  test('is written by the first run, and taken by the next', () => {
    expect(run()).toBe('hello from program.cjs\n');
    const first = written();
    expect(run()).toBe('hello from program.cjs\n');
    expect(written()).toBe(first);
    expect(statSync(kept).mode & 0o777).toBe(0o600);
    expect(statSync(path.dirname(kept)).mode & 0o777).toBe(0o700);
  });

  test('is kept for each command, its help apart, and nothing that is no word becomes a file name', () => {
    const lines = [['run'], [], ['--help'], ['plan', '--help'], ['../../away'], ['a/b']];
    for (const args of lines) expect(run({}, args)).toContain('hello');
    expect(readdirSync(path.dirname(kept)).sort()).toEqual(['help.code', 'run.code']);
  });

  test('is not taken for another program of the same length', () => {
    run();
    const first = written();
    writeFileSync(program, PROGRAM.replace('hello', 'other'));
    expect(run()).toBe('other from program.cjs\n');
    expect(written()).not.toBe(first);
    expect(run()).toBe('other from program.cjs\n');
  });

  test.each([
    ['cut off', (code: Buffer) => code.subarray(0, code.length / 2)],
    ['empty', () => Buffer.alloc(0)],
    [
      'changed in one place',
      (code: Buffer) => Buffer.from(code).fill(0xff, code.length - 99, code.length - 90),
    ],
  ])('is made anew when it is %s', (_, spoil) => {
    run();
    const good = readFileSync(kept);
    writeFileSync(kept, spoil(good));
    expect(run()).toBe('hello from program.cjs\n');
    expect(readFileSync(kept).length).toBeGreaterThan(good.length / 2 + 1);
    const mended = written();
    run();
    expect(written()).toBe(mended);
  });

  test('is neither read nor written where others may write', () => {
    run();
    chmodSync(path.dirname(kept), 0o777);
    const planted = readFileSync(kept).fill(0);
    writeFileSync(kept, planted);
    expect(run()).toBe('hello from program.cjs\n');
    expect(readFileSync(kept)).toEqual(planted);
  });

  test.runIf(process.getuid?.() === 0)(
    'does not come into the home of somebody else, as sudo may name it',
    () => {
      chownSync(folder, 65534, 65534);
      expect(run()).toBe('hello from program.cjs\n');
      expect(existsSync(path.join(folder, 'cache'))).toBe(false);
      expect(run({ XDG_CACHE_HOME: '' })).toBe('hello from program.cjs\n');
      expect(existsSync(path.join(folder, '.cache'))).toBe(false);
    },
  );

  test('is not missed where no folder can be made', () => {
    writeFileSync(path.join(folder, 'cache'), 'a file');
    expect(run()).toBe('hello from program.cjs\n');
  });

  test.each(['NODE_DISABLE_COMPILE_CACHE', 'NODE_V8_COVERAGE'])('is left alone with %s', (name) => {
    expect(run({ [name]: path.join(folder, 'coverage') })).toBe('hello from program.cjs\n');
    expect(existsSync(kept)).toBe(false);
  });
});
