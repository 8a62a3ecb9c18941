import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { kubeadmImages } from '../../../src/modules/kubernetes/kubeadm-images.ts';
import { writeImageTar } from '../../e2e/kit/images.ts';
import { FolderLocal } from '../../kit/folder-local.ts';
import { outputOf } from '../../kit/fake-host.ts';

const OWN = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kube-proxy'];

/** What is missing on a host with `there`, where the controller has tars with `given`. */
async function missing(given: readonly string[], there: string, src: string | string[] = 'images/*.tar') {
  const folder = mkdtempSync(path.join(tmpdir(), 'kubeadm-images-'));
  const images = path.join(folder, 'files/images');
  mkdirSync(images, { recursive: true });
  if (given.length > 0) {
    await writeImageTar(path.join(images, 'one.tar'), { tags: [...given], layers: [{ file: 'a' }] });
  }
  const params = { kubernetes_version: '1.34.1', src, required: false };
  const ready = await kubeadmImages.prepare!(params, new FolderLocal({}, folder));
  return kubeadmImages.read(outputOf(`@@@ kubeadm\n\n@@@ images\n${there}`), ready).missing;
}

describe('images in tars', () => {
  it('count with those of the host', async () => {
    const given = OWN.map((name) => `registry.k8s.io/${name}:v1.34.1`);
    const there = 'registry.k8s.io/pause:3.10.1\nregistry.k8s.io/coredns/coredns:v1.12.1\n';
    expect(await missing(given, there)).toEqual(['registry.k8s.io/etcd:*']);
    expect(await missing([...given, 'registry.k8s.io/etcd:3.6.4-0'], there)).toEqual([]);
  });

  it('are none where a pattern fits nothing, and an error where a file is named', async () => {
    expect(await missing([], '')).toHaveLength(7);
    await expect(missing([], '', ['images/one.tar'])).rejects.toMatchObject({ code: 'file.missing' });
  });
});
