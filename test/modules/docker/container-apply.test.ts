import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { dockerContainer } from '../../../src/modules/docker/docker-container.ts';
import type { Host } from '../../../src/module/host.ts';
import { applyContainer } from '../../../src/modules/docker/container/apply.ts';
import { FakeEngine } from '../../kit/fake-engine.ts';
import { FakeLocal } from '../../kit/fake-local.ts';

type Params = Parameters<NonNullable<typeof dockerContainer.prepare>>[0];

let engine: FakeEngine;
let host: Host;
beforeEach(async () => {
  engine = new FakeEngine();
  host = await engine.host();
});
afterEach(() => engine.close());

interface Found {
  readonly host?: Readonly<Record<string, unknown>>;
  /** What its image is, and the registry has, where that is asked. */
  readonly more?: string;
}

/** Brings `web` to what is declared; answers what was done. */
async function bring(params: Partial<Params>, { host: HostConfig = {}, more = '' }: Found = {}) {
  const p = { name: 'web', docker_host: `unix://${engine.socket}`, ...params };
  const ready = await dockerContainer.prepare!(p, new FakeLocal());
  const there = engine.containers.find(({ Name }) => Name === '/web');
  const shape = { Config: { Image: 'app:1' }, HostConfig, NetworkSettings: {}, ...there };
  const said = there ? JSON.stringify(shape) : 'Error: No such container: web';
  const read = dockerContainer.read({ code: 0, stdout: `container\n${said}\n${more}`, stderr: '' }, ready);
  const verdict = dockerContainer.compare(read, ready);
  if (verdict.verdict !== 'change') throw new Error(verdict.why);
  await applyContainer(verdict.change, ready)(host);
  return engine.asked.filter(([asked]) => !asked.startsWith('GET'));
}

const IMAGE = 'image\n{"Id":"sha256:aa","Config":{}}\n';

describe('what cannot take the place of the old one', () => {
  test.each([
    ['cannot be made', /POST .*create$/, { Running: true }, ' web runs'],
    [
      'cannot be made, and the old one is paused',
      /POST .*create$/,
      { Running: true, Paused: true },
      ' web runs paused',
    ],
    ['comes beside one that cannot be stopped', /POST .*of.*stop$/, { Running: true }, ' web runs'],
    ['comes beside one that cannot be renamed', /POST .*0of.*rename$/, { Running: true }, ' web runs'],
    [
      'has what is not removed in its way',
      /DELETE .*-old$/,
      { Running: true, Paused: true },
      ' web runs paused',
    ],
    ['cannot be renamed', /POST .*slipway-new.*rename$/, { Running: true }, ' web runs'],
    ['cannot be started', /POST .containers.web.start$/, { Running: true }, ' web runs'],
    ['cannot be started, and the old one did not run', /POST .containers.web.start$/, {}, ' web'],
  ])('%s', async (_, pattern, state, then) => {
    const { Id } = engine.add('web', state);
    engine.refuses = (asked) => (pattern.test(asked) ? [500, 'the disk is full'] : undefined);
    const tried = bring({ image: 'app:1', recreate: true }, { more: IMAGE });
    await expect(tried).rejects.toMatchObject({ message: 'the Docker Engine says: the disk is full' });
    expect(engine.list).toEqual([Id + then]);
  });

  test('is not left beside it where a network of it is not there', async () => {
    const { Id } = engine.add('web', { Running: true });
    engine.refuses = (asked) => (asked.includes('/networks/') ? [404, 'network back not found'] : undefined);
    const networks = [{ name: 'front' }, { name: 'back' }];
    await expect(bring({ image: 'app:1', networks, recreate: true }, { more: IMAGE })).rejects.toThrow(
      'network back not found',
    );
    expect(engine.list).toEqual([`${Id} web runs`]);
  });
});

test.each([
  ['follows the memory', {}, { Memory: 64 << 20, MemorySwap: 128 << 20 }],
  ['stays as it is declared', { memory_swap: '256M' }, { Memory: 64 << 20 }],
  ['is as it is declared then', { memory_swap: '96M' }, { Memory: 64 << 20, MemorySwap: 96 << 20 }],
])('swap %s', async (_, more, update) => {
  engine.add('web', { Running: true });
  const before = { Memory: 32 << 20, MemorySwap: 256 << 20 };
  const asked = await bring({ memory: '64M', ...more }, { host: before });
  expect(asked).toEqual([['POST /containers/web/update', update]]);
});

describe('whether it is paused', () => {
  const registry = (digest: string) =>
    `registry HTTP/1.0 200 OK{"Descriptor":{"digest":"sha256:${digest.repeat(64)}"}}\n`;
  const web = { image: 'app:1', paused: true };

  test.each([
    ['one that is made', {}, ['web runs paused']],
    ['one that is only made', { state: 'present' }, ['web']],
    ['one that is made and stopped', { state: 'stopped' }, ['web']],
  ] as const)('%s', async (_, more, then) => {
    await bring({ ...web, ...more }, { more: IMAGE });
    expect(engine.list.map((line) => line.slice(line.indexOf(' ') + 1))).toEqual(then);
  });

  test.each([
    ['made anew for another image', true, {}, 'web runs paused'],
    ['made anew, and paused no more', true, { paused: false }, 'web runs'],
    ['made anew and left as it was', true, { state: 'present' }, 'web runs paused'],
    ['made anew while it is to stop', true, { state: 'stopped', force_kill: true }, 'web'],
  ] as const)('one that the registry has another of: %s', async (_, paused, more, then) => {
    engine.add('web', { Running: true, Paused: paused });
    engine.image = 'sha256:bb';
    await bring({ ...web, pull: 'always', ...more }, { more: IMAGE + registry('2') });
    expect(engine.list.map((line) => line.slice(line.indexOf(' ') + 1))).toEqual([then]);
  });
});

test.each([
  ['by an account', { username: 'ada', password: 'registry-word' }],
  ['by nobody', {}],
])('its image is pulled %s', async (_, account) => {
  await bring({ image: 'app:1', ...account });
  expect(engine.accounts).toEqual([account]);
  expect(engine.list.length).toBe(1);
});

test('its password is a secret, and nothing of the container', async () => {
  expect(dockerContainer.secretParams).toEqual(['password']);
  engine.add('web', { Running: true });
  await expect(bring({ image: 'app:1', username: 'ada', password: 'new' }, { more: IMAGE })).rejects.toThrow(
    'web runs, and is as declared',
  );
});

describe('one that ends at once', () => {
  const framed = (text: string) => {
    const head = Buffer.from([1, 0, 0, 0, 0, 0, 0, 0]);
    head.writeUInt32BE(text.length, 4);
    return Buffer.concat([head, Buffer.from(text)]);
  };

  test.each([
    ['as the Engine frames it', framed('one\nboom\n'), false, ': boom'],
    ['of a terminal', Buffer.from('one\nboom\n'), true, ': boom'],
    ['that reads as JSON', Buffer.from('{"error":"boom"}\n'), true, ': {"error":"boom"}'],
    ['that is empty', Buffer.alloc(0), false, ''],
  ])('tells the end of its log, %s, though it comes up again', async (_, log, Tty, last) => {
    engine.tty = Tty;
    engine.log = log;
    engine.endsAtOnce = true;
    await expect(bring({ image: 'app:1' }, { more: IMAGE })).rejects.toMatchObject({
      message: `web was started, and ended at once with exit code 3${last}`,
    });
  });
});
