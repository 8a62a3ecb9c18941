import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Writable } from 'node:stream';
import { extract } from 'tar-stream';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type BuildContext, contextTar, readContext } from '../../../src/modules/docker/build-context.ts';
import { FolderLocal } from '../../kit/folder-local.ts';

describe('a build context', () => {
  let folder: string;
  let local: FolderLocal;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'slipway-context-'));
    mkdirSync(path.join(folder, 'src/deep'), { recursive: true });
    writeFileSync(path.join(folder, 'Dockerfile'), 'FROM scratch\n');
    writeFileSync(path.join(folder, '.dockerignore'), 'secret\n');
    writeFileSync(path.join(folder, 'secret'), 'x');
    writeFileSync(path.join(folder, 'src/deep/run'), '#!/bin/sh\n', { mode: 0o755 });
    writeFileSync(path.join(folder, 'src/big'), Buffer.alloc(300_000, 'b'));
    writeFileSync(path.join(folder, 'src/empty'), '');
    symlinkSync('../nowhere', path.join(folder, 'src/link'));
    local = new FolderLocal({}, folder);
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const read = () => readContext(local, folder, 'Dockerfile');

  async function unpacked(context: BuildContext) {
    const tar = extract();
    const source = await contextTar(context, (file) => local.open(file));
    let bytes = 0;
    source.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
    });
    source.pipe(tar as unknown as Writable);
    const entries: Record<string, string> = {};
    for await (const entry of tar) {
      let size = 0;
      for await (const chunk of entry) size += (chunk as Buffer).length;
      const { name, mode, linkname, uid, mtime } = entry.header;
      entries[name] = `${linkname ?? size} ${mode!.toString(8)} ${uid} ${mtime!.getTime()}`;
    }
    return { entries, bytes };
  }

  test('is a tar of the size that was foretold, with links, modes and nothing of the controller', async () => {
    const context = await read();
    const { entries, bytes } = await unpacked(context);
    expect(entries).toEqual({
      '.dockerignore': '7 644 0 0',
      Dockerfile: '13 644 0 0',
      'src/big': '300000 644 0 0',
      'src/deep/run': '10 755 0 0',
      'src/empty': '0 644 0 0',
      'src/link': '../nowhere 777 0 0',
    });
    expect(bytes).toBe(context.size);
  });

  test('is another one as soon as anything in it is', async () => {
    const digests = new Set<string>();
    const next = async () => digests.add((await read()).digest).size;
    expect(await next()).toBe(1);
    writeFileSync(path.join(folder, 'secret'), 'y');
    expect(await next()).toBe(1);
    chmodSync(path.join(folder, 'src/deep/run'), 0o644);
    expect(await next()).toBe(2);
    writeFileSync(path.join(folder, 'src/empty'), 'no');
    expect(await next()).toBe(3);
    rmSync(path.join(folder, 'src/link'));
    symlinkSync('../elsewhere', path.join(folder, 'src/link'));
    expect(await next()).toBe(4);
    rmSync(path.join(folder, 'src/big'));
    expect(await next()).toBe(5);
  });

  test('that changes while it is sent is an error, not half a context', async () => {
    const context = await read();
    writeFileSync(path.join(folder, 'src/big'), 'short');
    const source = await contextTar(context, (file) => local.open(file));
    const failed = new Promise((resolve) => source.once('error', resolve));
    source.resume();
    expect(await failed).toBeInstanceOf(Error);
  });
});
