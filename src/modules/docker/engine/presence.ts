import { impossible } from '../../../module/contract.ts';
import type { Outlook, Subject } from '../../../module/outlook.ts';

/** What brings an Engine, or starts it. */
export const ENGINE: readonly Subject[] = [
  'package:docker.io',
  'package:docker-ce',
  'unit:docker.service',
  'unit:docker.socket',
];

/** What a probe prints where no `docker` command is. */
export const NO_ENGINE = 'there is no Docker Engine';

const PROBLEM = /permission denied|cannot connect|daemon running|no Docker Engine|connection refused/i;

/** Whether a line of a probe says that the Engine did not answer. */
export const isProblem = (line: string): boolean => PROBLEM.test(line);

/** The verdict where the Engine did not answer. */
export function unanswered(problem: string, socket: string): ReturnType<typeof impossible> {
  if (/permission denied/i.test(problem))
    return impossible(
      `the Docker Engine's socket ${socket} refuses this user`,
      'Set `become: true`, or put the user into the group `docker`.',
    );
  if (problem === NO_ENGINE) return impossible(NO_ENGINE, 'Install it first (`apt: {name: docker.io}`).');
  if (!isProblem(problem))
    return impossible(`the Docker Engine cannot be asked: ${problem}`, 'Try `docker version` on the host.');
  return impossible(
    `the Docker Engine does not run (nobody listens at ${socket})`,
    'Start it (`systemd: {name: docker, state: started}`), or see `journalctl -u docker` there.',
  );
}

/** Whether an earlier task of a dry run brings the Engine that is missing: it has nothing yet then. */
export function isComing(problem: string | undefined, outlook: Outlook): boolean {
  return problem === NO_ENGINE && outlook.concerning(ENGINE) !== undefined;
}
