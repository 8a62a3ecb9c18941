import { realpathSync } from 'node:fs';
import type Docker from 'dockerode';

/** By which everything of a lab is found again, whatever became of its files. */
export const LABEL = 'slipway.lab';

// Enough for systemd, sshd and a container runtime inside; a privileged container is more than that.
const CAPABILITIES = [
  'SYS_ADMIN',
  'NET_ADMIN',
  'SYS_PTRACE',
  'SYS_NICE',
  'SYS_TIME',
  'IPC_LOCK',
  'NET_RAW',
  'MKNOD',
  'SYSLOG',
  'DAC_READ_SEARCH',
];

export interface ContainerSpec {
  readonly image: string;
  readonly name: string;
  readonly hostname: string;
  /** The value of the label. */
  readonly lab: string;
  readonly network?: { readonly name: string; readonly address: string } | undefined;
  /** Where its port 22 is published on this machine. */
  readonly publish?: { readonly address: string; readonly port: number } | undefined;
  readonly binds?: readonly string[];
  /** Anonymous volumes: an overlay cannot lie on an overlay, so a container runtime inside needs them. */
  readonly volumes?: readonly string[];
  readonly capabilities?: readonly string[];
}

/** Makes (not yet starts) a systemd container. */
export async function createNode(docker: Docker, spec: ContainerSpec): Promise<Docker.Container> {
  const publish = spec.publish && {
    '22/tcp': [{ HostIp: spec.publish.address, HostPort: String(spec.publish.port) }],
  };
  const options: Docker.ContainerCreateOptions & { HostConfig: { CgroupnsMode: string } } = {
    name: spec.name,
    Hostname: spec.hostname,
    Image: spec.image,
    Cmd: ['/lib/systemd/systemd'],
    Labels: { [LABEL]: spec.lab },
    StopSignal: 'SIGRTMIN+3',
    ExposedPorts: { '22/tcp': {} },
    Volumes: Object.fromEntries((spec.volumes ?? []).map((path) => [path, {}])),
    HostConfig: {
      CapAdd: [...CAPABILITIES, ...(spec.capabilities ?? [])],
      SecurityOpt: ['seccomp=unconfined', 'apparmor=unconfined'],
      CgroupnsMode: 'host',
      Binds: [
        '/sys/fs/cgroup:/sys/fs/cgroup:rw',
        `${realpathSync(process.execPath)}:/usr/lib/slipway-lab/node:ro`,
        ...(spec.binds ?? []),
      ],
      Tmpfs: { '/run': '', '/run/lock': '', '/tmp': 'exec' },
      ...(publish ? { PortBindings: publish } : {}),
    },
    ...(spec.network
      ? {
          NetworkingConfig: {
            EndpointsConfig: { [spec.network.name]: { IPAMConfig: { IPv4Address: spec.network.address } } },
          },
        }
      : {}),
  };
  return docker.createContainer(options);
}

/** Puts files into a container that may not have been started. */
export async function putFiles(
  container: Docker.Container,
  files: readonly { readonly path: string; readonly mode: number; readonly content: string }[],
): Promise<void> {
  const { pack } = await import('tar-stream');
  const archive = pack();
  for (const file of files) archive.entry({ name: file.path.slice(1), mode: file.mode }, file.content);
  archive.finalize();
  await container.putArchive(archive as unknown as NodeJS.ReadableStream, { path: '/' });
}

/** Removes all containers and networks that carry the label with this value. */
export async function removeLabelled(docker: Docker, lab: string): Promise<void> {
  const filters = { label: [`${LABEL}=${lab}`] };
  const containers = await docker.listContainers({ all: true, filters });
  await Promise.all(containers.map((one) => docker.getContainer(one.Id).remove({ force: true, v: true })));
  const networks = await docker.listNetworks({ filters });
  await Promise.all(networks.map((one) => docker.getNetwork(one.Id).remove()));
}
