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

export interface Cause {
  readonly why: string;
  readonly hint: string;
}

/** Why the Engine cannot be reached, from what `docker` or a probe says. */
export function causeOf(said: string, socket: string): Cause | undefined {
  if (/permission denied/i.test(said))
    return {
      why: `the Docker Engine's socket ${socket} refuses this user`,
      hint: 'Set `become: true`, or put the user into the group `docker`.',
    };
  const silent = /connection refused|cannot connect|daemon running/i.test(said);
  if (!silent && /no Docker Engine|not found|exit code 127/i.test(said))
    return { why: NO_ENGINE, hint: 'Install it first (`apt: {name: docker.io}`).' };
  if (silent || /no such file/i.test(said))
    return {
      why: `the Docker Engine does not run (nobody listens at ${socket})`,
      hint: 'Start it (`systemd: {name: docker, state: started}`), or see `journalctl -u docker` there.',
    };
  return undefined;
}

export const TRY = 'Try `docker version` on the host.';

/** The verdict where the Engine did not answer. */
export function unanswered(problem: string, socket: string): ReturnType<typeof impossible> {
  // What else it says may be about anything: a file or an image that is not found.
  const cause = isProblem(problem) ? causeOf(problem, socket) : undefined;
  return impossible(cause?.why ?? `the Docker Engine cannot be asked: ${problem}`, cause?.hint ?? TRY);
}

/** Whether an earlier task of a dry run brings the Engine that is missing: it has nothing yet then. */
export function isComing(problem: string | undefined, outlook: Outlook): boolean {
  return problem === NO_ENGINE && outlook.concerning(ENGINE) !== undefined;
}
