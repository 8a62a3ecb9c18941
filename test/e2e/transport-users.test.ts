import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createTransport } from '../../src/transport/transport.ts';
import type { Become, HostAddress, Output, Transport } from '../../src/transport/types.ts';
import { noContainer, startUsersHost, type UsersHost } from './transport/container.ts';

const missing = noContainer();
if (missing !== undefined) console.error(`SKIPPED: sudo, su and login shells are not tested: ${missing}`);

describe.skipIf(missing !== undefined)('users of a real host', () => {
  let host: UsersHost;
  let transport: Transport;
  beforeAll(() => {
    host = startUsersHost();
  });
  afterAll(() => host?.stop());
  beforeEach(() => {
    transport = createTransport({ knownHostsFiles: [host.knownHosts], sshConfigFiles: [] });
  });
  afterEach(() => transport.close());

  const address = (user: string, more: Partial<HostAddress> = {}): HostAddress => ({
    name: 'n1',
    connection: 'ssh',
    host: '127.0.0.1',
    port: host.port,
    privateKeyFile: host.keyFile,
    user,
    ...more,
  });
  const sudo = (password?: string, user = 'root'): Become => ({ method: 'sudo', user, password });
  const installed = (user: string) => host.root(`id -u ${user} 2>/dev/null || true`).trim() !== '';

  /** One step in a session, with its own stderr and exit code, and one over a channel of its own. */
  async function tryOut(user: string, become: Become | undefined): Promise<string[]> {
    const remote = await transport.connect(address(user));
    const session = await remote.session(become);
    const [step, next] = (await Promise.all([
      session.run({ script: `id -un; echo "it's \\"!\\" here" >&2; umask; exit 3` }),
      session.run({ script: 'echo next' }),
    ])) as [Output, Output];
    const script = `id -un; cat; printf '%s\\n' "!x" 'a\\b' "$V"`;
    const sent = await remote.send(
      { bytes: Buffer.from('bytes ') },
      { script, environment: { V: `'!` } },
      become,
    );
    return [
      step.stdout,
      step.stderr,
      String(step.code),
      next.stdout,
      sent.stdout,
      sent.stderr,
      String(sent.code),
    ];
  }
  const right = (user: string) => [
    `${user}\n0022\n`,
    `it's "!" here\n`,
    '3',
    'next\n',
    `${user}\nbytes !x\na\\b\n'!\n`,
    '',
    '0',
  ];

  describe('login shells', () => {
    test.each([
      ['plain', 'bash'],
      ['free', 'dash'],
      ['box', 'busybox'],
      ['noisy', 'one that prints banners'],
      ['csh', 'tcsh'],
      ['fish', 'fish'],
    ])('of %s (%s)', async (user, shell) => {
      if (!installed(user)) return console.error(`SKIPPED: ${shell} could not be installed in the container`);
      expect(await tryOut(user, undefined)).toEqual(right(user));
    });

    test.each(['csh', 'fish'])('of %s, with sudo and a password', async (user) => {
      if (!installed(user)) return console.error(`SKIPPED: ${user} could not be installed in the container`);
      expect(await tryOut(user, sudo(`pw-${user}`))).toEqual(right('root'));
    });

    test('none at all', async () => {
      const remote = await transport.connect(address('nothing'));
      const session = await remote.session(undefined);
      await expect(session.run({ script: 'true' })).rejects.toMatchObject({
        code: 'connect.shell',
        message: expect.stringContaining('not available'),
      });
    });
  });

  describe('sudo', () => {
    test.each([
      ['without a password', 'free', undefined],
      ['without a password, where one was given', 'free', 'unneeded'],
      ['without a password and without use_pty, for busybox', 'box', undefined],
      ['with a password', 'asks', 'pw-asks'],
      ['from a login shell that prints banners', 'noisy', undefined],
      ['with requiretty', 'term', undefined],
      ['with requiretty and a password', 'pty', 'pw-pty'],
    ])('%s', async (_, user, password) => {
      expect(await tryOut(user, sudo(password))).toEqual(right('root'));
    });

    test('to a user without a login shell', async () => {
      expect(await tryOut('limited', sudo(undefined, 'app'))).toEqual(right('app'));
      expect(await tryOut('asks', sudo('pw-asks', 'app'))).toEqual(right('app'));
    });

    test('several users on one connection', async () => {
      const remote = await transport.connect(address('free'));
      const names = await Promise.all(
        [undefined, sudo(), sudo(undefined, 'app')].map(async (become) =>
          (await remote.session(become)).run({ script: 'id -un' }),
        ),
      );
      expect(names.map((output) => output?.stdout)).toEqual(['free\n', 'root\n', 'app\n']);
    });

    test.each([
      ['a wrong password', 'asks', sudo('wrong'), /password was not accepted/],
      ['no password where one is needed', 'asks', sudo(), /asks for a password/],
      ['a user who may not', 'plain', sudo('pw-plain'), /not allowed/],
      ['a user that does not exist', 'free', sudo(undefined, 'nobody-such'), /no such user/],
      ['requiretty and a wrong password', 'pty', sudo('wrong'), /password was not accepted/],
      ['flags that are wrong', 'free', { ...sudo(), flags: '--no-such-flag' }, /did not start a shell/],
      [
        'a command that is not there',
        'free',
        { method: 'doas', user: 'root', flags: '-C /none' } as Become,
        /doas/,
      ],
    ])('%s is told at once', async (_, user, become, message) => {
      const remote = await transport.connect(address(user));
      const session = await remote.session(become);
      const results = await Promise.allSettled([
        session.run({ script: 'true' }),
        session.run({ script: 'true' }),
      ]);
      for (const result of results) {
        expect(result).toMatchObject({
          reason: { code: 'connect.become', message: expect.stringMatching(message) },
        });
        expect((result as { reason: { hint: string } }).reason.hint).not.toBe('');
      }
      await expect(remote.send({ bytes: Buffer.from('x') }, { script: 'cat' }, become)).rejects.toMatchObject(
        {
          code: 'connect.become',
        },
      );
    });

    test('a password is nowhere to be seen on the host', async () => {
      const remote = await transport.connect(address('asks'));
      const session = await remote.session(sudo('pw-asks'));
      const seen = await session.run({
        script:
          'cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null | tr "\\000" "\\n" | grep -c "pw-ask[s]"',
      });
      expect(seen?.stdout).toBe('0\n');
    });

    test.each(['asks', 'pty'])('megabytes through sudo with a password, both ways, as %s', async (user) => {
      const remote = await transport.connect(address(user));
      const sent = await remote.send(
        { bytes: Buffer.alloc(8_000_000, 'x') },
        { script: 'wc -c' },
        sudo(`pw-${user}`),
      );
      expect(sent.stdout.trim()).toBe('8000000');
      const got = await remote.receive(
        { script: 'head -c 8000000 /dev/zero' },
        sudo(`pw-${user}`),
        '/dev/null',
      );
      expect(got).toMatchObject({ bytes: 8_000_000, output: { code: 0 } });
    });

    test.each([
      ['with use_pty', 'free', undefined],
      ['without use_pty, on busybox', 'box', undefined],
      ['with a password', 'asks', 'pw-asks'],
      ['with requiretty', 'term', undefined],
    ])('a timeout kills what root started, %s, and the session goes on', async (_, user, password) => {
      const remote = await transport.connect(address(user));
      const session = await remote.session(sudo(password));
      const results = await Promise.allSettled([
        session.run({
          script: 'echo up; sleep 7531 & setsid sleep 7531 & sh -c "sleep 7531; :"',
          timeout: 800,
        }),
        session.run({ script: 'echo next' }),
      ]);
      expect(results).toMatchObject([
        {
          reason: {
            code: 'task.timeout',
            data: { stdout: 'up\n' },
            message: expect.not.stringContaining('still'),
          },
        },
        { value: { stdout: 'next\n' } },
      ]);
      expect(host.root('ps ax | grep "[s]leep 7531" || true')).toBe('');
    });

    test('cancel reaches another user, without rights over the login user', async () => {
      const remote = await transport.connect(address('limited'));
      const session = await remote.session(sudo(undefined, 'app'));
      const step = session.run({ script: 'echo up; sleep 7532', onOutput: () => void remote.cancel(1_000) });
      await expect(step).rejects.toMatchObject({ code: 'task.cancelled' });
      expect(host.root('ps ax | grep "[s]leep 7532" || true')).toBe('');
      expect(await session.run({ script: 'id -un' })).toMatchObject({ stdout: 'app\n' });
    });

    test('a step that kills its shell', async () => {
      const remote = await transport.connect(address('free'));
      const session = await remote.session(sudo());
      const results = await Promise.allSettled([
        session.run({ script: 'kill -9 $$' }),
        session.run({ script: 'id -un' }),
      ]);
      expect(results).toMatchObject([{ reason: { code: 'connect.shell' } }, { value: { stdout: 'root\n' } }]);
    });

    test('a long script', async () => {
      const remote = await transport.connect(address('asks'));
      const session = await remote.session(sudo('pw-asks'));
      const script = `: '${'é'.repeat(200_000)}'; id -un`;
      expect(await session.run({ script })).toMatchObject({ stdout: 'root\n', code: 0 });
      expect(await session.run({ script: 'ls /tmp | grep -c slipway' })).toMatchObject({ stdout: '0\n' });
    });
  });

  describe('su and doas', () => {
    test('su with the password of the other user', async () => {
      expect(await tryOut('plain', { method: 'su', user: 'root', password: 'pw-root' })).toEqual(
        right('root'),
      );
    });

    test('su with a wrong password', async () => {
      const remote = await transport.connect(address('plain'));
      const session = await remote.session({ method: 'su', user: 'root', password: 'wrong' });
      await expect(session.run({ script: 'true' })).rejects.toMatchObject({
        code: 'connect.become',
        message: expect.stringContaining('not accepted'),
      });
    });

    test('su as root, to a user without a login shell', async () => {
      const remote = await transport.connect(address('root', { password: 'pw-root' }));
      const session = await remote.session({ method: 'su', user: 'app' });
      expect(await session.run({ script: 'id -un' })).toMatchObject({ stdout: 'app\n' });
    });

    test('doas without a password', async () => {
      if (!installed('csh')) return console.error('SKIPPED: doas could not be installed in the container');
      expect(await tryOut('csh', { method: 'doas', user: 'root' })).toEqual(right('root'));
    });
  });

  describe('passwords to log in', () => {
    test('a right one, and a wrong one', async () => {
      const remote = await transport.connect(
        address('plain', { password: 'pw-plain', privateKeyFile: '/none' }),
      );
      expect(await (await remote.session(undefined)).run({ script: 'id -un' })).toMatchObject({
        stdout: 'plain\n',
      });
      const wrong = transport.connect(address('plain', { password: 'bad-pass', privateKeyFile: '/none' }));
      await expect(wrong).rejects.toMatchObject({
        code: 'connect.auth',
        hint: expect.stringContaining('Check the password'),
        data: { tried: ['password', 'keyboard-interactive with the password'] },
      });
    });

    test('by keyboard-interactive alone', async () => {
      const more = { port: host.interactivePort, password: 'pw-plain', privateKeyFile: '/none' };
      const remote = await transport.connect(address('plain', more));
      expect(await (await remote.session(undefined)).run({ script: 'id -un' })).toMatchObject({
        stdout: 'plain\n',
      });
    });

    test('one that a person is asked for, once', async () => {
      const asked: string[] = [];
      const password = async (login: string) => {
        asked.push(login);
        return 'pw-plain';
      };
      const own = createTransport({
        knownHostsFiles: [host.knownHosts],
        sshConfigFiles: [],
        credentials: { password },
      });
      await own.connect(address('plain', { privateKeyFile: '/none' }));
      expect(asked).toEqual(['plain@127.0.0.1']);
      own.close();
    });
  });
});
