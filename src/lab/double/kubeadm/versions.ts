import { minorOf } from '../host/identity.ts';
import type { ClusterSettings } from './config-types.ts';

interface Companions {
  readonly etcd: string;
  readonly coredns: string;
  readonly pause: string;
}

/** What each minor release of kubeadm deploys beside its own images. */
const COMPANIONS: Readonly<Record<number, Companions>> = {
  30: { etcd: '3.5.15-0', coredns: 'v1.11.3', pause: '3.9' },
  31: { etcd: '3.5.15-0', coredns: 'v1.11.3', pause: '3.10' },
  32: { etcd: '3.5.16-0', coredns: 'v1.11.3', pause: '3.10' },
  33: { etcd: '3.5.21-0', coredns: 'v1.12.0', pause: '3.10' },
  34: { etcd: '3.6.4-0', coredns: 'v1.12.1', pause: '3.10.1' },
  35: { etcd: '3.6.6-0', coredns: 'v1.13.1', pause: '3.10.1' },
};

export function companions(version: string): Companions {
  const minor = minorOf(version);
  const known = COMPANIONS[minor] ?? COMPANIONS[minor > 35 ? 35 : 30];
  return known ?? { etcd: '3.6.4-0', coredns: 'v1.12.1', pause: '3.10.1' };
}

/** The images of a cluster, in the order of `kubeadm config images list`. */
export function imageList(cluster: ClusterSettings): string[] {
  const { imageRepository: repository, kubernetesVersion: version } = cluster;
  const { etcd, coredns, pause } = companions(version);
  const dns =
    repository === 'registry.k8s.io'
      ? `${repository}/coredns/coredns:${coredns}`
      : `${repository}/coredns:${coredns}`;
  return [
    ...['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kube-proxy'].map(
      (name) => `${repository}/${name}:${version}`,
    ),
    dns,
    `${repository}/pause:${pause}`,
    `${repository}/etcd:${etcd}`,
  ];
}

export function imageOf(cluster: ClusterSettings, name: string): string {
  return imageList(cluster).find((image) => image.includes(`/${name}:`)) ?? '';
}
