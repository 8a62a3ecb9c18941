import { Type } from 'typebox';
import { SlipwayError } from '../../../base/errors.ts';
import { SOCKET } from './client.ts';

/** Parameters of all modules that speak to a Docker Engine. */
export const engineParams = {
  docker_host: Type.Optional(
    Type.String({
      default: `unix://${SOCKET}`,
      description: "The Engine's socket on the host.",
    }),
  ),
};

/** The path of the socket. @throws {SlipwayError} task.invalid for anything but a unix socket */
export function socketOf({ docker_host: url }: { readonly docker_host?: string | undefined }): string {
  if (url === undefined) return SOCKET;
  const path = url.replace(/^unix:\/\//, '');
  if (path.startsWith('/')) return path;
  throw new SlipwayError('task.invalid', `\`docker_host\` is ${url}, which is no unix socket`, {
    hint: 'Write `unix:///var/run/docker.sock`; another machine is reached as a host of the inventory.',
  });
}
