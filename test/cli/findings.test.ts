import { describe, expect, it, test } from 'vitest';
import { FINDINGS } from '../../src/cli/reference/findings/all.ts';
import type { Files } from '../../src/cli/reference/findings/types.ts';
import { docText } from '../../src/cli/doc.ts';
import { foundIn } from '../check/kit.ts';
import { corpus, filesOf } from '../corpus/kit.ts';

/** The codes of what is found in an example, each once. */
async function codesIn(files: Files, tag: string | undefined): Promise<readonly string[]> {
  const given = typeof files === 'string' ? { tasks: files } : { files };
  const found = await foundIn(
    filesOf({ case: '', finds: '', ...given }),
    tag === undefined ? {} : { tags: [tag] },
  );
  return [...new Set(found.map(({ error }) => error.code))];
}

describe.each(Object.entries(FINDINGS))('%s', (code, { broken, mended, tags, why }) => {
  it('is what the broken example raises', async () => {
    expect(await codesIn(broken, tags?.broken)).toEqual([code]);
  });

  it('is not in the mended one, nor is anything else', async () => {
    expect(await codesIn(mended, tags?.mended)).toEqual([]);
  });

  it('is told with both', () => {
    const text = docText(code);
    expect(text).toContain(why);
    expect(text).toMatch(/\nBroken[^]*```[^]*\nMended[^]*```/);
  });
});

test('every code that is found in the corpus is explained', () => {
  const codes = corpus().flatMap(([, cases]) =>
    cases.flatMap(({ finds }) =>
      [...finds.matchAll(/^\S+ (?:error|warning) (\S+)$/gm)].map(([, code]) => code!),
    ),
  );
  expect([...new Set(codes)].filter((code) => !Object.hasOwn(FINDINGS, code))).toEqual([]);
});
