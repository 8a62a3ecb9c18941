import type { Readable } from 'node:stream';
import { startError } from './session/open.ts';
import { startAs } from './become/start.ts';
import { BoundedCollector, type Collector, DEFAULT_LIMIT } from './session/collector.ts';
import { ENVIRONMENT, MARK, newNonce, STEP_VARIABLE } from './session/frame.ts';
import { awaitMarker, type FramedChannel } from './session/shell.ts';
import { lostError, outputOf } from './session/entry.ts';
import { exports, quote } from './shell-text.ts';
import type { Become, Connection, Output, Step } from './types.ts';

/** Scripts above this travel as a file: a command line must stay far from the limits of kernels and servers. */
export const COMMAND_LIMIT = 16 * 1024;

/** A script that runs on a channel of its own, with a real stdin. */
export interface Execution {
  /** Its shell's process id on the host; rejects when it could not be started. */
  readonly pid: Promise<number>;
  readonly tag: string;
  readonly channel: FramedChannel['channel'];
  /** Settles when the script has ended, whatever it left behind in the background. */
  readonly output: Promise<Output>;
}

export interface ExecutionOptions {
  readonly urgent?: boolean;
  /** Takes stdout instead of the output's text. */
  readonly stdout?: Collector;
  /** The script is read from this file on the host instead (and the file removed). */
  readonly file?: string | undefined;
}

/**
 * Starts a script over a channel of its own. Markers end it, not the channel's close, which a background child would
 * hold up.
 */
export async function execute(
  connection: Connection,
  become: Become | undefined,
  step: Step,
  options: ExecutionOptions = {},
): Promise<Execution> {
  const [start, finish, name] = [newNonce(), newNonce(), newNonce()];
  const tag = `${name}.1`;
  const text = options.file ? `"$(cat ${options.file};rm -f ${options.file})"` : quote(step.script || ':');
  const inner = `${ENVIRONMENT};${MARK}\n__e ${start} $$;(export ${STEP_VARIABLE}=${tag};${exports(step.environment)}eval ${text});__e ${finish} $?`;
  const { onOutput, limit = DEFAULT_LIMIT } = step;
  const stdout =
    options.stdout ?? new BoundedCollector(limit, onOutput && ((out) => onOutput('stdout', out)));
  const stderr = new BoundedCollector(limit, onOutput && ((out) => onOutput('stderr', out)));
  let started: ReturnType<typeof awaitMarker> | undefined;
  let done: Promise<string> | undefined;
  const framed = await startAs(connection, become, inner, {
    urgent: options.urgent === true,
    expect(channel) {
      started = awaitMarker(channel, start);
      done = new Promise((resolve) => channel.expect(finish, { stdout, stderr, done: resolve }));
    },
  });
  const { host } = connection;

  const pid = Promise.race([started!.value, framed.ended]).then((first) => {
    if (typeof first === 'string') return Number(first);
    throw first instanceof Error
      ? lostError(host, first)
      : startError(host, become, started!.said(), first.code);
  });
  const output = Promise.race([done!, framed.ended]).then(async (first) => {
    if (typeof first === 'string') {
      framed.channel.close();
      return outputOf({ stdout, stderr }, Number(first));
    }
    await pid;
    if (first instanceof Error) throw lostError(host, first);
    // The script's shell was killed (`kill -9 $$`, the out-of-memory killer): what it printed still counts.
    return outputOf({ stdout, stderr }, first.code === 0 ? 137 : first.code);
  });
  pid.catch(() => {});
  output.catch(() => {});
  return { pid, tag, channel: framed.channel, output };
}

/** Pumps a stream into the stdin of an execution, as fast as it takes it; stops when the script has ended. */
export async function feed(
  execution: Execution,
  from: Readable,
  onProgress?: (bytes: number) => void,
): Promise<void> {
  const { stdin } = execution.channel;
  let over = false;
  const ended = execution.output.then(
    () => {
      over = true;
    },
    () => {
      over = true;
    },
  );
  let sent = 0;
  for await (const chunk of from as AsyncIterable<Buffer>) {
    if (over || stdin.destroyed) break;
    const room = stdin.write(chunk);
    sent += chunk.length;
    if (!room) {
      let drained: (() => void) | undefined;
      const drain = new Promise<void>((resolve) => stdin.once('drain', (drained = resolve)));
      await Promise.race([drain, ended]);
      if (drained) stdin.off('drain', drained);
    }
    onProgress?.(sent);
  }
  if (!over && !stdin.destroyed) stdin.end();
}
