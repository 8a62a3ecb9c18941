import { spawn, spawnSync } from 'node:child_process';
import { createReadStream, createWriteStream, mkdtempSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { SlipwayError } from '../../src/base/errors.ts';
import type { Host, RunOptions } from '../../src/module/host.ts';
import type { Program } from '../../src/module/program.ts';
import type { Output } from '../../src/transport/types.ts';

/** A shell that a target may have, as a command that takes `-c`, and the PATH it runs with. */
export interface Shell {
  readonly command: readonly string[];
  readonly path?: string;
}

const there = (...command: string[]) => spawnSync(command[0]!, [...command.slice(1), '-c', ':']).status === 0;

/** A target that has nothing but busybox: a folder in which every applet is a command. */
function busybox(): Shell {
  const folder = mkdtempSync(path.join(tmpdir(), 'applets-'));
  spawnSync('busybox', ['--install', '-s', folder]);
  return { command: [path.join(folder, 'sh')], path: folder };
}

/** The shells of this machine that a target may have, by name. */
export const shells: readonly (readonly [string, Shell])[] = [
  ['sh', { command: ['sh'] }],
  ...(there('bash') ? [['bash', { command: ['bash', '--posix'] }] as const] : []),
  ...(there('busybox', 'sh') ? [['busybox', busybox()] as const] : []),
];

function start(shell: Shell, program: Program, stdin: 'pipe' | 'ignore') {
  return spawn(shell.command[0]!, [...shell.command.slice(1), '-c', `( ${program.text}\n)`], {
    env: { ...process.env, LC_ALL: 'C', ...(shell.path !== undefined && { PATH: shell.path }) },
    stdio: [stdin, 'pipe', 'pipe'],
  });
}

/** Runs a program for real, with one of `shells`, as a session would: in a subshell, with stdin from /dev/null. */
export async function runLocally(
  shell: Shell,
  program: Program,
  stdin?: { readonly path: string } | { readonly bytes: Uint8Array } | { readonly stream: Readable },
): Promise<Output> {
  const child = start(shell, program, stdin ? 'pipe' : 'ignore');
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout!.on('data', (data: Buffer) => out.push(data));
  child.stderr!.on('data', (data: Buffer) => err.push(data));
  const ended = new Promise<number>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve(code ?? (signal ? 137 : 1)));
  });
  if (stdin && child.stdin) {
    child.stdin.on('error', () => {});
    if ('bytes' in stdin) child.stdin.end(stdin.bytes);
    else
      await pipeline('path' in stdin ? createReadStream(stdin.path) : stdin.stream, child.stdin).catch(
        () => {},
      );
  }
  const code = await ended;
  return { code, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() };
}

/** This machine as a Host: for modules whose `apply` is a function. */
export function localHost(shell: Shell): Host {
  const checked = (output: Output, options: RunOptions = {}) => {
    if (output.code !== 0 && !options.anyExit)
      throw new SlipwayError('task.command', output.stderr.trim() || `exit ${output.code}`, {
        data: { ...output },
      });
    return output;
  };
  const host: Host = {
    name: 'local',
    run: async (program, options) => checked(await runLocally(shell, program), options),
    send: async (content, program, options) => checked(await runLocally(shell, program, content), options),
    receive: async (program, toPath) => {
      const child = start(shell, program, 'ignore');
      const file = createWriteStream(toPath);
      await pipeline(child.stdout!, file);
      return file.bytesWritten;
    },
    dial: (socket) =>
      new Promise((resolve, reject) => {
        const stream = connect(socket, () => resolve(stream));
        stream.once('error', reject);
      }),
    on: () => host,
    login: () => host,
    together: (make) => make(),
    afterwards: () => {},
    progress: () => {},
    reconnect: async () => {},
    until: (event) => event,
    sleep: async () => {},
  };
  return host;
}
