import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { modules } from '../../src/modules/index.generated.ts';
import { FolderLocal } from '../kit/folder-local.ts';

// What a host pays for a probe is the programs that it starts. Each one here writes its name down and then is itself.
const folder = mkdtempSync(path.join(tmpdir(), 'cost-'));
const log = path.join(folder, 'log');
const NAMES =
  'awk base64 cat cut date df dpkg-query env find getent grep head id ip ls readlink sed sha1sum sha256sum stat tr uname wc';
for (const name of NAMES.split(' ')) {
  const real = spawnSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).stdout.trim();
  if (real === '') continue;
  const text = `#!/bin/sh\necho ${name} >> ${log}\nexec ${real} "$@"\n`;
  writeFileSync(path.join(folder, name), text, { mode: 0o755 });
}
const file = path.join(folder, 'a file');
writeFileSync(file, 'x\n');
symlinkSync(file, path.join(folder, 'link'));
afterAll(() => rmSync(folder, { recursive: true }));

async function started(name: string, params: Record<string, unknown>): Promise<string[]> {
  const module = modules.get(name)!;
  if (module.kind !== 'state' && module.kind !== 'query') throw new Error(`${name} has no probe`);
  const ready = module.prepare ? await module.prepare(params, new FolderLocal()) : params;
  writeFileSync(log, '');
  const env = { ...process.env, PATH: `${folder}:${process.env['PATH']}`, LC_ALL: 'C' };
  spawnSync('sh', ['-c', `( ${module.probe(ready).text}\n)`], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  return readFileSync(log, 'utf8').split('\n').slice(0, -1);
}

describe('a probe starts few programs', () => {
  const link = path.join(folder, 'link');
  it.each([
    ['file', { path: file, state: 'file' }, ['stat']],
    ['file', { path: `${file}s`, state: 'absent' }, []],
    ['file', { path: link, src: file, state: 'link' }, ['stat', 'readlink', 'stat']],
    ['copy', { content: 'x\n', dest: file }, ['stat', 'sha256sum']],
    ['copy', { content: 'another', dest: file }, ['stat', 'base64']],
    ['lineinfile', { path: file, line: 'x', backup: true }, ['stat', 'base64']],
    ['replace', { path: file, regexp: 'y' }, ['stat', 'base64']],
    ['stat', { path: file }, ['stat', 'sha1sum']],
    ['stat', { path: `${file}s` }, []],
    ['slurp', { src: file }, ['base64', 'head']],
    ['user', { name: 'root', groups: ['root'] }, ['grep']],
    ['group', { name: 'root', gid: 0 }, ['grep']],
  ] as const)('%s %j', async (name, params, programs) => {
    expect((await started(name, params)).sort()).toEqual([...programs].sort());
  });

  it('setup', async () => {
    expect((await started('setup', {})).length).toBeLessThanOrEqual(12);
    expect((await started('setup', { gather_subset: ['min'] })).length).toBeLessThanOrEqual(6);
  });
});
