import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Host } from '../../../src/module/host.ts';
import { fetch } from '../../../src/modules/files/fetch.ts';
import { FolderLocal } from '../../kit/folder-local.ts';
import { localHost, runLocally, shells } from '../../kit/local-shell.ts';

const shell = shells[0]![1];

describe('fetch', () => {
  let folder = '';
  let src = '';
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'fetch-'));
    src = path.join(folder, 'on host');
    writeFileSync(src, Buffer.from([0, 1, 255, 10]));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  async function run(p: Parameters<typeof fetch.probe>[0], host: Host = localHost(shell)) {
    const found = fetch.read(await runLocally(shell, fetch.probe(p)), p);
    return fetch.finish!(found, p, host, new FolderLocal({}, folder));
  }

  it('keeps hosts and paths apart, and travels once', async () => {
    const p = { src, dest: 'got' };
    const dest = path.join(folder, 'got/local', src);
    expect(await run(p)).toMatchObject({ dest, changed: true, exists: true, size: 4 });
    expect(readFileSync(dest)).toEqual(readFileSync(src));
    expect(await run(p)).toMatchObject({ changed: false });
    writeFileSync(src, 'new');
    expect(await run(p)).toMatchObject({ changed: true });
    expect(readFileSync(dest, 'utf8')).toBe('new');
  });

  it('goes to one place with flat', async () => {
    expect(await run({ src, dest: 'flat/', flat: true })).toMatchObject({
      dest: path.join(folder, 'flat/on host'),
    });
    expect(await run({ src, dest: 'flat/name', flat: true })).toMatchObject({
      dest: path.join(folder, 'flat/name'),
    });
  });

  it('never leaves the folder of the host', async () => {
    const p = { src: `${folder}/x/../../../../..${src}`, dest: 'got' };
    writeFileSync(src, 'x');
    await expect(run(p)).rejects.toThrow('is not there');
    const result = await run({ src: `${folder}/../${path.basename(folder)}/on host`, dest: 'got' });
    expect(result.dest).toBe(path.join(folder, 'got/local', src));
  });

  it('fails on a missing file, unless told not to', async () => {
    const missing = `${folder}/nothing`;
    await expect(run({ src: missing, dest: 'got' })).rejects.toThrow('is not there');
    expect(await run({ src: missing, dest: 'got', fail_on_missing: false })).toMatchObject({
      changed: false,
      exists: false,
    });
  });

  it('keeps the old file when what arrives is not what was there', async () => {
    const dest = path.join(folder, 'flat');
    writeFileSync(dest, 'old');
    const broken: Host = {
      ...localHost(shell),
      receive: async (_program, to) => {
        writeFileSync(to, 'half');
        return 4;
      },
    };
    await expect(run({ src, dest, flat: true }, broken)).rejects.toThrow('did not arrive as it was');
    expect(readFileSync(dest, 'utf8')).toBe('old');
    expect(readdirSync(folder).sort()).toEqual(['flat', 'on host']);
    expect(existsSync(`${dest}.slipway-${process.pid}`)).toBe(false);
  });
});
