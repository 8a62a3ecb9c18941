import { Type } from 'typebox';
import { SlipwayError } from '../../base/errors.ts';
import { defineQuery } from '../../module/contract.ts';
import { inLines, sh } from '../../module/program.ts';
import { pathWord } from './path.ts';
import { Unclear } from '../../module/outlook.ts';
import { type ExpectedPath, pathSubject } from './expected.ts';

/** As base64 this still fits what a session keeps of a step's output. */
const LIMIT = 512 * 1024;

export const slurp = defineQuery({
  name: 'slurp',
  summary: 'The content of a file on the host, as base64.',
  description: 'As `ansible.builtin.slurp`, for files up to 512 KiB; `fetch` takes larger ones.',
  params: Type.Object({
    src: Type.Optional(Type.String({ description: 'The file.', minLength: 1 })),
    path: Type.Optional(Type.String({ description: 'Another name for `src`.', minLength: 1 })),
  }),
  returns: Type.Object({
    content: Type.String({ description: 'The content, as base64: `{{ b64decode file.content }}`.' }),
    encoding: Type.String({ description: 'Always `base64`.' }),
    source: Type.String({ description: 'The file.' }),
  }),
  examples: [
    {
      title: 'read a file into a variable',
      yaml: `
        - slurp: {src: /etc/hostname}
          register: hostname_file
      `,
    },
  ],

  prepare: (p) => {
    const src = p.src ?? p.path;
    if (src === undefined) throw new SlipwayError('task.invalid', 'src is missing');
    return { src };
  },
  reads: ({ src }) => [pathSubject(src)],
  foresee: (result, { src }, outlook) => {
    const expected = outlook.concerning([pathSubject(src)]);
    if (!expected) return result;
    const { bytes } = (outlook.of(pathSubject(src))?.state as ExpectedPath | undefined)?.state ?? {};
    return bytes ? { ...result, content: Buffer.from(bytes).toString('base64') } : new Unclear(expected.by);
  },
  probe: ({ src }) =>
    inLines(sh`
    f=${pathWord(src)}
    if [ ! -e "$f" ]; then echo "$f is not there" >&2; exit 1; fi
    if [ -d "$f" ]; then echo "$f is a directory" >&2; exit 1; fi
    if [ ! -r "$f" ]; then echo "$f may not be read by this user" >&2; exit 1; fi
    head -c ${LIMIT + 1} < "$f" | base64
  `),
  read: (output, { src }) => {
    if (output.code !== 0)
      throw new SlipwayError('task.failed', output.stderr.trim() || `${src} cannot be read`, {
        ...(output.stderr.includes('may not be read') && { hint: 'Set `become: true` for the task.' }),
        data: { rc: output.code, stderr: output.stderr },
      });
    const content = output.stdout.replace(/\s+/g, '');
    if (Buffer.byteLength(content, 'base64') > LIMIT)
      throw new SlipwayError('task.failed', `${src} is larger than ${LIMIT / 1024} KiB`, {
        hint: 'Use `fetch`, which takes a file of any size.',
      });
    return { content, encoding: 'base64', source: src };
  },
});
