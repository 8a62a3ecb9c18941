import type { ClientChannel } from 'ssh2';
import { readFile } from 'node:fs/promises';
import { SlipwayError } from '../base/errors.ts';
import { labFolder, readState } from './folder.ts';

export interface LabSshOptions {
  readonly folder: string;
  readonly node: string;
  /** A command, or undefined for a shell. */
  readonly command?: string | undefined;
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WritableStream;
}

/** A shell on a lab host, or one command; needs no ssh program. Returns the exit code. */
export async function labSsh(options: LabSshOptions): Promise<number> {
  const lab = labFolder(options.folder);
  const state = await readState(lab);
  if (!state) throw new SlipwayError('usage', 'there is no lab here', { hint: 'Run `slipway lab up`.' });
  const node = state.nodes.find((one) => one.name === options.node);
  if (!node) {
    const names = state.nodes.map((one) => one.name).join(', ');
    throw new SlipwayError('usage', `the lab has no node ${options.node}`, { hint: `It has ${names}.` });
  }
  const { default: ssh2 } = await import('ssh2');
  const client = new ssh2.Client();
  const expected = node.hostKey.split(' ')[1];
  const { stdin, stdout } = options;
  const terminal = stdin.isTTY && stdout.isTTY;
  const size = () => ({ rows: stdout.rows ?? 24, cols: stdout.columns ?? 80, width: 0, height: 0 });
  const privateKey = await readFile(lab.key, 'utf8');
  return new Promise<number>((resolve, reject) => {
    let code = 255;
    const finish = () => {
      if (terminal) stdin.setRawMode(false);
      stdin.pause();
      client.end();
      resolve(code);
    };
    client.on('error', (cause) =>
      reject(
        new SlipwayError('lab.failed', `${node.name} cannot be reached: ${cause.message}`, {
          hint: 'Is the lab up? See `slipway lab status`.',
          cause,
        }),
      ),
    );
    client.on('ready', () => {
      const opened = (error: Error | undefined, channel: ClientChannel) => {
        if (error) return reject(new SlipwayError('lab.failed', error.message, { cause: error }));
        if (terminal) {
          stdin.setRawMode(true);
          stdout.on('resize', () => channel.setWindow(size().rows, size().cols, 0, 0));
        }
        channel.on('exit', (status: number | null) => (code = status ?? 255));
        channel.on('close', finish);
        stdin.pipe(channel);
        channel.pipe(stdout, { end: false });
        channel.stderr.pipe(options.stderr, { end: false });
      };
      const pty = terminal ? { ...size(), term: process.env['TERM'] ?? 'xterm' } : false;
      if (options.command === undefined) client.shell(pty, opened);
      else client.exec(options.command, { pty }, opened);
    });
    client.connect({
      host: node.address,
      port: node.port,
      username: 'root',
      privateKey,
      hostVerifier: (key: Buffer) => key.toString('base64') === expected,
    });
  });
}
