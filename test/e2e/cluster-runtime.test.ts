import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SAVED_LAYER, saveTar } from '../lab/double/image-tar.ts';
import {
  changedHosts,
  type ClusterLab,
  clusterLab,
  leftovers,
  NAMESPACES,
  nodes,
  unchanged,
  worked,
} from './kit/cluster.ts';
import { compareForecast } from './kit/forecast.ts';
import { suite } from './kit/skip.ts';

const DOCKER = ['-e', 'container_runtime=docker'] as const;
const BOTH = ['n1', 'n2'];

// The other runtime. Docker, cri-dockerd and Kubernetes are the lab's doubles; the rest is real.
suite('a cluster of simulated Kubernetes over Docker', NAMESPACES, () => {
  let lab: ClusterLab;
  beforeAll(async () => {
    lab = await clusterLab('namespaces', 2);
  });
  afterAll(() => lab?.down());

  test('the hosts become a cluster over Docker as a dry run foretells; again, nothing changes', async () => {
    const dry = await lab.play('bootstrap', '--check', ...DOCKER);
    expect(dry).toMatchObject(worked);
    expect(changedHosts(dry).sort()).toEqual(BOTH);
    const real = await lab.play('bootstrap', ...DOCKER);
    expect(real).toMatchObject(worked);
    expect(compareForecast(dry, real).wrong).toEqual([]);
    expect(await nodes(lab)).toEqual(['n1 Ready', 'n2 Ready']);
    const wide = await lab.root('n1', 'kubectl --kubeconfig /etc/kubernetes/admin.conf get nodes -o yaml');
    expect(wide.stdout.match(/containerRuntimeVersion: .*/g)).toEqual(
      BOTH.map(() => 'containerRuntimeVersion: docker://28.2.2+slipway-lab'),
    );
    expect(await lab.play('bootstrap', ...DOCKER)).toMatchObject(unchanged);
  });

  test('images from a tar come into Docker, once', async () => {
    const tar = path.join(lab.folder, 'one.tar');
    await saveTar(tar, ['lab.test/one:1'], [SAVED_LAYER]);
    const images = ['images', ...DOCKER, '-e', JSON.stringify({ image_tars: [tar] })] as const;
    const run = await lab.play(...images);
    expect(run).toMatchObject(worked);
    expect(changedHosts(run).sort()).toEqual(BOTH);
    expect((await lab.root('n2', 'docker images -q lab.test/one')).stdout).toMatch(/^[0-9a-f]{12}\n$/);
    expect(await lab.play(...images)).toMatchObject(unchanged);
  });

  test('a rebuild works, and a reset leaves no cluster behind', async () => {
    expect(await lab.play('rebuild', ...DOCKER, '-e', 'confirm=lab')).toMatchObject(worked);
    expect(await nodes(lab)).toEqual(['n1 Ready', 'n2 Ready']);
    expect(await lab.play('reset', ...DOCKER, '-e', 'confirm=lab')).toMatchObject(worked);
    const left = await Promise.all(BOTH.map((node) => leftovers(lab, node, 'docker.io')));
    expect(left).toEqual(['', '']);
    expect(await lab.play('reset', ...DOCKER, '-e', 'confirm=lab')).toMatchObject(unchanged);
  });
});
