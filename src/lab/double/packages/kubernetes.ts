import { createHash } from 'node:crypto';
import type { DebPackage } from '../../deb/types.ts';
import { DESCRIPTION, DOUBLE, launcher, RELOAD } from './launcher.ts';

const UNIT = `[Unit]
Description=kubelet: the Kubernetes node agent (simulated, Slipway lab)
Wants=network-online.target
After=network-online.target

[Service]
ExecStart=/usr/bin/kubelet
Restart=always
StartLimitInterval=0
RestartSec=3

[Install]
WantedBy=multi-user.target
`;

const DROP_IN = `[Service]
Environment="KUBELET_KUBECONFIG_ARGS=--bootstrap-kubeconfig=/etc/kubernetes/bootstrap-kubelet.conf --kubeconfig=/etc/kubernetes/kubelet.conf"
Environment="KUBELET_CONFIG_ARGS=--config=/var/lib/kubelet/config.yaml"
EnvironmentFile=-/var/lib/kubelet/kubeadm-flags.env
EnvironmentFile=-/etc/default/kubelet
ExecStart=
ExecStart=/usr/bin/kubelet $KUBELET_KUBECONFIG_ARGS $KUBELET_CONFIG_ARGS $KUBELET_KUBEADM_ARGS $KUBELET_EXTRA_ARGS
`;

const MARK = `This host has programs of a Slipway lab: its Kubernetes is simulated and no container runs.
Files in this directory change how the doubles behave:
  address        the one address that they bind to
  timeout        the longest wait of kubeadm in seconds (20)
  kubeadm-crash  phases after which kubeadm ends, one a line: PHASE [once] [kill]
  offline        pulls of images fail
`;

const STOP = `#!/bin/sh
set -e
if [ "$1" = remove ] && [ -d /run/systemd/system ] && command -v systemctl >/dev/null; then
  systemctl disable --now kubelet >/dev/null 2>&1 || :
fi
`;

/** What every package here needs: the one file that is all the programs. */
function base(source: string): DebPackage {
  const hash = Number.parseInt(createHash('sha256').update(source).digest('hex').slice(0, 8), 16);
  return {
    name: 'slipway-lab-double',
    version: `0.1.${hash}`,
    architecture: 'all',
    section: 'admin',
    summary: 'simulated Kubernetes programs of a Slipway lab',
    description: DESCRIPTION,
    files: [
      { path: DOUBLE, mode: 0o644, content: source },
      { path: '/etc/slipway-lab/README', mode: 0o644, content: MARK },
    ],
  };
}

function release(version: string): DebPackage[] {
  const common = {
    version: `${version}-1.1`,
    architecture: 'all',
    section: 'admin',
    description: DESCRIPTION,
  } as const;
  return [
    {
      ...common,
      name: 'kubeadm',
      summary: 'bootstraps a Kubernetes cluster (simulated)',
      depends: ['slipway-lab-double', 'cri-tools (>= 1.30.0)'],
      files: [
        launcher('/usr/bin/kubeadm', 'kubeadm', version),
        { path: '/usr/lib/systemd/system/kubelet.service.d/10-kubeadm.conf', mode: 0o644, content: DROP_IN },
      ],
      scripts: { postinst: RELOAD },
    },
    {
      ...common,
      name: 'kubelet',
      summary: 'node agent of Kubernetes (simulated)',
      depends: ['slipway-lab-double', 'kubernetes-cni (>= 1.2.0)'],
      files: [
        launcher('/usr/bin/kubelet', 'kubelet', version),
        { path: '/usr/lib/systemd/system/kubelet.service', mode: 0o644, content: UNIT },
        { path: '/etc/kubernetes/manifests', mode: 0o755, directory: true },
      ],
      scripts: { postinst: RELOAD, prerm: STOP, postrm: RELOAD },
    },
    {
      ...common,
      name: 'kubectl',
      summary: 'command line of Kubernetes (simulated)',
      depends: ['slipway-lab-double'],
      files: [launcher('/usr/bin/kubectl', 'kubectl', version)],
    },
  ];
}

/** kubeadm, kubelet and kubectl in the given versions, with crictl and the directory of network plugins. */
export function kubernetesPackages(versions: readonly string[], source: string): DebPackage[] {
  const minor = (versions.at(-1) ?? '1.34.1').split('.').slice(0, 2).join('.');
  const common = { architecture: 'all', section: 'admin', description: DESCRIPTION } as const;
  const plugin = '#!/bin/sh\necho "simulated network plugin (Slipway lab)" >&2\nexit 1\n';
  return [
    base(source),
    ...versions.flatMap(release),
    {
      ...common,
      name: 'cri-tools',
      version: `${minor}.0-1.1`,
      summary: 'command line of container runtimes (simulated)',
      depends: ['slipway-lab-double'],
      files: [launcher('/usr/bin/crictl', 'crictl', `${minor}.0`)],
    },
    {
      ...common,
      name: 'kubernetes-cni',
      version: '1.7.1-1.1',
      summary: 'network plugins of Kubernetes (simulated)',
      files: ['bridge', 'host-local', 'loopback', 'portmap'].map((name) => ({
        path: `/opt/cni/bin/${name}`,
        mode: 0o755,
        content: plugin,
      })),
    },
  ];
}
