import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readSshConfig } from '../../src/transport/ssh/config.ts';
import { parseJump, routeTo } from '../../src/transport/ssh/target.ts';
import type { HostAddress } from '../../src/transport/types.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'slipway-config-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}
const lookUp = async (text: string) => readSshConfig([write('config', text)]);
const address = (more: Partial<HostAddress> = {}): HostAddress => ({
  name: 'web',
  connection: 'ssh',
  host: 'web',
  ...more,
});

describe('ssh_config', () => {
  test('gives what a host needs, the first value winning', async () => {
    const config = (
      await lookUp(`
        Host web
          HostName 10.0.0.5
          user deploy
          Port 2222
          IdentityFile ~/.ssh/%h_key
          IdentityFile /keys/b
          IdentitiesOnly yes
          StrictHostKeyChecking accept-new
          UserKnownHostsFile /a /b
          ConnectTimeout 7
          ServerAliveInterval 5
          HostKeyAlias alias
        Host *
          Port 99
          User other
      `)
    )('web', undefined);
    expect(config).toEqual({
      hostName: '10.0.0.5',
      user: 'deploy',
      port: 2222,
      identityFiles: [join(homedir(), '.ssh', '10.0.0.5_key'), '/keys/b'],
      identitiesOnly: true,
      identityAgent: undefined,
      proxyJump: undefined,
      userKnownHostsFiles: ['/a', '/b'],
      strictHostKeyChecking: 'accept-new',
      hostKeyAlias: 'alias',
      connectTimeout: 7000,
      aliveInterval: 5000,
    });
  });

  test('includes files, and goes on with the section that included them', async () => {
    mkdirSync(join(folder, 'd'));
    write('d/1.conf', 'Host db\n  Port 1\n');
    write('d/2.conf', 'Host web\n  Port 2\n');
    write('d/.hidden.conf', 'Host *\n  Port 3\n');
    const config = await lookUp(
      `Include ${folder}/d/*.conf ${folder}/none\nHost web\n  Include ${folder}/d/1.conf\n  User u\n`,
    );
    expect(config('db', undefined)).toMatchObject({ port: 1, user: undefined });
    expect(config('web', undefined)).toMatchObject({ port: 2, user: 'u' });
  });

  test('a file that includes itself is an error', async () => {
    const path = write('config', `Include ${folder}/config\n`);
    await expect(readSshConfig([path])).rejects.toMatchObject({ code: 'file.missing' });
  });

  test('does not run `Match exec`', async () => {
    const config = await lookUp(`Match exec "touch ${folder}/ran"\n  Port 5\n`);
    expect(config('web', undefined).port).toBeUndefined();
    expect(() => rmSync(join(folder, 'ran'))).toThrow(/ENOENT/);
  });

  test('a missing file says nothing', async () => {
    const config = await readSshConfig([join(folder, 'none'), join(folder, 'none2')]);
    expect(config('web', undefined)).toMatchObject({ hostName: undefined, port: undefined });
  });
});

describe('the way to a host', () => {
  test('defaults', async () => {
    const route = routeTo(address(), await lookUp(''), {});
    expect(route.timeout).toBe(30_000);
    expect(route.hops).toMatchObject([
      { host: 'web', port: 22, user: userInfo().username, checking: 'yes', knownHostsName: 'web' },
    ]);
  });

  test('the inventory wins over the configuration', async () => {
    const config = await lookUp(
      'Host web\n User a\n Port 1\n HostName real\n IdentityFile /k\n ConnectTimeout 3\n',
    );
    const given = { user: 'b', port: 2, privateKeyFile: '/mine', connectTimeout: 500 };
    const route = routeTo(address(given), config, { acceptNewHostKeys: true });
    expect(route.timeout).toBe(500);
    expect(route.hops).toMatchObject([
      {
        host: 'real',
        port: 2,
        user: 'b',
        keyFiles: ['/mine', '/k'],
        checking: 'accept-new',
        knownHostsName: '[real]:2',
      },
    ]);
    const strict = routeTo(address({ hostKeyChecking: 'yes' }), config, { acceptNewHostKeys: true });
    expect(strict.hops[0]?.checking).toBe('yes');
  });

  test('jump hosts in order, each with its own configuration, the first with its own jumps', async () => {
    const config = await lookUp(`
      Host web
        ProxyJump b1,u@b2:2200
      Host b1
        HostName 10.0.0.1
        User one
        ProxyJump b0
      Host b2
        ProxyJump never
        HostKeyAlias b2alias
    `);
    const hops = routeTo(address(), config, {}).hops;
    expect(hops.map((hop) => [hop.host, hop.port, hop.user, hop.knownHostsName])).toEqual([
      ['b0', 22, userInfo().username, 'b0'],
      ['10.0.0.1', 22, 'one', '10.0.0.1'],
      ['b2', 2200, 'u', 'b2alias'],
      ['web', 22, userInfo().username, 'web'],
    ]);
    expect(routeTo(address({ jumps: [] }), config, {}).hops).toHaveLength(1);
    expect(routeTo(address({ jumps: ['other'] }), config, {}).hops.map((hop) => hop.host)).toEqual([
      'other',
      'web',
    ]);
  });

  test("a jump host is offered the host's key where nothing is named for it", async () => {
    const config = await lookUp(`
      Host gate
        IdentityFile /keys/gate
    `);
    const route = routeTo(address({ jumps: ['gate', 'inner'], privateKeyFile: '/keys/web' }), config, {});
    expect(route.hops[0]?.keyFiles).toEqual(['/keys/gate']);
    expect(route.hops[1]?.keyFiles?.[0]).toBe('/keys/web');
    expect(routeTo(address({ jumps: ['inner'] }), config, {}).hops[0]?.keyFiles).toBeUndefined();
  });

  test('jump hosts in a circle are an error', async () => {
    const config = await lookUp('Host a\n ProxyJump b\nHost b\n ProxyJump a\n');
    expect(() => routeTo(address({ host: 'a' }), config, {})).toThrow(/lead back/);
  });

  test.each([
    ['h', { host: 'h' }],
    ['u@h', { host: 'h', user: 'u' }],
    ['u@h:22', { host: 'h', user: 'u', port: 22 }],
    ['ssh://u@h:22', { host: 'h', user: 'u', port: 22 }],
    ['[::1]:2222', { host: '::1', port: 2222 }],
  ])('reads the jump host %s', (text, hop) => {
    expect(parseJump('web', text)).toEqual(hop);
  });

  test.each(['', 'a b@', 'h:x', 'u@'])('refuses the jump host "%s"', (text) => {
    expect(() => parseJump('web', text)).toThrow(/cannot be understood/);
  });
});
