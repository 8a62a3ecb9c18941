import type Docker from 'dockerode';
import { SlipwayError } from '../../../base/errors.ts';
import { statusOf } from '../engine/client.ts';
import type { Work } from './apply.ts';
import type { Container } from './inspected.ts';
import { logOf, runToItsEnd } from './output.ts';
import type { ContainerParams } from './params.ts';

interface Parts {
  /** Whether it is started, stopped or paused. */
  readonly moves?: boolean;
  /** Whether it is waited for. */
  readonly waits?: boolean;
}

/** Milliseconds after which a container that ends at once has ended. */
const AT_ONCE = 300;

/** Brings a container into its state. @throws {SlipwayError} task.failed, task.timeout */
export async function bringUp(
  work: Work,
  container: Docker.Container,
  { moves = true, waits = true }: Parts = {},
): Promise<void> {
  const { plan, ready, host } = work;
  const { p } = ready;
  // A start that is waited for to its end is one piece.
  if (plan.wait === 'ended') return waits ? runToItsEnd(work, container) : undefined;
  if (moves && plan.run === 'stop') return stopped(container, p);
  if (moves && plan.run) {
    host.progress(`${plan.run === 'start' ? 'starts' : 'restarts'} ${p.name}`);
    if (plan.run === 'restart') await container.restart(patience(p));
    else await unlessSo(container.start());
    await host.sleep(AT_ONCE);
    await staysUp(work, container);
  }
  if (moves && plan.pause !== undefined) await (plan.pause ? container.pause() : container.unpause());
  if (waits && plan.wait === 'healthy') await healthy(work, container);
}

const patience = ({ stop_timeout: t }: ContainerParams) => (t === undefined ? {} : { t });

export async function stopped(container: Docker.Container, p: ContainerParams): Promise<void> {
  if (!p.force_kill) return unlessSo(container.stop(patience(p)));
  await container.kill({ signal: p.kill_signal ?? 'SIGKILL' });
  await container.wait();
}

/** 304: it is so already. */
export async function unlessSo(asked: Promise<unknown>): Promise<void> {
  try {
    await asked;
  } catch (error) {
    if (statusOf(error) !== 304) throw error;
  }
}

async function look(container: Docker.Container): Promise<Container | undefined> {
  try {
    return (await container.inspect()) as unknown as Container;
  } catch (error) {
    if (statusOf(error) === 404) return undefined;
    throw error;
  }
}

/** @throws {SlipwayError} task.failed where it has ended already */
async function staysUp(work: Work, container: Docker.Container): Promise<Container> {
  const { p } = work.ready;
  const now = await look(container);
  if (now && now.State.Running && !now.State.Restarting) return now;
  const log = now ? await logOf(work, container, now) : '';
  const last = log.trim().split('\n').at(-1);
  const how = now ? `ended at once with exit code ${now.State.ExitCode ?? 0}` : 'ended at once and is gone';
  throw new SlipwayError('task.failed', `${p.name} was started, and ${how}${last ? `: ${last}` : ''}`, {
    hint: 'See its log. For one that does its work and ends, write `detach: false`.',
    data: { rc: now?.State.ExitCode, stdout: log, stderr: '' },
  });
}

const PAUSE = 500;

async function healthy(work: Work, container: Docker.Container): Promise<void> {
  const { host, ready } = work;
  const { p } = ready;
  const start = Date.now();
  const seconds = p.healthy_wait_timeout ?? 300;
  const deadline = seconds > 0 ? start + seconds * 1000 : Infinity;
  for (;;) {
    const { Health } = (await staysUp(work, container)).State;
    const { Status = 'none', Log } = Health ?? {};
    if (Status === 'healthy') return;
    if (Status === 'none')
      throw new SlipwayError('task.failed', `${p.name} has no healthcheck`, {
        hint: 'Declare its `healthcheck`, or write `state: started`.',
      });
    if (Date.now() >= deadline) throw notHealthy(p.name, Status, seconds, Log?.at(-1));
    host.progress(`waits for ${p.name} to be healthy: ${Status} for ${since(start)} s`);
    await host.sleep(PAUSE);
  }
}

const since = (start: number) => Math.round((Date.now() - start) / 1000);

function notHealthy(
  name: string,
  status: string,
  seconds: number,
  last: { readonly ExitCode: number; readonly Output: string } | undefined,
): SlipwayError {
  const said =
    last &&
    `; its last check had exit code ${last.ExitCode}${last.Output.trim() && `: ${last.Output.trim()}`}`;
  return new SlipwayError('task.timeout', `${name} is ${status} after ${seconds} s${said ?? ''}`, {
    hint: 'See its log, or give it more time with `healthy_wait_timeout`.',
    data: { stdout: last?.Output ?? '' },
  });
}
