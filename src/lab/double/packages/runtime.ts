import type { DebPackage } from '../../deb/types.ts';
import { DESCRIPTION, launcher, serviceScripts } from './launcher.ts';

/** As the real ones do, it counts as started when it listens; the helper that says so is a child of it. */
function unit(description: string, exec: string, more = ''): string {
  return `[Unit]
Description=${description} (simulated, Slipway lab)
After=network.target
${more}
[Service]
Type=notify
NotifyAccess=all
ExecStart=${exec}
Restart=always
RestartSec=3

[Install]
WantedBy=multi-user.target
`;
}

interface Runtime {
  readonly name: string;
  readonly version: string;
  readonly summary: string;
  /** The first one is the service. */
  readonly programs: readonly string[];
  readonly service: string;
  readonly title: string;
  /** Lines of the unit's first section. */
  readonly more?: string;
  /** The folder of its configuration. */
  readonly folder?: string;
}

function runtime({ name, version, summary, programs, service, title, more, folder }: Runtime): DebPackage {
  return {
    name,
    version: `${version}-1slipway1`,
    architecture: 'all',
    section: 'admin',
    summary: `${summary} (simulated)`,
    description: DESCRIPTION,
    depends: ['slipway-lab-double'],
    files: [
      ...programs.map((program) => launcher(`/usr/bin/${program}`, program, version)),
      {
        path: `/usr/lib/systemd/system/${service}.service`,
        mode: 0o644,
        content: unit(title, `/usr/bin/${programs[0]}`, more),
      },
      ...(folder ? [{ path: folder, mode: 0o755, directory: true } as const] : []),
    ],
    scripts: serviceScripts(`${service}.service`),
  };
}

function containerd(version: string): DebPackage {
  return runtime({
    name: 'containerd',
    version,
    summary: 'container runtime',
    programs: ['containerd', 'ctr'],
    service: 'containerd',
    title: 'containerd container runtime',
    folder: '/etc/containerd',
  });
}

/** Its service starts by itself: hosts of the namespaces driver have no socket units. */
function docker(): DebPackage {
  const engine = runtime({
    name: 'docker.io',
    version: '28.2.2',
    summary: 'Docker engine and its command',
    programs: ['dockerd', 'docker'],
    service: 'docker',
    title: 'Docker Application Container Engine',
    folder: '/etc/docker',
  });
  // Debian's newer releases have the command in a package of its own.
  return { ...engine, conflicts: ['docker-cli', 'docker-ce', 'docker-ce-cli'], replaces: ['docker-cli'] };
}

/** containerd in both generations of its configuration, Docker, and cri-dockerd for hosts with Docker. */
export function runtimePackages(): DebPackage[] {
  return [
    containerd('1.7.28'),
    containerd('2.1.4'),
    docker(),
    runtime({
      name: 'cri-dockerd',
      version: '0.3.20',
      summary: 'the runtime interface of Kubernetes over Docker',
      programs: ['cri-dockerd'],
      service: 'cri-docker',
      title: 'CRI over Docker',
      more: 'Wants=docker.service\n',
    }),
  ];
}
