import { MANIFESTS_DIR } from '../host/paths.ts';
import { identity, minorOf } from '../host/identity.ts';
import { ensureImage } from '../runtime/images.ts';
import type { ClusterSettings, NodeSettings } from './config-types.ts';
import * as check from './preflight.ts';
import { say } from './output.ts';
import { imageList } from './versions.ts';

const FORWARD = '/proc/sys/net/ipv4/ip_forward';
const BRIDGE = '/proc/sys/net/bridge/bridge-nf-call-iptables';

function common(socket: string): check.Check[] {
  const bridge = minorOf(identity().version) < 31 ? [check.fileContent(BRIDGE, '1')] : [];
  return [
    check.runtime(socket),
    ...bridge,
    check.fileContent(FORWARD, '1'),
    check.swap,
    check.inPath('ip', true),
    check.inPath('mount', true),
    check.inPath('iptables', false),
    check.inPath('ethtool', false),
    check.inPath('tc', false),
    check.kubeletService,
    check.port(10_250),
  ];
}

/** All checks of `init`, in the order of the real one. */
export function initChecks(cluster: ClusterSettings, node: NodeSettings, socket: string): check.Check[] {
  const manifests = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'etcd'];
  return [
    check.root,
    check.processors,
    check.memory,
    check.releaseOf(cluster.kubernetesVersion),
    check.port(node.bindPort),
    check.port(10_259),
    check.port(10_257),
    ...manifests.map((name) => check.fileAvailable(`${MANIFESTS_DIR}/${name}.yaml`)),
    ...common(socket),
    check.port(2379),
    check.port(2380),
    check.dirAvailable(cluster.etcdDataDir),
  ];
}

/** The checks of `join`; those of a control plane follow when the cluster's configuration is known. */
export function joinChecks(socket: string, controlPlane: boolean): check.Check[] {
  return [
    check.root,
    check.dirAvailable(MANIFESTS_DIR),
    check.fileAvailable('/etc/kubernetes/kubelet.conf'),
    check.fileAvailable('/etc/kubernetes/bootstrap-kubelet.conf'),
    ...common(socket),
    ...(controlPlane ? [] : [check.fileAvailable('/etc/kubernetes/pki/ca.crt')]),
  ];
}

export function controlPlaneChecks(cluster: ClusterSettings, node: NodeSettings): check.Check[] {
  return [
    check.port(node.bindPort),
    check.port(10_259),
    check.port(10_257),
    check.port(2379),
    check.port(2380),
    check.dirAvailable(cluster.etcdDataDir),
  ];
}

/** One finding for every image that neither is there nor can be fetched. */
export function imageChecks(cluster: ClusterSettings, socket: string): check.Check[] {
  say('[preflight] Pulling images required for setting up a Kubernetes cluster');
  say('[preflight] This might take a minute or two, depending on the speed of your internet connection');
  say("[preflight] You can also perform this action beforehand using 'kubeadm config images pull'");
  return imageList(cluster).map((image) => () => {
    const problem = ensureImage(socket, image);
    const errors = problem === undefined ? [] : [`failed to pull image ${image}: ${problem}`];
    return { name: 'ImagePull', warnings: [], errors };
  });
}
