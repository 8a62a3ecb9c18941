import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { type ClusterLab, clusterLab, nodes, unchanged, worked } from './kit/cluster.ts';
import { compareForecast } from './kit/forecast.ts';
import { writeImageTar } from './kit/images.ts';
import { docker, program, suite } from './kit/skip.ts';
import { slipway } from './kit/slipway.ts';

/** All that bootstrap needs of images: its own, the sandbox and the network of Pods. */
const CLUSTER_IMAGES = [
  ...['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kube-proxy'].map(
    (name) => `registry.k8s.io/${name}:v1.34.1`,
  ),
  'registry.k8s.io/coredns/coredns:v1.12.1',
  'registry.k8s.io/pause:3.10.1',
  'registry.k8s.io/etcd:3.6.4-0',
  'ghcr.io/flannel-io/flannel:v0.27.4',
  'ghcr.io/flannel-io/flannel-cni-plugin:v1.8.0-flannel1',
];

/** Nothing leaves the host any more but answers. */
const CUT = `
iptables -A OUTPUT -o lo -j ACCEPT
iptables -A OUTPUT -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT
iptables -A OUTPUT -j REJECT
`;

suite('a cluster where there is no network', [docker, program('apt-get')], () => {
  let lab: ClusterLab;
  beforeAll(async () => {
    lab = await clusterLab('docker', 1);
  });
  afterAll(() => lab?.down());

  test('a bundle is all that bootstrap needs', async () => {
    const { folder } = lab;
    const at = (name: string) => path.join(folder, name);
    const inventory = parse(readFileSync(at('.slipway/lab/inventory.yml'), 'utf8')) as {
      all: { vars: Record<string, string> };
    };
    const { kubernetes_repository_url: url, kubernetes_repository_key: key } = inventory.all.vars;
    writeFileSync(at('lab.asc'), await (await fetch(key!)).text());
    writeFileSync(at('lab.list'), `deb [signed-by=${at('lab.asc')}] ${url} /\n`);
    writeFileSync(
      at('packages.txt'),
      '# Kubernetes\nkubelet=1.34.1-*\nkubeadm=1.34.1-*\nkubectl=1.34.1-*\n\ncontainerd # its runtime\n',
    );
    await writeImageTar(at('one.tar'), { tags: ['lab.test/one:1'], layers: [{ one: '1' }] });
    await writeImageTar(at('two.tar'), { tags: ['lab.test/two:1'], layers: [{ two: '2' }] });
    await writeImageTar(at('cluster.tar'), { tags: CLUSTER_IMAGES, layers: [{ three: '3' }] });
    writeFileSync(at('two.tar.gz'), gzipSync(readFileSync(at('two.tar'))));
    const images = ['--images', 'one.tar,two.tar.gz,cluster.tar'];
    const bundle = ['bundle', '--packages', 'packages.txt', ...images, '--sources', 'lab.list'];
    // Left by a first try that failed.
    rmSync(at('bundle'), { recursive: true, force: true });
    const made = await slipway([...bundle, '-o', 'bundle'], folder);
    expect(`${made.code} ${made.stderr}`).toMatch(/^0 /);
    expect(made.stdout).toMatch(/^bundle: 3 images, \d+ packages, /);
    // A second one does not mix with the first.
    expect(await slipway([...bundle, '-o', 'bundle'], folder)).toMatchObject({ code: 3 });

    await lab.root('n1', CUT);
    expect((await lab.root('n1', `curl -sS -m 5 ${url}Release`)).code).not.toBe(0);
    const bootstrap = ['bootstrap', '-e', `bundle=${at('bundle')}`] as const;
    const dry = await lab.play(...bootstrap, '--check');
    expect(dry).toMatchObject(worked);
    const real = await lab.play(...bootstrap);
    expect(real).toMatchObject(worked);
    expect(compareForecast(dry, real).wrong).toEqual([]);
    expect(await nodes(lab)).toEqual(['n1 Ready']);
    expect((await lab.root('n1', 'crictl images')).stdout).toMatch(/lab\.test\/one[^]*lab\.test\/two/);
    expect((await lab.root('n1', 'apt-cache policy kubelet')).stdout).toContain(
      'file:/var/lib/slipway/packages',
    );
    expect(await lab.play(...bootstrap)).toMatchObject(unchanged);

    // What was changed on the way is not taken.
    writeFileSync(at('bundle/images/one.tar'), 'not the same');
    const refused = await lab.play(...bootstrap);
    expect(refused.code).not.toBe(0);
  });
});
