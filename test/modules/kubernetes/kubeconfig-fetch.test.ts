import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { kubeconfigFetch } from '../../../src/modules/kubernetes/kubeconfig-fetch.ts';
import { mergeKubeconfig } from '../../../src/modules/kubernetes/merge-kubeconfig.ts';
import { FakeHost } from '../../kit/fake-host.ts';
import { FakeLocal } from '../../kit/fake-local.ts';

const admin = `apiVersion: v1
clusters:
- cluster:
    certificate-authority-data: Q0E=
    server: https://10.0.0.11:6443
  name: kubernetes
contexts:
- context: {cluster: kubernetes, user: kubernetes-admin}
  name: kubernetes-admin@kubernetes
current-context: kubernetes-admin@kubernetes
kind: Config
users:
- name: kubernetes-admin
  user: {client-certificate-data: Q1JU, client-key-data: S0VZ}
`;
const names = { cluster: 'lab', context: 'lab', user: 'lab-admin', current: false };

describe('merging a kubeconfig', () => {
  it('makes a new one', () => {
    expect(
      parse(mergeKubeconfig(undefined, admin, { ...names, server: 'https://203.0.113.7:6443' })),
    ).toEqual({
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [
        {
          name: 'lab',
          cluster: { 'certificate-authority-data': 'Q0E=', server: 'https://203.0.113.7:6443' },
        },
      ],
      users: [{ name: 'lab-admin', user: { 'client-certificate-data': 'Q1JU', 'client-key-data': 'S0VZ' } }],
      contexts: [{ name: 'lab', context: { cluster: 'lab', user: 'lab-admin' } }],
      'current-context': 'lab',
    });
  });

  it('leaves other clusters, comments and the current context', () => {
    const mine = `apiVersion: v1
kind: Config
clusters:
  # production: careful
  - name: prod
    cluster: {server: https://prod:6443}
contexts:
  - name: prod
    context: {cluster: prod, user: me}
users: []
current-context: prod
`;
    const merged = mergeKubeconfig(mine, admin, names);
    expect(merged).toContain('# production: careful');
    const data = parse(merged);
    expect(data['current-context']).toBe('prod');
    expect(data.clusters.map((one: { name: string }) => one.name)).toEqual(['prod', 'lab']);
    expect(mergeKubeconfig(merged, admin, names)).toBe(merged);
    expect(parse(mergeKubeconfig(merged, admin, { ...names, current: true }))['current-context']).toBe('lab');
  });

  it('brings the same names up to date', () => {
    const old = mergeKubeconfig(undefined, admin.replace('10.0.0.11', '10.0.0.99'), names);
    const data = parse(mergeKubeconfig(old, admin, names));
    expect(data.clusters).toHaveLength(1);
    expect(data.clusters[0].cluster.server).toBe('https://10.0.0.11:6443');
  });

  it('refuses what it cannot read, on either side', () => {
    expect(() => mergeKubeconfig('{{', admin, names)).toThrow(/cannot be merged/);
    expect(() => mergeKubeconfig('- a', admin, names)).toThrow(/it is no map/);
    expect(() => mergeKubeconfig(undefined, 'kind: Config', names)).toThrow(/no cluster/);
  });
});

describe('kubeconfig_fetch', () => {
  const finish = kubeconfigFetch.finish!;
  it('writes only what differs', async () => {
    const local = new FakeLocal();
    const params = { dest: 'lab.kubeconfig', name: 'lab' };
    const first = await finish({ content: admin }, params, new FakeHost([]), local);
    expect(first).toMatchObject({ changed: true, path: '/controller/lab.kubeconfig' });
    const text = local.written.get('/controller/lab.kubeconfig')!;
    const again = new FakeLocal({ '/controller/lab.kubeconfig': text });
    expect(await finish({ content: admin }, params, new FakeHost([]), again)).toMatchObject({
      changed: false,
    });
    expect(again.written.size).toBe(0);
  });

  it('says which host has none', async () => {
    await expect(finish({}, {}, new FakeHost([]), new FakeLocal())).rejects.toThrow(
      '/etc/kubernetes/admin.conf is not on n1',
    );
  });
});
