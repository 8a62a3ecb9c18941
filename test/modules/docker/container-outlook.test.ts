import { describe, expect, test } from 'vitest';
import { type Effect, type Subject, Unclear } from '../../../src/module/outlook.ts';
import { dockerContainer } from '../../../src/modules/docker/docker-container.ts';
import { HostOutlook } from '../../../src/run/outlook.ts';
import { FakeLocal } from '../../kit/fake-local.ts';

type Params = Parameters<NonNullable<typeof dockerContainer.prepare>>[0];

const NONE = 'container\nError: No such container: web\nimage\n';
const image = (id: string) => `{"Id":"${id}","Config":{"Env":["PATH=/bin"],"Labels":{"of":"image"}}}\n`;
const RUNS =
  'container\n{"Id":"c0","Name":"/web","Image":"sha256:aa","State":{"Running":true},"Config":{"Image":"app:1"},' +
  '"HostConfig":{},"NetworkSettings":{}}\nimage\n' +
  image('sha256:aa');

async function lookAt(params: Params, stdout: string) {
  const ready = await dockerContainer.prepare!(params, new FakeLocal());
  return { ready, current: dockerContainer.read({ code: 0, stdout, stderr: '' }, ready) };
}

/** What a dry run says of a task behind others, and what it leaves behind itself. */
async function foretold(params: Params, stdout: string, outlook: HostOutlook): Promise<string> {
  const { ready, current } = await lookAt(params, stdout);
  const seen = dockerContainer.foresee!(current, ready, outlook);
  if (seen instanceof Unclear) return `unknown: ${seen.by}`;
  const verdict = dockerContainer.compare(seen, ready);
  if (verdict.verdict === 'change')
    outlook.expect(
      dockerContainer.effects!(verdict.change, seen, ready, { user: 'root' }),
      `${params.state ?? 'started'}`,
    );
  return `${verdict.verdict}: ${verdict.why}`;
}

function after(...effects: readonly (Effect | Subject)[]): HostOutlook {
  const outlook = new HostOutlook();
  outlook.expect(
    effects.map((one) => (typeof one === 'string' ? { subject: one } : one)),
    'before',
  );
  return outlook;
}

const web = { name: 'web', image: 'app:1' };

describe('a container behind other tasks of a dry run', () => {
  test('is not there where the Engine is to come', async () => {
    const said = 'container\nthere is no Docker Engine\n';
    expect(await foretold(web, said, after('package:docker.io'))).toMatch(
      /^change: there is no container web/,
    );
    expect(await foretold(web, said, after('package:nginx'))).toBe('impossible: there is no Docker Engine');
  });

  test.each([
    ['of which nothing is known', undefined, 'unknown: before'],
    ['that is to be built', {}, 'unknown: before'],
    ['that it is made of', { id: 'sha256:aa' }, 'same: web runs, and is as declared'],
    ['that is another', { id: 'sha256:bb' }, 'change: its image is another app:1 than now'],
    ['that is to go', null, 'same: web runs, and is as declared'],
  ])('hangs on an image %s', async (_, state, said) => {
    expect(await foretold(web, RUNS, after({ subject: 'image:docker.io/library/app:1', state }))).toBe(said);
  });

  test('is made of whatever image comes', async () => {
    const outlook = after('image:docker.io/library/app:1');
    expect(await foretold({ ...web, pull: 'never' }, NONE, outlook)).toBe(
      'change: there is no container web',
    );
  });

  test('is as an earlier task has made it', async () => {
    const outlook = after();
    const there = NONE + image('sha256:aa');
    await foretold({ ...web, env: { A: 'b' }, memory: '64M' }, there, outlook);
    const one = (more: Partial<Params>) => foretold({ name: 'web', ...more }, NONE, outlook);
    expect(await one({ memory: '64M', env: { A: 'b', PATH: '/bin' } })).toMatch(/^same/);
    expect(await one({ env: { A: 'c' } })).toBe('change: env differs');
    expect(await one({ state: 'stopped' })).toBe('change: web runs');
    expect(await one({ state: 'present' })).toBe('same: web has ended with exit code 0, and is as declared');
    expect(await one({ state: 'absent' })).toMatch(/^change: web is there/);
    expect(await one({ state: 'absent' })).toBe('same: there is no container web');
  });

  test('is unknown in what its image gives it, where nobody knows the image', async () => {
    const outlook = after();
    await foretold({ ...web, env: { A: 'b' } }, NONE, outlook);
    const one = (more: Partial<Params>) => foretold({ name: 'web', ...more }, NONE, outlook);
    expect(await one({ env: { A: 'b' } })).toMatch(/^same/);
    expect(await one({ user: 'nobody' })).toBe('unknown: started');
  });

  test('is healthy when it was waited for, and else nobody knows', async () => {
    const checked = { ...web, healthcheck: { test: 'true' } };
    const there = NONE + image('sha256:aa');
    const outlook = after();
    await foretold(checked, there, outlook);
    expect(await foretold({ name: 'web', state: 'healthy' }, NONE, outlook)).toBe('unknown: started');
    const waited = after();
    await foretold({ ...checked, state: 'healthy' }, there, waited);
    expect(await foretold({ name: 'web', state: 'healthy' }, NONE, waited)).toMatch(/^same/);
  });

  test('is gone after a job that is removed, and unknown after a pull', async () => {
    const outlook = after();
    await foretold({ ...web, detach: false, cleanup: true }, NONE, outlook);
    expect(await foretold({ name: 'web', state: 'absent' }, RUNS, outlook)).toBe(
      'same: there is no container web',
    );
    const pulled = after();
    await foretold({ ...web, pull: 'always' }, RUNS, pulled);
    expect(await foretold({ name: 'web', state: 'stopped' }, RUNS, pulled)).toBe('unknown: started');
  });
});
