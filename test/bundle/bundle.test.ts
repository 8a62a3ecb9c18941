import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { makeBundle } from '../../src/bundle/bundle.ts';
import { isTar } from '../../src/bundle/images.ts';
import { readList } from '../../src/bundle/list.ts';
import type { DebPackage } from '../../src/lab/deb/types.ts';
import { repositorySite, madePackages } from '../../src/lab/apt/repository.ts';
import { armoredPublicKey, generateSigningKey } from '../../src/lab/apt/openpgp.ts';
import { tarsOf } from '../../src/modules/docker/image-source.ts';
import { writeImageTar } from '../e2e/kit/images.ts';
import { folderOf } from '../kit/folder.ts';
import { FolderLocal } from '../kit/folder-local.ts';

describe('a list', () => {
  it.each([
    ['a,b', ['a', 'b']],
    [' kubelet=1.34.1-* , kubeadm', ['kubelet=1.34.1-*', 'kubeadm']],
    ['app.tar', ['app.tar']],
  ])('%j', async (given, names) => expect(await readList(given, '--packages')).toEqual(names));

  it('in a file, with remarks and the same twice', async () => {
    const folder = folderOf({ 'list.txt': '# all\na\n\n b  # why\nc d\na\n' });
    expect(await readList(path.join(folder, 'list.txt'), '--images')).toEqual(['a', 'b', 'c', 'd']);
  });

  it.each([
    ['app.tar', true],
    ['a/app.tar.gz', true],
    ['app.tgz', true],
    ['ghcr.io/org/my.tool:1', false],
    ['my.target/app', false],
  ])('whether %s is a tar: %s', (name, is) => expect(isTar(name)).toBe(is));

  it.each([',', '-rf', 'a,--help'])('%j names nothing that could be had', async (given) => {
    await expect(readList(given, '--images')).rejects.toMatchObject({ code: 'usage' });
  });
});

describe('a bundle', () => {
  const quiet = () => undefined;
  const nothing = { images: [], packages: [], sources: [], progress: quiet };

  it('is not mixed with what is there', async () => {
    const folder = folderOf({ 'old.txt': 'x' });
    await expect(makeBundle({ ...nothing, folder })).rejects.toThrow('is not empty');
  });

  it('has the tars that are named, and sums over all of it', async () => {
    const given = folderOf({ 'app.tar': 'a tar' });
    const folder = path.join(given, 'out');
    await makeBundle({ ...nothing, images: [path.join(given, 'app.tar')], folder });
    expect(readdirSync(folder).sort()).toEqual(['SHA256SUMS', 'images', 'manifest.json']);
    const manifest = JSON.parse(readFileSync(path.join(folder, 'manifest.json'), 'utf8')) as object;
    expect(manifest).toMatchObject({ images: ['app.tar'], files: [{ path: 'images/app.tar', size: 5 }] });
    const sums = spawnSync('sha256sum', ['--check', '--quiet', 'SHA256SUMS'], { cwd: folder });
    expect(sums.status).toBe(0);
    const summed = readFileSync(path.join(folder, 'SHA256SUMS'), 'utf8').replaceAll(/^\w{64} {2}/gm, '');
    expect(summed).toBe('images/app.tar\nmanifest.json\n');
    await expect(
      makeBundle({ ...nothing, images: [path.join(given, 'none.tar')], folder: path.join(given, 'b') }),
    ).rejects.toMatchObject({ code: 'file.missing' });
  });

  it.each([
    ['a/app.tar', 'b/app.tar', 'app.tar'],
    ['a/b:1', 'a_b:1', 'a_b_1.tar'],
    ['a/b:1', 'c/a_b_1.tar', 'a_b_1.tar'],
  ])('%s and %s would be the same file of it', async (one, other, file) => {
    const given = folderOf({ 'a/app.tar': 'a', 'b/app.tar': 'b', 'c/a_b_1.tar': 'c' });
    const images = [one, other].map((name) => (isTar(name) ? path.join(given, name) : name));
    const folder = path.join(given, 'out');
    await expect(makeBundle({ ...nothing, images, folder })).rejects.toMatchObject({
      code: 'usage',
      message: `${images[0]} and ${images[1]} would both be images/${file} of the bundle`,
    });
    expect(readdirSync(folder)).toEqual([]);
  });

  it('the role loads every tar that a bundle takes', async () => {
    const given = folderOf({});
    const images = ['a.tar', 'b.tar.gz', 'c.tgz'].map((name) => path.join(given, name));
    for (const file of images) {
      const tags = [`lab.test/${path.basename(file)}:1`];
      await writeImageTar(file, { tags, layers: [{ one: '1' }] });
      if (!file.endsWith('.tar')) writeFileSync(file, gzipSync(readFileSync(file)));
    }
    const folder = path.join(given, 'out');
    await makeBundle({ ...nothing, images, folder });
    const role = new URL('../../playbooks/roles/cluster/tasks/images.yml', import.meta.url);
    const tasks = parse(readFileSync(role, 'utf8')) as { container_image?: { src: string } }[];
    const src = tasks.map((task) => task.container_image?.src ?? '').find((text) => text.includes('bundle'))!;
    const tars = await tarsOf(src.replace('{{bundle}}', folder), new FolderLocal({}, given));
    expect(tars.map((tar) => path.basename(tar.path))).toEqual(['a.tar', 'b.tar.gz', 'c.tgz']);
  });

  it.runIf(spawnSync('apt-get', ['--version']).status === 0)(
    'has packages with what they depend on, from sources that are named',
    async () => {
      const deb = (name: string, depends: readonly string[] = []): DebPackage => ({
        name,
        version: '1:2.0-1',
        architecture: 'all',
        summary: 'a test',
        depends,
        files: [],
      });
      const debs = [deb('slipway-a', ['slipway-b']), deb('slipway-b'), deb('slipway-c')];
      const key = await generateSigningKey('Somebody');
      const given = folderOf({ 'key.asc': armoredPublicKey(key) });
      for (const [name, body] of repositorySite(await madePackages(debs), key))
        if (Buffer.isBuffer(body)) writeFileSync(path.join(given, path.basename(name)), body);
      writeFileSync(path.join(given, 'our.list'), `deb [signed-by=${given}/key.asc] file:${given} /\n`);
      const folder = path.join(given, 'out');
      const sources = [path.join(given, 'our.list')];
      const bundle = await makeBundle({ ...nothing, packages: ['slipway-a'], sources, folder });
      expect(bundle.packages.map(({ name, version }) => `${name} ${version}`)).toEqual([
        'slipway-a 1:2.0-1',
        'slipway-b 1:2.0-1',
      ]);
      expect(readFileSync(path.join(folder, 'packages/InRelease'), 'utf8')).toContain(
        'Origin: Slipway bundle',
      );
      await expect(
        makeBundle({ ...nothing, packages: ['slipway-none'], sources, folder: path.join(given, 'b') }),
      ).rejects.toThrow(/slipway-none/);
    },
  );
});
