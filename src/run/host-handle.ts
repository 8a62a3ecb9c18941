import { SlipwayError } from '../base/errors.ts';
import { createMeter } from '../base/meter.ts';
import type { Host, RunOptions } from '../module/host.ts';
import type { Program } from '../module/program.ts';
import type { Output, Session, Step } from '../transport/types.ts';
import type { RunContext } from './context.ts';
import { runAlone } from './detached.ts';
import { splitLines } from './result.ts';
import type { Station } from './station.ts';

export interface HandleOptions {
  readonly ctx: RunContext;
  readonly station: Station;
  readonly timeout: number | undefined;
  readonly progress: (text: string, fraction?: number) => void;
  readonly onOutput: ((stream: 'stdout' | 'stderr', text: string) => void) | undefined;
  /** The station of another host with the same user. */
  readonly elsewhere: (host: string) => Promise<Station>;
  readonly play: number;
  /** Where in the play: the same for all hosts that are there. */
  readonly at: string;
}

/** A failed command as an error that says what the command said. */
export function commandFailed(output: Output): SlipwayError {
  const said = splitLines((output.stderr.trim() || output.stdout.trim()).trim());
  const tail = said.slice(-3).join(' / ');
  return new SlipwayError(
    'task.command',
    tail ? `exit code ${output.code}: ${tail}` : `exit code ${output.code}`,
    {
      data: { rc: output.code, stdout: output.stdout, stderr: output.stderr },
    },
  );
}

const interrupted = () => new SlipwayError('task.cancelled', 'the run was interrupted');

/** A host for an imperative `apply`. */
export function hostHandle(options: HandleOptions): Host {
  return handle(options, options.station.host, () => Promise.resolve(options.station));
}

function handle(options: HandleOptions, name: string, find: () => Promise<Station>): Host {
  const { ctx } = options;
  let station: Station | undefined;
  const at = async () => {
    if (ctx.signal.aborted) throw interrupted();
    station ??= await find();
    ctx.remotes.touch(name);
    return station;
  };
  return {
    name,
    run: async (program, run = {}) => {
      const place = await at();
      const given = stepOf(options, place, program, run);
      const output = run.detached
        ? await runAlone(ctx, place, given, options.progress)
        : await place.session.run(given);
      return checked(output!, run.anyExit);
    },
    ...beside(options, at),
    on: (host) =>
      host === name ? handle(options, name, find) : handle(options, host, () => options.elsewhere(host)),
    login: () => handle(options, name, async () => asLogin(await at())),
    together: (make) => together(ctx, options.at, make),
    afterwards: (work) => {
      ctx.remotes.share(name);
      ctx.afterwards.add(options.play, () => work(handle(uninterrupted(options), name, find)));
    },
    progress: options.progress,
    reconnect: async ({ timeout }) => {
      const place = await at();
      await place.remote.reconnect(timeout);
      const session: Session = await place.remote.session(place.become);
      station = { ...place, session };
    },
    until: (event) => until(event, ctx.signal),
    sleep: (milliseconds) => sleep(milliseconds, ctx.signal),
  };
}

async function asLogin(place: Station): Promise<Station> {
  return { ...place, become: undefined, session: await place.remote.session(undefined) };
}

function together<T>({ shared }: RunContext, at: string, make: () => T): T {
  if (!shared.has(at)) shared.set(at, make());
  return shared.get(at) as T;
}

/** Tidying up is not stopped by what made it necessary. */
function uninterrupted(options: HandleOptions): HandleOptions {
  const ctx = { ...options.ctx, signal: new AbortController().signal };
  return { ...options, ctx, progress: () => {} };
}

/** What goes over streams of its own, beside the session. */
function beside(options: HandleOptions, at: () => Promise<Station>): Pick<Host, 'send' | 'receive' | 'dial'> {
  return {
    send: async (content, program, run = {}) => {
      const place = await at();
      const total = 'bytes' in content ? content.bytes.length : content.size;
      const step = stepOf(options, place, program, run);
      const onSent = run.onSent ?? meter(options, total);
      const sent = await place.remote.send(content, step, place.become, onSent);
      return checked(sent, run.anyExit);
    },
    receive: async (program, toPath, run = {}) => {
      const place = await at();
      const step = stepOf(options, place, program, run);
      const { output, bytes } = await place.remote.receive(step, place.become, toPath);
      checked(output, run.anyExit);
      return bytes;
    },
    dial: async (socket, via, run = {}) => {
      const place = await at();
      return place.remote.dial(socket, stepOf(options, place, via, run), place.become);
    },
  };
}

function checked(output: Output, anyExit: boolean | undefined): Output {
  if (output.code !== 0 && !anyExit) throw commandFailed(output);
  return output;
}

function stepOf(options: HandleOptions, place: Station, program: Program, run: RunOptions): Step {
  return {
    script: program.text,
    environment: place.environment,
    timeout: run.timeout ?? options.timeout,
    onOutput: run.onOutput ?? options.onOutput,
  };
}

function meter(options: HandleOptions, total: number): (bytes: number) => void {
  const sent = createMeter(total);
  return (bytes) => {
    const line = sent.at(bytes);
    if (line) options.progress(line.text, line.fraction);
  };
}

/** Waits for what others bring about, or rejects with task.cancelled as soon as the run is interrupted. */
export function until<T>(event: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(interrupted());
    if (signal.aborted) return stop();
    signal.addEventListener('abort', stop, { once: true });
    event.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}

/** Waits, or rejects with task.cancelled as soon as the run is interrupted. */
export function sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(interrupted());
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop);
      resolve();
    }, milliseconds);
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
}
