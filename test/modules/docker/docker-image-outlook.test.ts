import { describe, expect, test } from 'vitest';
import { Unclear } from '../../../src/module/outlook.ts';
import { compare } from '../../../src/modules/docker/docker-image-compare.ts';
import { foresee } from '../../../src/modules/docker/docker-image-outlook.ts';
import type { Params } from '../../../src/modules/docker/docker-image-params.ts';
import { prepare } from '../../../src/modules/docker/docker-image-prepare.ts';
import { readImage } from '../../../src/modules/docker/docker-image-state.ts';
import { HostOutlook } from '../../../src/run/outlook.ts';
import { FakeLocal } from '../../kit/fake-local.ts';

describe('what a dry run expects of an image', () => {
  async function foretold(p: Params, stdout: string, ...effects: { subject: string; state?: unknown }[]) {
    const ready = await prepare(p, new FakeLocal({ '/app/Dockerfile': 'FROM scratch' }));
    const outlook = new HostOutlook();
    outlook.expect(effects as never, 'before');
    const then = foresee(readImage({ code: 0, stdout, stderr: '' }, ready), ready, outlook);
    return then instanceof Unclear ? `unclear: ${then.by}` : compare(then, ready).verdict;
  }
  const NONE = 'there is no Docker Engine\n';
  const STOPPED = 'Cannot connect to the Docker daemon at unix:///var/run/docker.sock.\n';
  const pull: Params = { name: 'app', source: 'pull' };
  const absent: Params = { name: 'app', state: 'absent' };
  const there = 'image {"Id":"sha256:1","RepoTags":["app:latest"]}\n';
  const APP = 'image:docker.io/library/app:latest';

  const build: Params = { name: 'app', source: 'build', build: { path: '/app' } };

  test.each([
    [
      'an Engine that is installed before has nothing yet',
      pull,
      NONE,
      'package:docker.io',
      undefined,
      'change',
    ],
    ['an Engine that nobody installs', pull, NONE, 'path:/etc/motd', undefined, 'impossible'],
    [
      'what an Engine has that is started before is not known',
      pull,
      STOPPED,
      'unit:docker.service',
      undefined,
      'impossible',
    ],
    ['built before', pull, '', APP, {}, 'same'],
    ['taken away before', pull, there, APP, null, 'change'],
    ['taken away before, and not wanted', absent, there, APP, null, 'same'],
    ['loaded before, and not wanted', absent, '', APP, { id: 'sha256:1' }, 'change'],
    ['something was done to it', pull, there, APP, undefined, 'unclear: before'],
    [
      'built before, and to be called something else, too',
      { name: 'app', source: 'local', repository: 'other' } as Params,
      there,
      APP,
      {},
      'change',
    ],
    [
      'built before, and called something else already',
      { name: 'app', source: 'local', repository: 'other' } as Params,
      `${there}image {"Id":"sha256:1","RepoTags":["other:latest"]}\n`,
      APP,
      {},
      'unclear: before',
    ],
    ['pulled before, and to be built', build, there, APP, {}, 'unclear: before'],
    [
      'loaded before, there already',
      { ...pull, source: 'local' } as Params,
      there,
      APP,
      { id: 'sha256:1' },
      'same',
    ],
  ])('%s', async (_, params, stdout, subject, state, verdict) => {
    expect(await foretold(params, stdout, { subject, state })).toBe(verdict);
  });
});
