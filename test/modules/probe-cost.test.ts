import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { modules } from '../../src/modules/index.generated.ts';
import { readImageTar } from '../../src/modules/docker/image-tar.ts';
import { writeImageTar } from '../e2e/kit/images.ts';
import { FolderLocal } from '../kit/folder-local.ts';

// What a host pays for a probe is the programs that it starts. Each one here writes its name down and then is itself.
const folder = mkdtempSync(path.join(tmpdir(), 'cost-'));
const log = path.join(folder, 'log');
const NAMES =
  'apt-cache apt-get awk base64 cat cut date dd df dpkg-query env find getent grep head id ip ls modprobe od readlink sed sha1sum sha256sum sort stat systemctl tail tr uname wc';
for (const name of NAMES.split(' ')) {
  const real = spawnSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).stdout.trim();
  if (real === '') continue;
  const text = `#!/bin/sh\necho ${name} >> ${log}\nexec ${real} "$@"\n`;
  writeFileSync(path.join(folder, name), text, { mode: 0o755 });
}
writeFileSync(path.join(folder, 'crontab'), `#!/bin/sh\necho crontab >> ${log}\n`, { mode: 0o755 });
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

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIone ada@x';

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
    ['sysctl', { name: 'net.ipv4.ip_forward', value: 1, sysctl_file: file }, ['stat', 'cat']],
    ['sysctl', { name: 'net.ipv4.ip_forward', value: 1, sysctl_file: `${file}s` }, ['cat']],
    ['hosts_entry', { ip: '192.0.2.1', name: 'n1', path: file }, ['stat', 'base64']],
    ['swap', { state: 'absent', path: `${file}s` }, []],
    [
      'mount',
      { path: '/proc', src: 'proc', fstype: 'proc', state: 'mounted', fstab: file },
      ['stat', 'grep'],
    ],
    [
      'mount',
      { path: '/', src: '/', fstype: 'none', opts: 'bind', state: 'ephemeral', fstab: file },
      ['stat', 'grep'],
    ],
    ['mount', { path: folder, state: 'absent', fstab: `${file}s` }, ['grep']],
    ['cron', { name: 'a', job: 'b', cron_file: file }, ['stat', 'base64']],
    ['cron', { name: 'a', job: 'b', user: 'root' }, ['crontab', 'base64']],
    ['cron', { name: 'a', job: 'b' }, ['crontab', 'base64']],
    ['authorized_key', { user: 'root', key: KEY, path: file }, ['stat', 'base64']],
    ['authorized_key', { user: 'root', key: KEY, path: `${file}s` }, ['grep']],
  ] as const)('%s %j', async (name, params, programs) => {
    expect((await started(name, params)).sort()).toEqual([...programs].sort());
  });

  it.each(['docker', 'containerd'] as const)(
    'container_image, %s: one question where all is there',
    async (runtime) => {
      const tar = path.join(folder, 'it.tar');
      const [made] = await writeImageTar(tar, { tags: ['cost/it:1'], layers: [{ a: 'x' }] });
      const { images } = await readImageTar(new FolderLocal(), tar);
      const answer = {
        docker: `docker ["cost/it:1"] ${made!.id} ["${made!.diffIds[0]}"]`,
        containerd: `docker.io/cost/it:1 x ${images[0]!.target.digest} 1 MiB linux/amd64 -`,
      }[runtime];
      for (const name of ['docker', 'ctr'])
        writeFileSync(path.join(folder, name), `#!/bin/sh\necho ${name} >> ${log}\necho '${answer}'\n`, {
          mode: 0o755,
        });
      expect(await started('container_image', { src: tar, runtime })).toEqual([
        runtime === 'docker' ? 'docker' : 'ctr',
      ]);
    },
  );

  it('hostname', async () => {
    expect((await started('hostname', { name: 'n1' })).length).toBeLessThanOrEqual(2);
  });

  it('modprobe', async () => {
    const programs = await started('modprobe', { name: 'overlay', persistent: 'present' });
    expect(programs.filter((name) => !['grep', 'tr', 'modprobe'].includes(name)).length).toBeLessThanOrEqual(
      2,
    );
  });

  it('setup', async () => {
    expect((await started('setup', {})).length).toBeLessThanOrEqual(12);
    expect((await started('setup', { gather_subset: ['min'] })).length).toBeLessThanOrEqual(6);
  });
});
