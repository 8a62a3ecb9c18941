import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { runDetached } from '../../src/transport/detached.ts';
import { createTransport, type TransportOptions } from '../../src/transport/transport.ts';
import type { HostAddress, Output, Transport } from '../../src/transport/types.ts';
import { countWaits } from './transport/flights.ts';
import { freePort, generateKey, SSHD, type Sshd, startSshd, withoutSshd } from './transport/sshd.ts';

if (withoutSshd) console.error(`SKIPPED: ${SSHD} is not installed, SSH is not tested`);

describe.skipIf(withoutSshd)('SSH to OpenSSH on loopback', () => {
  let sshd: Sshd;
  let transport: Transport;
  beforeAll(async () => {
    sshd = await startSshd([], ['ed25519', 'rsa']);
  });
  afterAll(() => sshd.stop());
  beforeEach(() => {
    transport = create();
  });
  afterEach(() => transport.close());

  const create = (options: TransportOptions = {}) =>
    createTransport({ knownHostsFiles: [sshd.knownHosts], sshConfigFiles: [], ...options });
  const address = (more: Partial<HostAddress> = {}): HostAddress => ({
    name: 'n1',
    connection: 'ssh',
    host: '127.0.0.1',
    port: sshd.port,
    privateKeyFile: sshd.keyFile,
    ...more,
  });

  test('runs steps in a session', async () => {
    const remote = await transport.connect(address());
    const session = await remote.session(undefined);
    expect(await remote.session(undefined)).toBe(session);
    const outputs = await Promise.all([
      session.run({ script: 'echo $PPID; exit 3' }),
      session.run({ script: 'cat; echo x >&2' }),
    ]);
    expect(outputs).toMatchObject([{ code: 3 }, { code: 0, stdout: '', stderr: 'x\n' }]);
    expect(remote.roundTrips).toBe(2);
  });

  test('from the first greeting to the first answer of a command are six waits', async () => {
    const way = await countWaits(sshd.port);
    const remote = await create({ knownHostsFiles: ['/dev/null'], acceptNewHostKeys: true }).connect(
      address({ port: way.port, hostKeyChecking: 'no' }),
    );
    expect(await (await remote.session(undefined)).run({ script: 'echo x' })).toMatchObject({
      stdout: 'x\n',
    });
    // Greetings, keys, login, channel, command (which sshd gives no window before), answer.
    expect(way.waits()).toBe(6);
    remote.close();
    way.close();
  });

  test('a step that runs too long is killed with its children, over a second channel', async () => {
    const remote = await transport.connect(address());
    const session = await remote.session(undefined);
    const nap = `4321.${process.pid}`;
    const late = session.run({ script: `sleep ${nap} & sleep ${nap}`, timeout: 500 });
    await expect(late).rejects.toMatchObject({ code: 'task.timeout' });
    expect(await session.run({ script: `ps ax | grep '[s]leep ${nap}' | grep -v grep` })).toMatchObject({
      stdout: '',
    });
  });

  test('sends and receives megabytes intact', async () => {
    const remote = await transport.connect(address());
    const bytes = randomBytes(20_000_000);
    const [from, back] = [join(sshd.folder, 'from'), join(sshd.folder, 'back')];
    writeFileSync(from, bytes);
    const there = join(sshd.folder, 'there');
    const environment = { THERE: there };
    let last = 0;
    const sent = await remote.send(
      { path: from },
      { script: 'cat >"$THERE"; wc -c <"$THERE"', environment },
      undefined,
      (n) => {
        last = n;
      },
    );
    expect(sent).toEqual({ code: 0, stdout: '20000000\n', stderr: '' });
    expect(last).toBe(20_000_000);
    const got = await remote.receive({ script: 'cat "$THERE"; exit 4', environment }, undefined, back);
    expect(got).toEqual({ output: { code: 4, stdout: '', stderr: '' }, bytes: 20_000_000 });
    expect(readFileSync(back).equals(bytes)).toBe(true);
  });

  test('opens a unix socket on the host', async () => {
    const path = join(sshd.folder, 'socket');
    const server = net.createServer((socket) => socket.pipe(socket));
    await new Promise<void>((resolve) => server.listen(path, resolve));
    const remote = await transport.connect(address());
    const stream = await remote.dial(path, { script: 'exit 1' }, undefined);
    stream.write('ping');
    const [echo] = await new Promise<Buffer[]>((resolve) =>
      stream.once('data', (data: Buffer) => resolve([data])),
    );
    expect(String(echo)).toBe('ping');
    stream.destroy();
    server.close();
    // Where the server does not open it, the command is asked, and says why.
    const refused = await remote.dial(`${path}.none`, { script: 'echo no such >&2; exit 1' }, undefined);
    const error = await new Promise((resolve) => refused.once('error', resolve));
    expect(error).toMatchObject({ code: 'task.command', data: { rc: 1, stderr: 'no such\n' } });
  });

  test('a stream to a socket ends with the connection, and says so', async () => {
    const path = join(sshd.folder, 'socket2');
    const server = net.createServer((socket) => void socket.on('error', () => {}));
    await new Promise<void>((resolve) => server.listen(path, resolve));
    const remote = await transport.connect(address());
    const stream = await remote.dial(path, { script: 'exit 1' }, undefined);
    const other = await remote.dial(`${path}.none`, { script: 'cat' }, undefined);
    const errors = [stream, other].map((one) => new Promise((resolve) => one.once('error', resolve)));
    sshd.cut();
    for (const error of await Promise.all(errors)) expect(error).toMatchObject({ code: 'connect.lost' });
    server.close();
  });

  describe('host keys', () => {
    test('an unknown one is refused, then pinned when asked, then known', async () => {
      const file = join(sshd.folder, 'fresh', 'known_hosts');
      const unknown = create({ knownHostsFiles: [file] }).connect(address());
      await expect(unknown).rejects.toMatchObject({ code: 'connect.host-key', data: { verdict: 'unknown' } });
      (await create({ knownHostsFiles: [file], acceptNewHostKeys: true }).connect(address())).close();
      expect(readFileSync(file, 'utf8')).toBe(`[127.0.0.1]:${sshd.port} ${sshd.hostKeys[0]}\n`);
      (await create({ knownHostsFiles: [file] }).connect(address())).close();
    });

    test('a changed one is refused even where new ones are accepted', async () => {
      const file = join(sshd.folder, 'changed');
      generateKey(join(sshd.folder, 'other'));
      const other = readFileSync(join(sshd.folder, 'other.pub'), 'utf8');
      writeFileSync(file, `# mine\n[127.0.0.1]:${sshd.port} ${other}`);
      const changed = create({ knownHostsFiles: [file], acceptNewHostKeys: true }).connect(address());
      await expect(changed).rejects.toMatchObject({
        code: 'connect.host-key',
        message: expect.stringContaining(`${file}:2`),
        hint: expect.stringContaining('ssh-keygen -f'),
      });
    });

    test('the server is asked for the type of key that is known', async () => {
      const file = join(sshd.folder, 'rsa-only');
      writeFileSync(file, `[127.0.0.1]:${sshd.port} ${sshd.hostKeys[1]}\n`);
      (await create({ knownHostsFiles: [file] }).connect(address())).close();
    });

    test('a hashed file is understood', async () => {
      const file = join(sshd.folder, 'hashed');
      writeFileSync(file, readFileSync(sshd.knownHosts));
      execFileSync('ssh-keygen', ['-q', '-H', '-f', file], { stdio: 'ignore' });
      (await create({ knownHostsFiles: [file] }).connect(address())).close();
    });
  });

  describe('logging in', () => {
    test('a key that is not let in: what was tried, and what the host accepts', async () => {
      const stranger = join(sshd.folder, 'stranger');
      generateKey(stranger);
      process.env['SSH_AUTH_SOCK'] = '';
      await expect(transport.connect(address({ privateKeyFile: stranger }))).rejects.toMatchObject({
        code: 'connect.auth',
        message: expect.stringContaining(`tried key ${stranger}`),
        hint: expect.stringContaining('The host accepts: publickey'),
        data: { tried: [`key ${stranger}`] },
      });
      await expect(transport.connect(address({ privateKeyFile: '/none' }))).rejects.toMatchObject({
        code: 'connect.auth',
        message: expect.stringContaining('/none: no such file'),
      });
    });

    test('a password that the host does not take is no surprise', async () => {
      const given = transport.connect(address({ privateKeyFile: '/none', password: 'secret-word' }));
      await expect(given).rejects.toMatchObject({
        code: 'connect.auth',
        hint: expect.stringContaining('authorized_keys'),
      });
      await expect(given).rejects.not.toMatchObject({ message: expect.stringContaining('secret-word') });
    });

    test.each([
      ['ed25519', 'ssh-ed25519'],
      ['rsa', 'rsa-sha2-256'],
      ['ecdsa', 'ecdsa-sha2-nistp256'],
    ])('a key of type %s is let in at the first request', async (type, algorithm) => {
      const only = await startSshd([`PubkeyAcceptedAlgorithms ${algorithm}`, 'LogLevel DEBUG2']);
      try {
        const file = join(only.folder, `login_${type}`);
        generateKey(file, type);
        writeFileSync(join(only.folder, 'authorized_keys'), readFileSync(`${file}.pub`));
        const own = create({ knownHostsFiles: [only.knownHosts] });
        (await own.connect(address({ port: only.port, privateKeyFile: file }))).close();
        await expect.poll(() => only.log()).toContain('Accepted publickey for');
        // What sshd says to a key that is only asked for.
        expect(only.log()).not.toContain('Postponed publickey');
      } finally {
        only.stop();
      }
    });

    test('an encrypted key asks once for all hosts', async () => {
      const locked = join(sshd.folder, 'locked');
      generateKey(locked, 'ed25519', 'open sesame');
      const keys = join(sshd.folder, 'authorized_keys');
      writeFileSync(keys, readFileSync(keys, 'utf8') + readFileSync(`${locked}.pub`, 'utf8'));
      const asked: string[] = [];
      const passphrase = async (file: string) => {
        asked.push(file);
        return 'open sesame';
      };
      const own = create({ credentials: { passphrase } });
      const remotes = await Promise.all(
        ['a', 'b', 'c'].map((name) => own.connect(address({ name, privateKeyFile: locked }))),
      );
      expect(remotes.map((remote) => remote.name)).toEqual(['a', 'b', 'c']);
      expect(asked).toEqual([locked]);
      own.close();
      const wrong = create({ credentials: { passphrase: async () => 'no' } }).connect(
        address({ privateKeyFile: locked }),
      );
      await expect(wrong).rejects.toMatchObject({
        message: expect.stringContaining('the passphrase is wrong'),
      });
      const nobody = transport.connect(address({ privateKeyFile: locked }));
      await expect(nobody).rejects.toMatchObject({
        message: expect.stringContaining('no passphrase was given'),
      });
    });

    test('the agent, and the configured key first among its keys', async () => {
      const socket = join(sshd.folder, 'agent');
      const agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: ['ignore', 'pipe', 'ignore'] });
      await new Promise((resolve) => agent.stdout.once('data', resolve));
      const env = { ...process.env, SSH_AUTH_SOCK: socket };
      for (let index = 0; index < 8; index++) {
        generateKey(join(sshd.folder, `spare${index}`));
        execFileSync('ssh-add', ['-q', join(sshd.folder, `spare${index}`)], { env, stdio: 'ignore' });
      }
      execFileSync('ssh-add', ['-q', sshd.keyFile], { env, stdio: 'ignore' });
      process.env['SSH_AUTH_SOCK'] = socket;
      try {
        // The ninth key of the agent: without an order the server gives up after six.
        (await transport.connect(address())).close();
        const lost = transport.connect(address({ privateKeyFile: join(sshd.folder, 'spare0') }));
        await expect(lost).rejects.toMatchObject({ code: 'connect.auth' });
      } finally {
        process.env['SSH_AUTH_SOCK'] = '';
        agent.kill();
      }
    });
  });

  describe('failures on the way', () => {
    test('nothing listens', async () => {
      const port = await freePort();
      await expect(transport.connect(address({ port }))).rejects.toMatchObject({ code: 'connect.refused' });
    });

    test('a name that does not exist', async () => {
      const host = 'no-such-host.invalid';
      await expect(transport.connect(address({ host }))).rejects.toMatchObject({ code: 'connect.dns' });
    });

    test('silence', async () => {
      const server = net.createServer(() => {});
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const { port } = server.address() as net.AddressInfo;
      const silent = transport.connect(address({ port, connectTimeout: 300 }));
      await expect(silent).rejects.toMatchObject({ code: 'connect.timeout', data: { timeout: 300 } });
      server.close();
    });

    test.each([
      ['another protocol', 'HTTP/1.1 400 Bad Request\r\n\r\n'],
      ['nothing but an end', ''],
    ])('%s', async (_, greeting) => {
      const server = net.createServer((socket) => socket.end(greeting));
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const { port } = server.address() as net.AddressInfo;
      await expect(transport.connect(address({ port }))).rejects.toMatchObject({ code: 'connect.protocol' });
      server.close();
    });

    test('a run that is interrupted', async () => {
      const server = net.createServer(() => {});
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const { port } = server.address() as net.AddressInfo;
      const abort = new AbortController();
      server.once('connection', () => abort.abort(new Error('interrupted')));
      await expect(transport.connect(address({ port }), abort.signal)).rejects.toThrow('interrupted');
      server.close();
    });
  });

  describe('a connection that is lost', () => {
    test('midway: the step says so, those behind it too, and a new connection works', async () => {
      const remote = await transport.connect(address());
      const session = await remote.session(undefined);
      let up: () => void = () => {};
      const begun = new Promise<void>((resolve) => (up = resolve));
      const results = Promise.allSettled([
        session.run({ script: 'echo up; sleep 30', onOutput: () => up() }),
        session.run({ script: 'echo behind' }),
        remote.send({ bytes: Buffer.from('x') }, { script: 'cat; sleep 30' }, undefined),
      ]);
      await begun;
      sshd.cut();
      expect(await results).toMatchObject([
        { reason: { code: 'connect.lost', data: { started: true, stdout: 'up\n' } } },
        { reason: { code: 'connect.lost' } },
        { reason: { code: 'connect.lost' } },
      ]);
      await expect(session.run({ script: 'true' })).rejects.toMatchObject({ code: 'connect.lost' });
      await remote.reconnect(10_000);
      expect(((await session.run({ script: 'echo again' })) as Output).stdout).toBe('again\n');
    });

    test('a detached step goes on, is found again, and runs once', async () => {
      const remote = await transport.connect(address());
      const ran = join(sshd.folder, 'ran');
      const seen: string[] = [];
      let cuts = 0;
      const step = {
        script: 'echo run >>"$RAN"; echo one; sleep 1; echo two >&2; sleep 1; echo three; exit 5',
        environment: { RAN: ran },
        onOutput: (_: string, text: string) => {
          seen.push(text);
          // Twice in the middle, each time after something was seen.
          if (cuts++ < 2) sshd.cut();
        },
      };
      const output = await runDetached(remote, step, { id: `e2e-${process.pid}`, reconnect: 10_000 });
      expect(output).toEqual({ code: 5, stdout: 'one\nthree\n', stderr: 'two\n' });
      expect(seen.join('')).toBe('one\ntwo\nthree\n');
      expect(readFileSync(ran, 'utf8')).toBe('run\n');
    });

    test('a host that says nothing any more is noticed', async () => {
      const config = join(sshd.folder, 'alive');
      writeFileSync(config, 'Host *\n  ServerAliveInterval 1\n');
      const own = create({ sshConfigFiles: [config] });
      const remote = await own.connect(address());
      const session = await remote.session(undefined);
      const stop = await session
        .run({ script: 'kill -STOP $PPID; sleep 20' })
        .catch((error: unknown) => error);
      expect(stop).toMatchObject({ code: 'connect.lost' });
      own.close();
    });

    test('reconnect tries until the host is back, and gives up in time', async () => {
      const own = await startSshd();
      const there = create({ knownHostsFiles: [own.knownHosts] });
      const remote = await there.connect(address({ port: own.port, privateKeyFile: own.keyFile }));
      own.stop();
      await expect(remote.reconnect(1_500)).rejects.toMatchObject({ code: 'connect.refused' });
      there.close();
    });
  });

  describe('jump hosts', () => {
    test('a chain of them, each with its own key and name', async () => {
      const [one, two] = [await startSshd(), await startSshd()];
      try {
        const config = join(sshd.folder, 'jumps');
        writeFileSync(
          config,
          [one, two]
            .map(
              (hop, at) =>
                `Host hop${at}\n HostName 127.0.0.1\n Port ${hop.port}\n IdentityFile ${hop.keyFile}\n`,
            )
            .join(''),
        );
        const known = join(sshd.folder, 'known-jumps');
        writeFileSync(known, [sshd, one, two].map((hop) => readFileSync(hop.knownHosts, 'utf8')).join(''));
        const own = create({ sshConfigFiles: [config], knownHostsFiles: [known] });
        const jumps = ['hop0', 'hop1'];
        const remotes = await Promise.all(
          ['a', 'b', 'c'].map((name) => own.connect(address({ name, jumps }))),
        );
        const outputs = await Promise.all(
          remotes.map(async (remote) =>
            (await remote.session(undefined)).run({ script: 'echo "${SSH_CONNECTION##* }"' }),
          ),
        );
        for (const output of outputs) expect(output?.stdout).toBe(`${sshd.port}\n`);
        // All three go through one connection to each hop.
        expect(one.log().match(/Accepted publickey/g)).toHaveLength(1);
        expect(two.log().match(/Accepted publickey/g)).toHaveLength(1);

        const closed = await freePort();
        await expect(own.connect(address({ jumps, port: closed }))).rejects.toMatchObject({
          code: 'connect.refused',
        });
        const nameless = own.connect(address({ jumps, host: 'no-such-host.invalid' }));
        await expect(nameless).rejects.toMatchObject({ code: expect.stringMatching(/dns|unreachable/) });
        one.cut();
        const session = await remotes[0]!.session(undefined);
        await expect(session.run({ script: 'true' })).rejects.toMatchObject({ code: 'connect.lost' });
        await remotes[0]!.reconnect(5_000);
        expect(await session.run({ script: 'echo back' })).toMatchObject({ stdout: 'back\n' });
        own.close();
        const unknown = create({ sshConfigFiles: [config] }).connect(address({ jumps }));
        await expect(unknown).rejects.toMatchObject({
          code: 'connect.host-key',
          message: expect.stringContaining('jump host hop0'),
        });
      } finally {
        one.stop();
        two.stop();
      }
    });
  });

  test('a server that allows two sessions gets no more than two', async () => {
    const own = await startSshd(['MaxSessions 2']);
    const there = create({ knownHostsFiles: [own.knownHosts] });
    const remote = await there.connect(address({ port: own.port, privateKeyFile: own.keyFile }));
    const all = Array.from({ length: 12 }, (_, at) =>
      remote.send({ bytes: Buffer.from(String(at)) }, { script: 'cat; sleep 0.05' }, undefined),
    );
    expect((await Promise.all(all)).map((output) => output.stdout)).toEqual(all.map((_, at) => String(at)));
    there.close();
    own.stop();
  });
});
