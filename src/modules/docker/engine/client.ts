import type Docker from 'dockerode';
import type { Host } from '../../../module/host.ts';
import { engineAgent } from './agent.ts';
import { engineFailure } from './failure.ts';

export const SOCKET = '/var/run/docker.sock';

export interface EngineOptions {
  /** The Engine's socket on the host. */
  readonly socket?: string | undefined;
}

/**
 * Speaks to a host's Docker Engine over the connection that the host has. Everything is closed when `work` is done.
 *
 * @throws {SlipwayError} whatever went wrong, with what to do about it: the Engine is not there, does not run, refuses
 * this user, stopped midway or says no (`data.status` is its HTTP status then); the connection was lost; a timeout; an
 * interrupt.
 */
export async function withEngine<T>(
  host: Host,
  { socket = SOCKET }: EngineOptions,
  work: (docker: Docker) => Promise<T>,
): Promise<T> {
  const Engine = (await import('dockerode')).default;
  const line = engineAgent(host, socket);
  // A name and a port only so that dockerode takes the agent.
  const address = { protocol: 'http', host: 'docker', port: 2375, agent: line.agent };
  const docker = withoutDockerHost(() => new Engine(address as object));
  try {
    return await work(docker);
  } catch (error) {
    throw engineFailure(host.name, socket, error, line.failure);
  } finally {
    await line.close();
  }
}

/** What the controller's own `docker` is told must not count: dockerode would read its certificates, path and timeout. */
function withoutDockerHost<T>(make: () => T): T {
  const { DOCKER_HOST: own } = process.env;
  delete process.env['DOCKER_HOST'];
  try {
    return make();
  } finally {
    if (own !== undefined) process.env['DOCKER_HOST'] = own;
  }
}

/** The HTTP status with which the Engine said no, for whoever wants to deal with it. */
export function statusOf(error: unknown): number | undefined {
  const { statusCode } = error as { statusCode?: unknown };
  return typeof statusCode === 'number' ? statusCode : undefined;
}
