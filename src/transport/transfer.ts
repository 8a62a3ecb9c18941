import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { SlipwayError } from '../base/errors.ts';
import type { Commands } from './commands.ts';
import { COMMAND_LIMIT, type Execution, type ExecutionOptions, feed } from './execute.ts';
import { createFileSink } from './file-sink.ts';
import type { Become, Remote, Step } from './types.ts';

const CHUNK = 256 * 1024;
const STAGE = 'umask 077; f=$(mktemp "${TMPDIR:-/tmp}/slipway.XXXXXX") && cat >"$f" && printf %s "$f"';

/** Uploads and downloads over channels of their own. */
export interface Transfers extends Pick<Remote, 'send' | 'receive'> {
  /** Puts a script into a file that only its user can read; gives the path. @throws {SlipwayError} task.command */
  stage(script: string, become: Become | undefined): Promise<string>;
}

export function createTransfers(host: string, commands: Commands): Transfers {
  async function start(
    step: Step,
    become: Become | undefined,
    options: ExecutionOptions,
  ): Promise<Execution> {
    const long = Buffer.byteLength(step.script) > COMMAND_LIMIT;
    const file = long ? await stage(step.script, become) : undefined;
    return commands.start(step, become, { ...options, file });
  }

  const stage: Transfers['stage'] = async (script, become) => {
    const output = await send({ bytes: Buffer.from(script) }, { script: STAGE }, become);
    if (output.code === 0 && output.stdout.startsWith('/')) return output.stdout;
    throw new SlipwayError('task.command', `${host}: a long script could not be put on the host`, {
      hint: 'Is /tmp there writable, and is there space left?',
      data: { ...output },
    });
  };

  const send: Remote['send'] = async (from, command, become, onProgress) => {
    const source = sourceOf(from);
    // Looked at by `feed`; the stream may fail before that is reached.
    source.on('error', () => {});
    const execution = await start(command, become, {}).catch((error: unknown) => {
      source.destroy();
      throw error;
    });
    const output = commands.finish(execution, command, become);
    output.catch(() => {});
    try {
      await feed(execution, source, onProgress);
    } catch (error) {
      // Closing stdin would let the command take half a file for a whole one.
      await commands.kill(execution, become, 0);
      throw 'path' in from ? readError(from.path, error) : error;
    }
    return output;
  };

  return {
    send,
    stage,
    async receive(command, become, toPath) {
      const sink = createFileSink(toPath);
      try {
        const execution = await start(command, become, { stdout: sink });
        sink.attach(execution.channel.stdout);
        execution.channel.stdin.end();
        const output = await commands.finish(execution, command, become);
        return { output, bytes: sink.total };
      } finally {
        await sink.close();
      }
    },
  };
}

function sourceOf(from: Parameters<Remote['send']>[0]): Readable {
  if ('stream' in from) return from.stream;
  if ('path' in from) return createReadStream(from.path, { highWaterMark: CHUNK });
  return Readable.from(chunks(from.bytes));
}

function readError(path: string, cause: unknown): SlipwayError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new SlipwayError('file.missing', `cannot read ${path}: ${why}`, {
    hint: 'Check the path and its permissions on the controller.',
    cause,
  });
}

function* chunks(bytes: Uint8Array): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += CHUNK) yield Buffer.from(bytes.subarray(at, at + CHUNK));
}
