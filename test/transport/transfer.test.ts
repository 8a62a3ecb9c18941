import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createTransport } from '../../src/transport/transport.ts';
import type { Remote } from '../../src/transport/types.ts';
import { remoteWith, SHELLS } from './shells.ts';

const here = { name: 'here', connection: 'local', host: 'localhost' } as const;

describe('transfers', () => {
  let folder: string;
  let remote: Remote;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'slipway-transfer-'));
    remote = await createTransport().connect(here);
  });
  afterEach(() => {
    remote.close();
    rmSync(folder, { recursive: true });
  });

  test('send a file of megabytes into a command, and tell how far it is', async () => {
    const bytes = randomBytes(9_000_000);
    writeFileSync(join(folder, 'a'), bytes);
    const seen: number[] = [];
    const script = 'cat >"$TO"; echo done; exit 3';
    const step = { script, environment: { TO: join(folder, 'b') } };
    const output = await remote.send({ path: join(folder, 'a') }, step, undefined, (sent) => seen.push(sent));
    expect(output).toEqual({ code: 3, stdout: 'done\n', stderr: '' });
    expect(readFileSync(join(folder, 'b')).equals(bytes)).toBe(true);
    expect(seen.at(-1)).toBe(9_000_000);
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
  });

  test('a command that ends before it has read all is told by its exit', async () => {
    const output = await remote.send(
      { bytes: Buffer.alloc(5_000_000) },
      { script: 'echo full >&2; exit 28' },
      undefined,
    );
    expect(output).toEqual({ code: 28, stdout: '', stderr: 'full\n' });
  });

  test('a child that keeps the streams does not hold up a transfer', async () => {
    const output = await remote.send(
      { bytes: Buffer.from('x') },
      { script: 'cat; sleep 30 & echo " $!"' },
      undefined,
    );
    const [text, pid] = output.stdout.split(' ');
    expect(text).toBe('x');
    process.kill(Number(pid));
  });

  test('a file that cannot be read leaves nothing that looks whole', async () => {
    const script = `cat >"$TO.part" && mv "$TO.part" "$TO"`;
    const step = { script, environment: { TO: join(folder, 'b') } };
    const sent = remote.send({ path: join(folder, 'none') }, step, undefined);
    await expect(sent).rejects.toMatchObject({ code: 'file.missing' });
    expect(() => statSync(join(folder, 'b'))).toThrow(/ENOENT/);
  });

  test('receive binary output into a file', async () => {
    const bytes = randomBytes(3_000_000);
    writeFileSync(join(folder, 'a'), bytes);
    const script = `cat "$FROM"; echo note >&2`;
    const got = await remote.receive(
      { script, environment: { FROM: join(folder, 'a') } },
      undefined,
      join(folder, 'b'),
    );
    expect(got).toEqual({ output: { code: 0, stdout: '', stderr: 'note\n' }, bytes: 3_000_000 });
    const hash = (name: string) =>
      createHash('sha256')
        .update(readFileSync(join(folder, name)))
        .digest('hex');
    expect(hash('b')).toBe(hash('a'));
  });

  test('receive into a place that cannot be written', async () => {
    const got = remote.receive({ script: 'echo x' }, undefined, join(folder, 'no', 'such'));
    await expect(got).rejects.toMatchObject({ code: 'file.missing' });
  });

  test('a transfer is ended by its timeout and by cancel', async () => {
    const late = remote.send(
      { bytes: Buffer.from('x') },
      { script: 'cat; sleep 50', timeout: 300 },
      undefined,
    );
    await expect(late).rejects.toMatchObject({ code: 'task.timeout' });
    const running = remote.send(
      { bytes: Buffer.from('x') },
      { script: 'cat; sleep 50', onOutput: () => void remote.cancel(200) },
      undefined,
    );
    await expect(running).rejects.toMatchObject({ code: 'task.cancelled' });
  });

  test('forwards a unix socket', async () => {
    const server = createServer((socket) => socket.end('hello'));
    await new Promise<void>((resolve) => server.listen(join(folder, 'socket'), resolve));
    const stream = await remote.dial(join(folder, 'socket'), { script: 'exit 1' }, undefined);
    let text = '';
    for await (const chunk of stream) text += String(chunk);
    expect(text).toBe('hello');
    server.close();
  });

  test.each(SHELLS.filter((shell) => !shell.missing))('a long script with stdin, by $name', async (shell) => {
    const other = remoteWith(shell.command);
    const script = `: '${'é\n'.repeat(100_000)}'; tr a-z A-Z; printf '\\303\\251'`;
    const output = await other.send({ bytes: Buffer.from('abc') }, { script }, undefined);
    expect(output).toEqual({ code: 0, stdout: 'ABCé', stderr: '' });
    other.close();
  });
});
