import type Docker from 'dockerode';
import { PassThrough, Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { SlipwayError } from '../../../base/errors.ts';
import type { Work } from './apply.ts';
import type { Container } from './inspected.ts';

/** Characters of output that are kept, its last ones. */
const KEPT = 256 * 1024;

/** Reads what a container prints, both its streams as they come. Resolves when it has nothing more to say. */
async function read(
  docker: Docker,
  stream: NodeJS.ReadableStream,
  tty: boolean,
  onLine: (line: string) => void = () => {},
): Promise<string> {
  const plain = tty ? stream : joined(docker, stream);
  const decoder = new StringDecoder('utf8');
  let text = '';
  for await (const chunk of plain) {
    text = `${text}${typeof chunk === 'string' ? chunk : decoder.write(chunk)}`.slice(-KEPT);
    const line = text.trimEnd().split('\n').at(-1);
    if (line) onLine(line);
  }
  return text + decoder.end();
}

/** Without a terminal the Engine puts both streams into one, in frames. */
function joined(docker: Docker, stream: NodeJS.ReadableStream): NodeJS.ReadableStream {
  const plain = new PassThrough();
  docker.modem.demuxStream(stream, plain, plain);
  stream.on('end', () => plain.end());
  stream.on('error', (error) => plain.destroy(error));
  return plain;
}

const isTerminal = ({ Config }: Container) => Config['Tty'] === true;

/** The last lines of its log; empty where its log driver cannot be read. */
export async function logOf(
  { docker }: Pick<Work, 'docker'>,
  container: Docker.Container,
  found: Container,
): Promise<string> {
  try {
    const log: unknown = await container.logs({ stdout: true, stderr: true, tail: 50, follow: false });
    // What happens to be JSON dockerode has parsed.
    const bytes = Buffer.isBuffer(log) ? log : Buffer.from(JSON.stringify(log));
    return await read(docker, Readable.from([bytes]), isTerminal(found));
  } catch {
    return '';
  }
}

/** Starts it, keeps what it prints, and waits until it ends. @throws {SlipwayError} task.failed by its exit code */
export async function runToItsEnd(work: Work, container: Docker.Container): Promise<void> {
  const { docker, host, plan, ready } = work;
  const { p } = ready;
  const before = (await container.inspect()) as unknown as Container;
  const stream = await container.attach({ stream: true, stdout: true, stderr: true });
  if (!before.State.Running) await container.start();
  host.progress(`waits for ${p.name} to end`);
  const output = await read(docker, stream, isTerminal(before), (line) =>
    host.progress(`${p.name}: ${line}`),
  );
  await container.wait();
  const after = (await container.inspect()) as unknown as Container;
  const status = after.State.ExitCode ?? 0;
  Object.assign(plan.outcome, { status, output, container: after });
  if (p.cleanup || p.auto_remove) await container.remove({ v: p.keep_volumes === false });
  if (status === 0) return;
  const last = output.trim().split('\n').at(-1);
  throw new SlipwayError(
    'task.failed',
    `${p.name} ended with exit code ${status}${last ? `: ${last}` : ''}`,
    {
      data: { rc: status, status, stdout: output, stderr: '' },
    },
  );
}
