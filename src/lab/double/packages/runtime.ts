import type { DebPackage } from '../../deb/types.ts';
import { DESCRIPTION, launcher, serviceScripts } from './launcher.ts';

function unit(description: string, exec: string, more = ''): string {
  return `[Unit]
Description=${description} (simulated, Slipway lab)
After=network.target
${more}
[Service]
ExecStart=${exec}
Restart=always
RestartSec=3

[Install]
WantedBy=multi-user.target
`;
}

function containerd(version: string): DebPackage {
  return {
    name: 'containerd',
    version: `${version}-1slipway1`,
    architecture: 'all',
    section: 'admin',
    summary: 'container runtime (simulated)',
    description: DESCRIPTION,
    depends: ['slipway-lab-double'],
    files: [
      launcher('/usr/bin/containerd', 'containerd', version),
      launcher('/usr/bin/ctr', 'ctr', version),
      {
        path: '/usr/lib/systemd/system/containerd.service',
        mode: 0o644,
        content: unit('containerd container runtime', '/usr/bin/containerd'),
      },
      { path: '/etc/containerd', mode: 0o755, directory: true },
    ],
    scripts: serviceScripts('containerd.service'),
  };
}

/** Its service starts by itself: hosts of the namespaces driver have no socket units. */
function docker(version: string): DebPackage {
  return {
    name: 'docker.io',
    version: `${version}-1slipway1`,
    architecture: 'all',
    section: 'admin',
    summary: 'Docker engine and its command (simulated)',
    description: DESCRIPTION,
    depends: ['slipway-lab-double'],
    // Debian's newer releases have the command in a package of its own.
    conflicts: ['docker-cli', 'docker-ce', 'docker-ce-cli'],
    replaces: ['docker-cli'],
    files: [
      launcher('/usr/bin/dockerd', 'dockerd', version),
      launcher('/usr/bin/docker', 'docker', version),
      {
        path: '/usr/lib/systemd/system/docker.service',
        mode: 0o644,
        content: unit('Docker Application Container Engine', '/usr/bin/dockerd'),
      },
      { path: '/etc/docker', mode: 0o755, directory: true },
    ],
    scripts: serviceScripts('docker.service'),
  };
}

/** containerd in both generations of its configuration, Docker, and cri-dockerd for hosts with Docker. */
export function runtimePackages(): DebPackage[] {
  return [
    containerd('1.7.28'),
    containerd('2.1.4'),
    docker('28.2.2'),
    {
      name: 'cri-dockerd',
      version: '0.3.20-1slipway1',
      architecture: 'all',
      section: 'admin',
      summary: 'the runtime interface of Kubernetes over Docker (simulated)',
      description: DESCRIPTION,
      depends: ['slipway-lab-double'],
      files: [
        launcher('/usr/bin/cri-dockerd', 'cri-dockerd', '0.3.20'),
        {
          path: '/usr/lib/systemd/system/cri-docker.service',
          mode: 0o644,
          content: unit('CRI over Docker', '/usr/bin/cri-dockerd', 'Wants=docker.service\n'),
        },
      ],
      scripts: serviceScripts('cri-docker.service'),
    },
  ];
}
