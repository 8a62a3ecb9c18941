import { impossible } from '../../module/contract.ts';
import type { Outlook, Subject } from '../../module/outlook.ts';

/** Says what is wrong where the `docker` command could not ask the Engine. */
export function engineProblem(said: string): ReturnType<typeof impossible> {
  if (/permission denied/i.test(said))
    return impossible(
      "the Docker Engine's socket refuses this user",
      'Set `become: true`, or put the user into the group `docker`.',
    );
  if (/no docker command/.test(said))
    return impossible('there is no docker command', 'Install it first (`apt: {name: docker.io}`).');
  if (/cannot connect|daemon running|connection refused|no such file/i.test(said))
    return impossible(
      'the Docker Engine does not run',
      'Start it (`systemd: {name: docker, state: started}`), or see `journalctl -u docker` there.',
    );
  return impossible(`the Docker Engine cannot be asked: ${said}`, 'Try `docker version` on the host.');
}

/** What brings an Engine to a host, or away from it. */
export const ENGINE: readonly Subject[] = [
  'package:docker.io',
  'package:docker-ce',
  'package:moby-engine',
  'unit:docker.service',
  'unit:docker.socket',
];

/** The task that an Engine which is not there yet hangs on. */
export const engineComing = (problem: string | undefined, outlook: Outlook): string | undefined =>
  problem === undefined ? undefined : outlook.concerning(ENGINE)?.by;
