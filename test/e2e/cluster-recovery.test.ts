import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type ClusterLab,
  clusterLab,
  leftovers,
  NAMESPACES,
  nodes,
  unchanged,
  worked,
} from './kit/cluster.ts';
import { suite } from './kit/skip.ts';

// What an init leaves that stopped after any of its phases, and how the next run goes on.
suite('an init that stopped halfway', NAMESPACES, () => {
  let lab: ClusterLab;
  beforeAll(async () => {
    lab = await clusterLab('namespaces', 1);
    // Everything up to the init, which fails in its first phase.
    await lab.root(
      'n1',
      'mkdir -p /etc/slipway-lab && echo "preflight once" > /etc/slipway-lab/kubeadm-crash',
    );
    expect((await lab.play('bootstrap')).code).toBe(2);
  });
  afterAll(() => lab?.down());

  const PHASES = [
    'preflight',
    'certs',
    'kubeconfig',
    'etcd',
    'control-plane',
    'kubelet-start',
    'wait-control-plane',
    'upload-config',
    'upload-certs',
    'mark-control-plane',
    'bootstrap-token',
    'kubelet-finalize',
    'addon',
    'show-join-command',
  ];
  const init = (...args: string[]) =>
    lab.play('bootstrap', '--start-at-task', 'The folder of the configuration', ...args);

  test('these are all its phases', async () => {
    const { stdout } = await lab.root('n1', 'kubeadm init phase --config /etc/kubernetes/kubeadm.yaml');
    expect(stdout.trim().split('\n')).toEqual(PHASES);
  });

  describe.each(PHASES)('in phase %s', (phase) => {
    test('is reported, taken up by the next run, and complete after it', async () => {
      await lab.root('n1', `echo '${phase} once' > /etc/slipway-lab/kubeadm-crash`);
      const failed = await init();
      expect(failed.code).toBe(2);
      expect(failed.failures.join('\n')).toMatch(
        new RegExp(`The control plane is initialised: .*\\b${phase}\\b`),
      );
      expect(await init()).toMatchObject(worked);
      expect(await nodes(lab)).toEqual(['n1 Ready']);
      expect(await init()).toMatchObject(unchanged);
      expect(await lab.play('reset', '-e', 'confirm=lab')).toMatchObject(worked);
      expect(await leftovers(lab, 'n1')).toBe('');
    });
  });
});
