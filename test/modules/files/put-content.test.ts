import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readPath } from '../../../src/modules/files/path-state.ts';
import { probePath } from '../../../src/modules/files/probe-path.ts';
import { type Put, putContent } from '../../../src/modules/files/put-content.ts';
import { localHost, runLocally, shells } from '../../kit/local-shell.ts';

describe.each(shells)('putContent with %s', (_name, command) => {
  let folder = '';
  let file = '';
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), "put it's-"));
    file = path.join(folder, 'a file');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const probe = async (options?: Parameters<typeof probePath>[1], of = file) =>
    readPath((await runLocally(command, probePath(of, options))).stdout);

  async function put(text: string | Uint8Array, more: Partial<Put> = {}) {
    const current = more.current ?? (await probe());
    const apply = putContent({ path: file, content: { bytes: Buffer.from(text) }, current, ...more });
    if (typeof apply !== 'function') return runLocally(command, apply);
    await apply(localHost(command));
    return { code: 0, stdout: '', stderr: '' };
  }

  it('tells what is there', async () => {
    expect(await probe()).toMatchObject({ own: undefined, parent: true });
    expect(await probe({}, `${folder}/no/such`)).toMatchObject({ own: undefined, parent: false });
    writeFileSync(file, 'one\n');
    chmodSync(file, 0o640);
    const state = await probe({ content: 'always' });
    expect(state.own).toMatchObject({ type: 'file', mode: 0o640, size: 4, uid: process.getuid!() });
    expect(Buffer.from(state.bytes!).toString()).toBe('one\n');
    expect((await probe({ content: { unless: state.sha256! } })).bytes).toBeUndefined();
    expect((await probe({ content: 'always', limit: 3 })).bytes).toBeUndefined();
    symlinkSync(file, `${folder}/link`);
    const link = await probe({ realPath: true }, `${folder}/link`);
    expect(link).toMatchObject({ target: file, realPath: file, sha256: state.sha256 });
    expect(link.own?.type).toBe('link');
    expect(link.real?.type).toBe('file');
    symlinkSync('nowhere', `${folder}/broken`);
    expect((await probe({}, `${folder}/broken`)).real).toBeUndefined();
    expect((await probe({}, folder)).own?.type).toBe('directory');
  });

  it('writes text, keeps mode and owner, leaves nothing behind', async () => {
    expect(await put("it's $HOME `x` \\n\n")).toMatchObject({ code: 0 });
    expect(readFileSync(file, 'utf8')).toBe("it's $HOME `x` \\n\n");
    expect(statSync(file).mode & 0o7777).toBe(0o666 & ~process.umask());
    chmodSync(file, 0o4750);
    expect(await put('')).toMatchObject({ code: 0 });
    expect(readFileSync(file, 'utf8')).toBe('');
    expect(statSync(file).mode & 0o7777).toBe(0o4750);
    expect(await put('x', { attributes: { mode: 'g-rx' } })).toMatchObject({ code: 0 });
    expect(statSync(file).mode & 0o7777).toBe(0o4700);
    expect(readdirSync(folder)).toEqual(['a file']);
  });

  it('writes any bytes, and large content as a stream', async () => {
    const bytes = Buffer.from(Array.from({ length: 1024 }, (_, i) => i % 256));
    await put(bytes);
    expect(readFileSync(file).equals(bytes)).toBe(true);
    const large = Buffer.alloc(300_000, 'slipway\n');
    await put(large);
    expect(readFileSync(file).equals(large)).toBe(true);
  });

  it('leaves the file as it is when validate fails', async () => {
    writeFileSync(file, 'old');
    const failed = await put('new', { validate: 'grep -q old %s' });
    expect(failed.code).not.toBe(0);
    expect(failed.stderr).toContain('validate failed');
    expect(readFileSync(file, 'utf8')).toBe('old');
    expect(readdirSync(folder)).toEqual(['a file']);
    expect(await put('new', { validate: 'grep -q new %s', backup: true })).toMatchObject({ code: 0 });
    const backup = (await probe({ backup: true })).backup!;
    expect(readFileSync(backup, 'utf8')).toBe('old');
  });

  it('does not overwrite what changed after the probe', async () => {
    writeFileSync(file, 'old');
    const current = await probe();
    writeFileSync(file, 'someone else');
    const failed = await put('new', { current, unchanged: true });
    expect(failed).toMatchObject({ code: 1 });
    expect(failed.stderr).toContain('changed by someone else');
    expect(readFileSync(file, 'utf8')).toBe('someone else');
  });

  it('writes into the file itself, which stays the same one', async () => {
    writeFileSync(file, 'old');
    const { ino } = statSync(file);
    const attributes = { mode: '0604' };
    expect(await put('new', { inPlace: true, attributes })).toMatchObject({ code: 0 });
    expect(readFileSync(file, 'utf8')).toBe('new');
    expect(statSync(file)).toMatchObject({ ino, mode: 0o100604 });
    rmSync(file);
    expect(await put('made', { inPlace: true, attributes })).toMatchObject({ code: 0 });
    expect(statSync(file).mode).toBe(0o100604);
    expect(readdirSync(folder)).toEqual(['a file']);
  });

  it('replaces a link, or follows it', async () => {
    const target = `${folder}/target`;
    writeFileSync(target, 'target');
    symlinkSync('target', file);
    await put('followed', { follow: true });
    expect(readFileSync(target, 'utf8')).toBe('followed');
    await put('replaced');
    expect(readFileSync(target, 'utf8')).toBe('followed');
    expect(readFileSync(file, 'utf8')).toBe('replaced');
    rmSync(file);
    mkdirSync(`${folder}/directory`);
    symlinkSync('directory', file);
    await put('a file now');
    expect(readFileSync(file, 'utf8')).toBe('a file now');
    expect(readdirSync(`${folder}/directory`)).toEqual([]);
  });

  it('says what is in the way', async () => {
    mkdirSync(file);
    expect((await put('x')).stderr).toContain('is a directory');
    const missing = await put('x', { path: `${folder}/no/such` });
    expect(missing.stderr).toContain('make it first');
    expect(existsSync(`${folder}/no`)).toBe(false);
  });

  it('expands a home directory as Ansible does', async () => {
    const home = await runLocally(command, probePath('~'));
    expect(readPath(home.stdout).own?.type).toBe('directory');
  });
});
