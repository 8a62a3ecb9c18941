import { connect } from 'node:net';
import { exists, read } from '../host/files.ts';
import { at } from '../host/paths.ts';

/** The sockets that kubeadm looks for when it is not told. */
export const KNOWN_SOCKETS = [
  'unix:///var/run/containerd/containerd.sock',
  'unix:///var/run/crio/crio.sock',
  'unix:///var/run/cri-dockerd.sock',
] as const;

/** Written by the containerd double when it starts. */
export const CONTAINERD_STATE = '/run/containerd/slipway-lab.json';

export interface ContainerdState {
  readonly pid: number;
  readonly version: string;
  readonly criDisabled: boolean;
}

/** Written by the dockerd double when it starts. */
export const DOCKER_STATE = '/run/docker/slipway-lab.json';
export const DOCKER_SOCKET = '/run/docker.sock';

export interface DockerState {
  readonly version: string;
  readonly cgroupDriver: string;
  readonly storageDriver: string;
}

export function socketPath(socket: string): string {
  return socket.replace(/^unix:\/\//, '').replace(/^\/var\/run\//, '/run/');
}

export function foundSockets(): string[] {
  return KNOWN_SOCKETS.filter((socket) => exists(socketPath(socket)));
}

export function containerdState(): ContainerdState | undefined {
  const text = read(CONTAINERD_STATE);
  return text === undefined ? undefined : (JSON.parse(text) as ContainerdState);
}

export function dockerState(): DockerState | undefined {
  const text = read(DOCKER_STATE);
  return text === undefined ? undefined : (JSON.parse(text) as DockerState);
}

function criDisabled(path: string): boolean {
  if (!path.endsWith('containerd.sock')) return false;
  const state = containerdState();
  if (state !== undefined) return state.criDisabled;
  const plugins =
    /^\s*disabled_plugins\s*=\s*\[([^\]]*)\]/m.exec(read('/etc/containerd/config.toml') ?? '')?.[1] ?? '';
  return /"(?:io\.containerd\.grpc\.v1\.)?cri"/.test(plugins);
}

/** Why nobody takes a connection on a socket; undefined where somebody does. */
export function dial(path: string): Promise<string | undefined> {
  return new Promise<string | undefined>((resolve) => {
    const probe = connect({ path: at(path) });
    probe.on('connect', () => {
      probe.destroy();
      resolve(undefined);
    });
    probe.on('error', (error: NodeJS.ErrnoException) => {
      const why =
        error.code === 'ENOENT'
          ? 'no such file or directory'
          : error.code === 'ECONNREFUSED'
            ? 'connection refused'
            : 'permission denied';
      resolve(why);
    });
  });
}

/** Asks whether a container runtime answers on a socket; what gRPC says where it does not. */
export async function probeRuntime(socket: string): Promise<string | undefined> {
  const path = socketPath(socket);
  const why = await dial(path);
  if (why !== undefined) {
    const dialed = socket.replace(/^unix:\/\//, '');
    return `rpc error: code = Unavailable desc = connection error: desc = "transport: Error while dialing: dial unix ${dialed}: connect: ${why}"`;
  }
  return criDisabled(path)
    ? 'rpc error: code = Unimplemented desc = unknown service runtime.v1.RuntimeService'
    : undefined;
}
