import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createTransport } from '../../src/transport/transport.ts';
import type { Remote } from '../../src/transport/types.ts';
import { joinsWith } from '../kit/joins-with.ts';

const here = { name: 'here', connection: 'local', host: 'localhost' } as const;

describe('a stream to a socket of a host', () => {
  let folder: string;
  let socket: string;
  let remote: Remote;
  let server: Server;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'slipway-dial-'));
    socket = join(folder, 'socket');
    server = createServer((stream) => stream.pipe(stream));
    await new Promise<void>((resolve) => server.listen(socket, resolve));
    remote = await createTransport().connect(here);
  });
  afterEach(() => {
    remote.close();
    server.close();
    rmSync(folder, { recursive: true });
  });

  // Nobody listens at the first path, so that the command is asked, which knows the right one.
  const ways = [
    ['opened by the connection', () => remote.dial(socket, { script: 'exit 1' }, undefined)],
    ['through a command', () => remote.dial(`${socket}.no`, { script: joinsWith(socket) }, undefined)],
  ] as const;

  test.each(ways)('carries megabytes both ways, %s', async (_, dial) => {
    const stream = await dial();
    const bytes = randomBytes(5_000_000);
    stream.end(bytes);
    const back: Buffer[] = [];
    for await (const chunk of stream) {
      back.push(chunk as Buffer);
      // A slow reader holds the sender back instead of filling the memory.
      if (back.length % 20 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
      expect(stream.readableLength).toBeLessThan(2_000_000);
    }
    expect(Buffer.concat(back).equals(bytes)).toBe(true);
  });

  test.each(ways)('is gone when it says that it is closed, %s', async (_, dial) => {
    const stream = await dial();
    stream.write('x');
    await new Promise((resolve) => stream.once('data', resolve));
    stream.destroy();
    await new Promise((resolve) => stream.once('close', resolve));
    await expect.poll(() => connections(server)).toBe(0);
  });

  test.each(ways)('ends with an interrupt, %s', async (_, dial) => {
    const stream = await dial();
    const failed = failureOf(stream);
    await remote.cancel(200);
    expect(await failed).toMatchObject({ code: 'task.cancelled' });
  });

  test('ends with its timeout', async () => {
    const direct = await remote.dial(socket, { script: 'exit 1', timeout: 100 }, undefined);
    const step = { script: joinsWith(socket), timeout: 100 };
    const through = await remote.dial(`${socket}.no`, step, undefined);
    for (const error of await Promise.all([direct, through].map(failureOf)))
      expect(error).toMatchObject({ code: 'task.timeout' });
  });

  test('tells what a command said that could not join it', async () => {
    const stream = await remote.dial(`${socket}.no`, { script: 'echo who are you >&2; exit 7' }, undefined);
    expect(await failureOf(stream)).toMatchObject({
      code: 'task.command',
      message: 'here: exit code 7: who are you',
      data: { rc: 7 },
    });
  });
});

const connections = (server: Server) =>
  new Promise<number>((resolve) => server.getConnections((_, count) => resolve(count)));

const failureOf = (stream: Duplex) => new Promise((resolve) => stream.once('error', resolve));
