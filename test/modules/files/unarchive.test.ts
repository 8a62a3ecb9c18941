import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { unarchive } from '../../../src/modules/files/unarchive.ts';
import { FolderLocal } from '../../kit/folder-local.ts';
import { localHost, runLocally, type Shell, shells } from '../../kit/local-shell.ts';

const has = (program: string) => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;
const FORMATS = (
  [
    ['a.tar', 'tar -cf a.tar top', 'tar'],
    ['a.tgz', 'tar -czf a.tgz top', 'gzip'],
    ['a.tar.xz', 'tar -cJf a.tar.xz top', 'xz'],
    ['a.tar.bz2', 'tar -cjf a.tar.bz2 top', 'bzip2'],
    ['a.tar.zst', 'tar --zstd -cf a.tar.zst top', 'zstd'],
    ['a.zip', 'zip -qry a.zip top', 'zip'],
  ] as const
).filter(([, , program]) => has(program));

describe.each(shells)('unarchive with %s', (kind, shell: Shell) => {
  let folder = '';
  let dest = '';
  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'unarchive-'));
    mkdirSync(`${folder}/top/sub dir`, { recursive: true });
    writeFileSync(`${folder}/top/file`, 'content\n');
    writeFileSync(`${folder}/top/sub dir/[x] it's`, 'other\n');
    symlinkSync('file', `${folder}/top/link`);
    for (const [, command] of FORMATS) spawnSync('sh', ['-c', command], { cwd: folder });
    // Busybox's unzip does not replace links.
    if (kind === 'busybox') spawnSync('zip', ['-qd', 'a.zip', 'top/link'], { cwd: folder });
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  beforeEach(() => {
    dest = mkdtempSync(path.join(folder, 'dest-'));
  });

  async function pass(params: Parameters<NonNullable<typeof unarchive.prepare>>[0]): Promise<string> {
    const ready = await unarchive.prepare!(params, new FolderLocal());
    const verdict = unarchive.compare(
      unarchive.read(await runLocally(shell, unarchive.probe(ready)), ready),
      ready,
    );
    if (verdict.verdict !== 'change') return `${verdict.verdict}: ${verdict.why}`;
    const apply = unarchive.apply(verdict.change, ready);
    if (typeof apply === 'function') await apply(localHost(shell));
    else {
      const output = await runLocally(shell, apply);
      if (output.code !== 0) throw new Error(output.stderr);
    }
    return `change: ${verdict.why}`;
  }

  // Busybox has no zstd.
  const here = FORMATS.filter(([, , program]) => kind !== 'busybox' || program !== 'zstd');
  describe.each(here)('%s', (name) => {
    it.each([false, true])(
      'remote_src: %s: unpacks, is settled, repairs what differs',
      async (remote_src) => {
        const params = { src: path.join(folder, name), dest, remote_src };
        expect(await pass(params)).toContain('change: ');
        expect(readFileSync(`${dest}/top/sub dir/[x] it's`, 'utf8')).toBe('other\n');
        expect(await pass(params)).toContain('same: ');
        writeFileSync(`${dest}/top/file`, 'CONTENT\n');
        rmSync(`${dest}/top/sub dir/[x] it's`);
        expect(await pass(params)).toContain('change: 2 ');
        expect(readFileSync(`${dest}/top/file`, 'utf8')).toBe('content\n');
        expect(await pass(params)).toContain('same: ');
        const strict = { ...params, mode: '0600' };
        expect(await pass(strict)).toContain('attributes');
        expect(statSync(`${dest}/top/file`).mode & 0o7777).toBe(0o600);
        expect(await pass(strict)).toContain('same: ');
      },
    );
  });

  it.each([false, true])('remote_src: %s: without the top folder', async (remote_src) => {
    const params = {
      src: path.join(folder, 'a.tgz'),
      dest,
      remote_src,
      extra_opts: ['--strip-components=1'],
    };
    expect(await pass(params)).toContain('change: ');
    expect(readFileSync(`${dest}/file`, 'utf8')).toBe('content\n');
    expect(await pass(params)).toContain('same: ');
  });

  it.skipIf(kind === 'busybox')('leaves members out', async () => {
    const params = { src: path.join(folder, 'a.tgz'), dest, exclude: ['sub*'] };
    expect(await pass(params)).toContain('change: ');
    expect(await pass(params)).toContain('same: ');
  });

  it('says what it needs, and knows when it is done', async () => {
    const gone = { src: path.join(folder, 'a.tgz'), dest: `${dest}/no` };
    expect(await pass(gone)).toContain('/no is not there');
    const creates = { src: path.join(folder, 'a.tgz'), dest, creates: `${dest}/to?/file` };
    await pass(creates);
    expect(await pass(creates)).toContain('same: ');
  });
});
