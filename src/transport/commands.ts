import { SlipwayError } from '../base/errors.ts';
import type { Terminals } from './become/terminals.ts';
import { type Execution, type ExecutionOptions, execute } from './execute.ts';
import { killScript } from './session/kill.ts';
import { DEFAULT_GRACE } from './session/session.ts';
import { within } from './time.ts';
import type { Become, Connection, Output, Step } from './types.ts';

/** The commands that run on channels of their own beside the sessions; they can be timed out and cancelled. */
export interface Commands {
  /** Starts one; its stdin is open. */
  start(step: Step, become: Become | undefined, options?: ExecutionOptions): Promise<Execution>;
  /** Waits for its end. @throws {SlipwayError} task.timeout, task.cancelled, connect.* */
  finish(execution: Execution, step: Step, become: Become | undefined): Promise<Output>;
  /** Runs one with an empty stdin. */
  run(step: Step, become: Become | undefined, options?: ExecutionOptions): Promise<Output>;
  /** Ends one with all that it started. */
  kill(execution: Execution, become: Become | undefined, grace: number): Promise<void>;
  cancel(grace: number): Promise<void>;
  readonly roundTrips: number;
}

export function createCommands(connection: () => Connection, terminals: Terminals): Commands {
  const running = new Set<(code: 'task.timeout' | 'task.cancelled', grace: number) => Promise<void>>();
  let roundTrips = 0;

  const start: Commands['start'] = (step, become, options) => {
    roundTrips++;
    return startOn(connection(), terminals, step, become, options);
  };

  const run: Commands['run'] = async (step, become, options) => {
    const execution = await start(step, become, options);
    await execution.pid;
    execution.channel.stdin.end();
    return execution.output;
  };

  const kill: Commands['kill'] = async (execution, become, grace) => {
    const killed = execution.pid.then((pid) => {
      const script = killScript(pid, execution.tag, { grace, whatever: true });
      return run({ script }, become, { urgent: true });
    });
    // Where it cannot be killed, closing the channel is all that is left.
    await within(grace + 10_000, killed).catch(() => {});
    await within(1_000, execution.output).catch(() => {});
    execution.channel.close();
  };

  return {
    start,
    run,
    kill,
    async finish(execution, step, become) {
      let ended: SlipwayError | undefined;
      const end = async (code: 'task.timeout' | 'task.cancelled', grace: number) => {
        ended ??= endError(connection().host, code, step);
        await kill(execution, become, grace);
      };
      running.add(end);
      const { timeout } = step;
      const timer =
        timeout !== undefined && setTimeout(() => void end('task.timeout', DEFAULT_GRACE), timeout);
      try {
        const output = await execution.output;
        if (ended) throw ended;
        return output;
      } catch (error) {
        throw ended ?? error;
      } finally {
        if (timer) clearTimeout(timer);
        running.delete(end);
      }
    },
    async cancel(grace) {
      await Promise.all([...running].map((end) => end('task.cancelled', grace)));
    },
    get roundTrips() {
      return roundTrips;
    },
  };
}

async function startOn(
  connection: Connection,
  terminals: Terminals,
  step: Step,
  become: Become | undefined,
  options: ExecutionOptions | undefined,
): Promise<Execution> {
  try {
    const execution = await execute(connection, terminals.give(become), step, options);
    if (become) await execution.pid;
    return execution;
  } catch (error) {
    if (!terminals.wanted(become, error)) throw error;
    return startOn(connection, terminals, step, become, options);
  }
}

function endError(host: string, code: 'task.timeout' | 'task.cancelled', step: Step): SlipwayError {
  if (code === 'task.cancelled') return new SlipwayError(code, `${host}: the transfer was stopped`);
  return new SlipwayError(code, `${host}: the transfer took longer than its timeout of ${step.timeout} ms`, {
    hint: 'Give it a longer `timeout`, or look at the network between here and the host.',
    data: { host, timeout: step.timeout },
  });
}
