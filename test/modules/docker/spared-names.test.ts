import { expect, test } from 'vitest';
import { sparedNames } from '../../../src/modules/docker/prune/names.ts';

const D = 'sha256:00';

test.each([
  ['the only name stays', ['app:1'], [], []],
  ['the last one of several stays', ['zoo/app:1', 'app:2', 'app:1'], [], ['app:1', 'app:2']],
  ['a tag and the digest of its repository are one name', ['app:1'], [`app@${D}`], []],
  ['the digest of another repository is one more', ['app:1'], [`localhost:5000/app@${D}`], ['app:1']],
  [
    'digests go with the last tag of their repository',
    ['app:1', 'box:1'],
    [`app@${D}`],
    ['app:1', `app@${D}`],
  ],
  ['only digests', [], [`app@${D}`, `box@${D}`], [`app@${D}`]],
])('%s', (_, tags, digests, lost) => {
  expect(sparedNames(tags, digests)).toEqual(lost);
});
