import { expect, test } from 'vitest';
import { dockerPrune } from '../../../src/modules/docker/docker-prune.ts';
import { FakeLocal } from '../../kit/fake-local.ts';

test('an answer that was too long to come as a whole says so', async () => {
  const ready = await dockerPrune.prepare!({ containers: true }, new FakeLocal());
  const stdout = '@@@ version\n1769860800\n1.41\n@@@ container\n{"Id":"aa","Name":"/we';
  expect(() => dockerPrune.read({ code: 0, stdout, stderr: '', truncated: true }, ready)).toThrow(
    'the Engine has too much to tell',
  );
});
