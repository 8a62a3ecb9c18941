import type { Difference } from '../../../module/contract.ts';
import { healthOf, stateOf } from './health.ts';
import type { Container } from './inspected.ts';
import type { Plan } from './plan.ts';
import type { Ready } from './ready.ts';

/** Why, and with what, something is done; a part of a Plan. */
export interface Step extends Partial<Plan> {
  readonly why: string;
  readonly diff: readonly Difference[];
}

export const RESTART = 'a restart is asked for';
export const RUN = 'it is run each time';

const isUp = ({ p }: Ready) => p.state === undefined || p.state === 'started' || p.state === 'healthy';
export const runsEachTime = (ready: Ready) => isUp(ready) && ready.p.detach === false;

/** What a container that was just made is brought to. */
export function afterwards(ready: Ready, wasUp: boolean): NonNullable<Plan['again']> {
  const { p } = ready;
  const up = isUp(ready) || (p.state === 'present' && wasUp);
  if (!up) return {};
  if (runsEachTime(ready)) return { run: 'start', wait: 'ended' };
  return {
    run: 'start',
    ...(p.state === 'healthy' && { wait: 'healthy' }),
    ...(p.paused && { pause: true }),
  };
}

/** What it takes to bring a container that is as declared into its state. */
export function motion(container: Container, ready: Ready): Step[] {
  const { p } = ready;
  const { Running, Paused = false } = container.State;
  const now = stateOf(container);
  // The health of a paused one is not checked.
  const paused = p.state === 'healthy' ? false : p.paused;
  if (p.state === 'present') return [];
  if (p.state === 'stopped')
    return Running
      ? [{ run: 'stop', why: `${p.name} ${now}`, diff: [{ subject: p.name, before: now, after: 'stopped' }] }]
      : [];
  if (runsEachTime(ready))
    return [
      {
        run: 'start',
        wait: 'ended',
        why: RUN,
        diff: [{ subject: p.name, before: now, after: 'run to its end' }],
      },
    ];
  const wait = p.state === 'healthy' ? { wait: 'healthy' as const } : {};
  const pause = paused && !(Running && Paused) ? { pause: true } : {};
  const after = p.state === 'healthy' ? 'healthy' : paused ? 'paused' : 'runs';
  if (!Running)
    return [
      {
        run: 'start',
        ...wait,
        ...pause,
        why: `${p.name} ${now}`,
        diff: [{ subject: p.name, before: now, after }],
      },
    ];
  if (p.restart)
    return [
      {
        run: 'restart',
        ...wait,
        ...pause,
        why: RESTART,
        diff: [{ subject: p.name, before: now, after: 'restarted' }],
      },
    ];
  if (paused !== undefined && paused !== Paused)
    return [
      { pause: paused, ...wait, why: `${p.name} ${now}`, diff: [{ subject: p.name, before: now, after }] },
    ];
  const health = healthOf(container);
  if (p.state === 'healthy' && health !== 'healthy')
    return [{ ...wait, why: `${p.name} is ${health}`, diff: [{ subject: p.name, before: health, after }] }];
  return [];
}
