import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Host } from '../../../src/module/host.ts';
import { type Program, sh } from '../../../src/module/program.ts';
import type { Layer } from '../../../src/modules/docker/image-content.ts';
import { put } from '../../../src/modules/docker/stage.ts';
import { gather } from '../../../src/modules/docker/tree/gather.ts';
import { readDoor, revoke, serving } from '../../../src/modules/docker/tree/holder.ts';
import { type Holder, Swarm } from '../../../src/modules/docker/tree/swarm.ts';
import { until } from '../../../src/run/host-handle.ts';
import { localHost, shells } from '../../kit/local-shell.ts';

const layer = (name: string): Layer => ({
  digest: `sha256:${name.repeat(64).slice(0, 64)}`,
  size: 10,
  unpacked: 10,
  entry: name,
});
const [a, b, c] = ['a', 'b', 'c'].map(layer) as [Layer, Layer, Layer];
const none = new Set<string>();
const holder = (name: string): Holder => ({ name, open: () => Promise.reject(new Error('not asked')) });
const swarmOf = () => new Swarm(Promise.resolve({ publicKey: '', privateKey: '' }));

describe('who gets what from whom', () => {
  it('the controller sends different layers to different hosts, two at a time', () => {
    const swarm = swarmOf();
    expect(swarm.next([a, b, c], none)).toEqual({ layer: a, from: undefined });
    expect(swarm.next([a, b, c], none)).toEqual({ layer: b, from: undefined });
    expect(swarm.next([a, b, c], none)).toBeUndefined();
  });

  it('what one has, the others fetch from there; two at a time, from the least busy', () => {
    const swarm = swarmOf();
    const first = swarm.next([a], none)!;
    expect(swarm.next([a], none)).toBeUndefined();
    swarm.done(first, true);
    const [one, two] = [holder('one'), holder('two')];
    swarm.offer(one, a);
    swarm.offer(two, a);
    const from = () => swarm.next([a], none)?.from?.name;
    expect([from(), from(), from(), from(), from()]).toEqual(['one', 'two', 'one', 'two', undefined]);
  });

  it('a layer that did not come is sent again by the controller', () => {
    const swarm = swarmOf();
    const first = swarm.next([a], none)!;
    swarm.done(first, false);
    expect(swarm.next([a], none)).toEqual(first);
  });

  it('a host that nobody can fetch from is left alone, and the controller fills in', () => {
    const swarm = swarmOf();
    swarm.offer(holder('dead'), a);
    for (const _ of [1, 2]) swarm.done(swarm.next([a], none)!, false);
    expect(swarm.next([a], none)).toEqual({ layer: a, from: undefined });
  });

  it('one that fetches from nobody does not wait for others', () => {
    const swarm = swarmOf();
    swarm.offer(holder('one'), a);
    expect(swarm.next([a], new Set(['one']))).toEqual({ layer: a, from: undefined });
    expect(swarm.next([a], new Set(['one', 'two']))).toEqual({ layer: a, from: undefined });
  });
});

describe('a host that waits for another', () => {
  const waiting = (swarm: Swarm, over: Partial<Host> = {}) => {
    const host = {
      until: <T>(event: Promise<T>) => event,
      sleep: () => Promise.reject(new Error('nothing is to be looked at again and again')),
      ...over,
    } as unknown as Host;
    const stage = { folder: '/stage', whole: new Set<string>(), parts: new Map() };
    const delivery = {
      host,
      path: 'a.tar',
      entries: undefined as never,
      blobs: [a],
      stage,
      onBytes: () => {},
    };
    const part = {
      swarm,
      holder: holder('me'),
      avoid: new Set<string>(),
      say: () => {},
      onFetched: () => {},
    };
    return gather(delivery, part);
  };
  const asked: string[] = [];
  const other = (name: string): Holder => ({
    name,
    open: async () => {
      asked.push(name);
      throw new Error('no way there');
    },
  });
  const settled = (promise: Promise<unknown>) =>
    Promise.race([promise.then(() => true), new Promise((resolve) => setImmediate(() => resolve(false)))]);

  it('goes on as soon as one has the layer', async () => {
    const swarm = swarmOf();
    const first = swarm.next([a], none)!;
    const come = waiting(swarm);
    expect(await settled(come)).toBe(false);
    swarm.done(first, true);
    swarm.offer(other('one'), a);
    expect(await come).toBe(false);
    expect(asked.splice(0)).toEqual(['one']);
  });

  it('and as soon as one that served others is free', async () => {
    const swarm = swarmOf();
    swarm.offer(other('one'), a);
    const picks = [swarm.next([a], none)!, swarm.next([a], none)!];
    const come = waiting(swarm);
    expect(await settled(come)).toBe(false);
    swarm.done(picks[0]!, true);
    expect(await come).toBe(false);
    expect(asked.splice(0)).toEqual(['one']);
  });

  it('gives up when the run is interrupted', async () => {
    const swarm = swarmOf();
    swarm.next([a], none);
    const run = new AbortController();
    const come = waiting(swarm, { until: (event) => until(event, run.signal) });
    expect(await settled(come.catch(() => {}))).toBe(false);
    run.abort();
    await expect(come).rejects.toMatchObject({ code: 'task.cancelled' });
    await expect(until(Promise.resolve(1), run.signal)).rejects.toMatchObject({ code: 'task.cancelled' });
  });
});

describe('a door', () => {
  it('is where the SSH server was reached, with its keys', () => {
    const text =
      '10.0.0.1 50000 10.0.0.7 2222\n1000\nada\nssh-ed25519 AAAA root@x\necdsa-sha2-nistp256 BBBB=\nno key\n';
    expect(readDoor('n1', text)).toEqual({
      address: '10.0.0.7',
      port: 2222,
      uid: '1000',
      user: 'ada',
      hostKeys: ['ssh-ed25519 AAAA', 'ecdsa-sha2-nistp256 BBBB='],
    });
  });

  it('is not there without SSH', () => {
    expect(() => readDoor('n1', '\n0\nroot\n')).toThrow('n1 does not tell how others reach it');
  });
});

describe.each(shells)('letting others in, with %s', (name, shell) => {
  const home = mkdtempSync(path.join(tmpdir(), `home-${name}-`));
  const stage = path.join(home, 'stage');
  const keys = path.join(home, '.ssh/authorized_keys');
  mkdirSync(stage);
  writeFileSync(path.join(stage, a.digest.slice(7)), '0123456789');
  afterAll(() => rmSync(home, { recursive: true }));

  // As on a host that was reached by SSH.
  const inHome = (program: Program): Program => ({
    text: `HOME=${home}; SSH_CONNECTION='10.0.0.1 5 10.0.0.7 22'; cat() { case $1 in /etc/ssh/*) echo 'ssh-ed25519 AAAA x' ;; *) command cat "$@" ;; esac; }\n${program.text}`,
  });
  const base = localHost(shell);
  const host: Host = {
    ...base,
    send: (content, program, options) => base.send(content, inHome(program), options),
    login: () => host,
  };

  it.each([undefined, 'ssh-rsa AAAA ada\n', 'ssh-rsa AAAA ada'])('after %j', async (before) => {
    mkdirSync(path.dirname(keys), { recursive: true });
    if (before !== undefined) writeFileSync(keys, before);
    const served = serving(host, stage, async () => 'ssh-ed25519 PUBLIC');
    expect(await served.open(a)).toMatchObject({ address: '10.0.0.7', port: 22 });
    await served.open(a);
    const lines = readFileSync(keys, 'utf8').trimEnd().split('\n');
    expect(lines).toHaveLength(before === undefined ? 1 : 2);
    const line = lines.at(-1)!;
    expect(line).toMatch(
      /^restrict,expiry-time="\d{12}",command="sh -c '[^"']+'" ssh-ed25519 PUBLIC slipway-images-[0-9a-f]{16}$/,
    );
    // What the key may do, and what not.
    const [, command = ''] = /command="([^"]*)"/.exec(line)!;
    const asked = (words: string) =>
      base.run({ text: `export SSH_ORIGINAL_COMMAND='${words}'; ${command}` }, { anyExit: true });
    expect(await asked(`${a.digest.slice(7)} 4`)).toMatchObject({ code: 0, stdout: '3456789' });
    for (const words of ['../x 1', '/etc/passwd 1', 'aa -1', '$(id) 1', 'aa 1; id'])
      expect((await asked(words)).stdout).toBe('');
    await served.close(host);
    expect(existsSync(keys) ? readFileSync(keys, 'utf8').trimEnd() : undefined).toBe(before?.trimEnd());
    const beside = existsSync(path.dirname(keys)) ? readdirSync(path.dirname(keys)) : [];
    expect(beside.filter((name) => name !== path.basename(keys))).toEqual([]);
  });
});

it('keys of the user stay where several lines are taken out at the same time', async () => {
  const home = mkdtempSync(path.join(tmpdir(), 'slipway-home-'));
  const file = path.join(home, '.ssh/authorized_keys');
  mkdirSync(path.dirname(file));
  const takeOut = async (mark: string) => {
    const child = spawn('sh', ['-c', revoke(mark).text], {
      env: { ...process.env, HOME: home },
      stdio: 'ignore',
    });
    await once(child, 'exit');
  };
  for (let round = 0; round < 40; round++) {
    writeFileSync(
      file,
      'ssh-ed25519 AAAA own\nrestrict ssh-ed25519 B slipway-1\nrestrict ssh-ed25519 C slipway-2\n',
    );
    await Promise.all([takeOut('slipway-1'), takeOut('slipway-2')]);
    expect(readFileSync(file, 'utf8')).toContain('AAAA own\n');
  }
  await takeOut('slipway-1');
  await takeOut('slipway-2');
  expect(readFileSync(file, 'utf8')).toBe('ssh-ed25519 AAAA own\n');
  rmSync(home, { recursive: true });
});

describe.each(shells)('what another host sends, with %s', (name, shell) => {
  const folder = mkdtempSync(path.join(tmpdir(), `hop-${name}-`));
  afterAll(() => rmSync(folder, { recursive: true }));
  const hex = createHash('sha256').update('0123456789').digest('hex');
  const wanted: Layer = { ...a, digest: `sha256:${hex}` };
  /** Takes the layer from somebody who says this. */
  const from = (said: string, at = 0) => {
    const stage = { folder, whole: new Set<string>(), parts: new Map<string, number>() };
    const given = { host: localHost(shell), path: 'x.tar', blobs: [wanted], stage, onBytes: () => {} };
    const delivery = { ...given, entries: undefined as never };
    return put(
      delivery,
      wanted,
      at,
      { bytes: Buffer.from('key') },
      sh`cat >/dev/null; printf %s ${said} >>"$f.part"`,
    );
  };

  it('is kept, and passed on, only where it has the right digest', async () => {
    expect(await from('0123456780')).toBe(false);
    expect(readdirSync(folder)).toEqual([]);
    expect(await from('01234')).toBe(false);
    expect(readdirSync(folder)).toEqual([`${hex}.part`]);
    // It goes on from there, with what turns out to be another end.
    expect(await from('5678X', 5)).toBe(false);
    expect(readdirSync(folder)).toEqual([]);
    expect(await from('0123456789')).toBe(true);
    expect(readdirSync(folder)).toEqual([hex]);
  });
});
