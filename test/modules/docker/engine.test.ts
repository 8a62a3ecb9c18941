import { mkdtempSync, rmSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Host } from '../../../src/module/host.ts';
import type { SlipwayError } from '../../../src/base/errors.ts';
import { statusOf, withEngine } from '../../../src/modules/docker/engine/client.ts';
import { metered } from '../../../src/modules/docker/engine/upload.ts';
import { follow } from '../../../src/modules/docker/engine/follow.ts';
import { hintFor } from '../../../src/modules/docker/engine/hints.ts';
import { createTransport } from '../../../src/transport/transport.ts';
import type { Remote } from '../../../src/transport/types.ts';
import { joinsWith } from '../../kit/joins-with.ts';

type Answer = (request: http.IncomingMessage, response: http.ServerResponse) => void;

describe('the Engine of a host', () => {
  let folder: string;
  let socket: string;
  let remote: Remote;
  let server: http.Server;
  let answer: Answer;
  let sockets: number;
  const progressed: string[] = [];

  /** `say`: what the command does where the socket is not opened by the connection. */
  const hostWith = (say: string): Host =>
    ({
      name: 'n1',
      dial: (path: string) => remote.dial(path, { script: say }, undefined),
      progress: (text: string) => void progressed.push(text),
    }) as unknown as Host;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'slipway-engine-'));
    socket = join(folder, 'docker.sock');
    sockets = 0;
    progressed.length = 0;
    server = http.createServer((request, response) => answer(request, response));
    server.on('connection', () => sockets++);
    await new Promise<void>((resolve) => server.listen(socket, resolve));
    remote = await createTransport().connect({ name: 'n1', connection: 'local', host: 'localhost' });
  });
  afterEach(() => {
    remote.close();
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true });
  });

  const ways = [
    ['over a forwarded socket', () => ({ host: hostWith('exit 1'), at: socket })],
    ['through a command', () => ({ host: hostWith(joinsWith(socket)), at: `${socket}.no` })],
  ] as const;

  test.each(ways)('questions share one stream, %s', async (_, way) => {
    answer = (request, response) => response.end(JSON.stringify({ asked: request.url }));
    const { host, at } = way();
    const asked = await withEngine(host, { socket: at }, async (docker) => {
      const first = await docker.info();
      const second = await docker.version();
      return [first, second];
    });
    expect(asked).toEqual([{ asked: '/info' }, { asked: '/version' }]);
    expect(sockets).toBe(1);
    await expect
      .poll(() => new Promise((resolve) => server.getConnections((_, count) => resolve(count))))
      .toBe(0);
  });

  test('the settings of the controller’s own docker do not count', async () => {
    answer = (request, response) => response.end(JSON.stringify({ asked: request.url }));
    const own = { DOCKER_HOST: 'tcp://10.0.0.1:2376', DOCKER_CERT_PATH: '/none', DOCKER_PATH_PREFIX: '/p' };
    for (const [name, value] of Object.entries(own)) vi.stubEnv(name, value);
    const asked = await withEngine(hostWith('exit 1'), { socket }, (docker) => docker.version());
    expect(asked).toEqual({ asked: '/version' });
    expect(process.env['DOCKER_HOST']).toBe(own.DOCKER_HOST);
    vi.unstubAllEnvs();
  });

  test('what it says no to is an error in its words, and its status is known', async () => {
    answer = (_, response) => {
      response.writeHead(409, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ message: 'conflict: the name is in use' }));
    };
    let status: number | undefined;
    const asked = withEngine(hostWith('exit 1'), { socket }, async (docker) => {
      try {
        await docker.createContainer({});
      } catch (error) {
        status = statusOf(error);
        throw error;
      }
    });
    await expect(asked).rejects.toMatchObject({
      code: 'task.failed',
      message: 'the Docker Engine says: conflict: the name is in use',
      data: { status: 409 },
    });
    expect(status).toBe(409);
  });

  test.each([
    ['dial unix: connect: permission denied', 'refuses this user', 'become: true'],
    ['sh: 1: exec: docker: not found', 'there is no Docker Engine', 'Install it'],
    ['dial unix: connect: no such file or directory', 'does not run', 'Start it'],
    ['something new', 'cannot be reached', 'docker version'],
  ])('%s', async (said, message, hint) => {
    const host = hostWith(`echo 'failed to open the raw stream connection: ${said}' >&2; exit 1`);
    const error = await withEngine(host, { socket: `${socket}.no` }, (docker) => docker.ping()).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toMatchObject({ code: 'task.failed' });
    expect((error as SlipwayError).message).toContain(message);
    expect((error as SlipwayError).hint).toContain(hint);
  });

  // As 26.1 says it with the containerd store.
  test('a pulled name that the registry does not have', () => {
    const said = 'failed to resolve reference "localhost:5000/a:1": localhost:5000/a:1: not found';
    expect(hintFor(said)).toContain('the registry has no such image');
  });

  test.each(ways)('one that goes away midway is told, %s', async (_, way) => {
    answer = (request, response) => {
      response.write('{"stream":"Step 1"}\n');
      setTimeout(() => request.socket.destroy(), 50);
    };
    const { host, at } = way();
    const built = withEngine(host, { socket: at }, async (docker) => {
      const stream = await docker.pull('x:1');
      return follow(stream, { host, doing: 'pulling x:1' });
    });
    await expect(built).rejects.toMatchObject({
      code: 'task.failed',
      message: 'the Docker Engine went away midway',
    });
  });

  test.each(ways)('an interrupt ends what is asked, %s', async (_, way) => {
    answer = () => setTimeout(() => void remote.cancel(100), 20);
    const { host, at } = way();
    await expect(withEngine(host, { socket: at }, (docker) => docker.info())).rejects.toMatchObject({
      code: 'task.cancelled',
    });
  });

  test('what is to be sent and cannot be read is no half of it', async () => {
    let arrived: string | undefined;
    answer = (request) => {
      request.on('data', () => {});
      request.on('error', () => (arrived = 'cut off'));
      request.on('end', () => (arrived = 'all'));
    };
    const host = hostWith('exit 1');
    const source = new PassThrough();
    source.write('half of it');
    const body = metered(source, 1_000_000, host, 'loading a.tar');
    const loaded = withEngine(host, { socket }, async (docker) => {
      setTimeout(() => source.destroy(new Error('a.tar: input/output error')), 50);
      return docker.loadImage(body);
    });
    await expect(loaded).rejects.toMatchObject({
      code: 'file.missing',
      message: expect.stringContaining('loading a.tar: what is to be sent cannot be read: a.tar: input'),
    });
    await expect.poll(() => arrived).toBe('cut off');
  });

  test.each(ways)('what it says before it has all is heard, %s', async (_, way) => {
    answer = (request, response) => {
      request.once('data', () => {
        response.writeHead(500, { 'content-type': 'application/json' });
        response.end(JSON.stringify({ message: 'write: no space left on device' }));
      });
    };
    const { host, at } = way();
    const source = Readable.from(Array.from({ length: 400 }, () => Buffer.alloc(100_000)));
    const body = metered(source, 40_000_000, host, 'loading a.tar');
    const loaded = withEngine(host, { socket: at }, async (docker) => docker.loadImage(body));
    await expect(loaded).rejects.toMatchObject({
      code: 'task.failed',
      message: 'the Docker Engine says: write: no space left on device',
      hint: expect.stringContaining('Make room'),
    });
    body.destroy();
    expect(source.destroyed).toBe(true);
  });

  test('a fault of whoever asks is nobody else’s', async () => {
    const wrong = withEngine(hostWith('exit 1'), { socket }, async () => {
      throw new TypeError('x is not a function');
    });
    await expect(wrong).rejects.toBeInstanceOf(TypeError);
  });

  describe('its events', () => {
    const streamed = (...parts: string[]) => {
      const stream = new PassThrough();
      for (const part of parts) stream.write(part);
      stream.end();
      return stream;
    };

    test('an error among them is an error, whatever comes after', async () => {
      const events = streamed(
        '{"stream":"Step 1/2\\n"}\r\n{"errorDetail":{"message":"no space left"},"er',
        'ror":"no space left"}\r\n{"status":"done"}\r\n',
      );
      await expect(follow(events, { host: hostWith(''), doing: 'loading a.tar' })).rejects.toMatchObject({
        code: 'task.failed',
        message: 'loading a.tar: no space left',
        hint: expect.stringContaining('Make room'),
        data: { stdout: 'Step 1/2\n' },
      });
    });

    test('tell how far the layers are, and what came of them', async () => {
      const line = (id: string, current: number) =>
        `${JSON.stringify({ status: 'Pushing', id, progressDetail: { current, total: 2_000_000 } })}\n`;
      const done = await follow(
        streamed(line('a', 500_000), line('b', 1_500_000), '{"aux":{"Digest":"sha256:1"}}'),
        { host: hostWith(''), doing: 'pushing x:1' },
      );
      expect(progressed[0]).toMatch(/^pushing x:1: 500 kB of 2\.0 MB, 25 %/);
      expect(progressed).toHaveLength(1);
      expect(done.aux).toEqual([{ Digest: 'sha256:1' }]);
    });
  });
});
