/** Everything the double reads or writes on its host goes through here, so that a test can give it a root of its own. */
export const ROOT: string = (process.env['SLIPWAY_LAB_ROOT'] ?? '').replace(/\/+$/, '');

/** The real place of a path of the host: below SLIPWAY_LAB_ROOT where that is set. */
export function at(path: string): string {
  return ROOT === '' ? path : ROOT + path.replace(/^\/var\/run\//, '/run/');
}

export const LAB_DIR = '/etc/slipway-lab';
export const KUBERNETES_DIR = '/etc/kubernetes';
export const MANIFESTS_DIR = '/etc/kubernetes/manifests';
export const KUBELET_DIR = '/var/lib/kubelet';
export const CNI_DIR = '/etc/cni/net.d';
/** What the kubelet double tells the other doubles of its host: the pods that run here. */
export const KUBELET_PODS = '/run/slipway-lab/kubelet-pods.json';
export const ADMIN_CONF = '/etc/kubernetes/admin.conf';
