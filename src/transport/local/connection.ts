import { spawn } from 'node:child_process';
import net from 'node:net';
import { constants as osConstants } from 'node:os';
import type { Duplex } from 'node:stream';
import { SlipwayError } from '../../base/errors.ts';
import type { Channel, Connection } from '../types.ts';

/** This machine as a host. Each command gets a process group of its own, so that Ctrl-C reaches ours alone. */
export function openLocal(host: string): Connection {
  const channels = new Set<Channel>();
  let close: (reason: undefined) => void = () => {};
  const closed = new Promise<Error | undefined>((resolve) => {
    close = resolve;
  });
  return {
    host,
    closed,
    async open(command) {
      const channel = spawnChannel(host, command);
      channels.add(channel);
      const forget = () => void channels.delete(channel);
      channel.exit.then(forget, forget);
      return channel;
    },
    forwardUnix: (path) => connectUnix(host, path),
    close() {
      for (const channel of channels) channel.close();
      close(undefined);
    },
  };
}

export function spawnChannel(host: string, command: string): Channel {
  const child = spawn('/bin/sh', ['-c', command], { stdio: 'pipe', detached: true });
  const { stdin, stdout, stderr } = child;
  const exit = new Promise<{ code: number }>((resolve, reject) => {
    child.on('error', (cause) =>
      reject(
        new SlipwayError('connect.shell', `${host}: /bin/sh cannot be started here: ${cause.message}`, {
          cause,
        }),
      ),
    );
    // Not `close`: what a step left in the background may hold the pipes for ever. What is in them is read first.
    child.on('exit', (code, signal) => {
      const settle = () => resolve({ code: code ?? 128 + signalNumber(signal) });
      const pending = [stdout, stderr].filter((stream) => !stream.readableEnded && !stream.destroyed);
      if (pending.length === 0) return settle();
      child.once('close', settle);
      setTimeout(settle, 500).unref();
    });
  });
  exit.catch(() => {});
  return {
    stdin,
    stdout,
    stderr,
    exit,
    close() {
      stdin.destroy();
      stdout.destroy();
      stderr.destroy();
      // Only the shell: daemons that a step left behind stay, as they do over SSH. Another user's (sudo) refuses the
      // signal, and is ended by its closed stdin.
      child.kill('SIGHUP');
    },
  };
}

function signalNumber(signal: NodeJS.Signals | null): number {
  return signal === null ? 0 : (osConstants.signals[signal] ?? 0);
}

function connectUnix(host: string, path: string): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const socket = net.connect(path);
    socket.once('connect', () => resolve(socket));
    socket.once('error', (cause) =>
      reject(
        new SlipwayError('connect.refused', `${host}: cannot open the socket ${path}: ${cause.message}`, {
          hint: 'Is the service that listens there running, and may this user open its socket?',
          cause,
        }),
      ),
    );
  });
}
