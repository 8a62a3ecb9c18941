import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Output, Remote, Session } from '../../src/transport/types.ts';
import { remoteWith, SHELLS } from './shells.ts';

/** Pieces of shell that do no harm in any order, and break what can be broken. */
const TOKENS = [
  '\n',
  '\t',
  ' ',
  '#',
  '__e x 0',
  '__c x 1 1',
  'exit 3',
  'set -e',
  'set -u',
  'set -x',
  'set -v',
  'read x',
  'unset PATH',
  'readonly __f',
  'alias a=b',
  'cd /',
  'function f',
  '\u001e',
  '\u0001',
  '\u0081',
  '\u0088',
  ...`' " \` \\ ( ) { } $( \${x $(( ; ;; & && || | ! if then else fi case in esac for x do done`.split(' '),
  ...`<<E E <<-"F" >&2 2>&1 </dev/null >&- <&- 2>&- exec exit return break eval . : true false`.split(' '),
  ...'echo printf %s cat trap EXIT wait export $x $? $$ -x é shift umask local f() ~ * [ ]'.split(' '),
];
const script = fc
  .array(fc.tuple(fc.constantFrom(...TOKENS), fc.constantFrom('', ' ', ' ', '\n')), { maxLength: 14 })
  .map((words) => words.map(([word, space]) => word + space).join(''));

/** Text that a terminal or a careless parser would stumble over. */
const text = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 40 }),
      fc.constantFrom(
        '\u001e',
        '\u001b[2J',
        '\r\n',
        '\n',
        '%s',
        '\\0',
        "'",
        '__e',
        '\u0007',
        '\u001edeadbeefdeadbeef 0\n',
      ),
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join('').replaceAll('\0', ''));

for (const shell of SHELLS) {
  describe.skipIf(shell.missing)(`hostile steps in ${shell.name}`, () => {
    let remote: Remote;
    let session: Session;
    beforeEach(async () => {
      remote = remoteWith(shell.command);
      session = await remote.session(undefined);
    });
    afterEach(() => remote.close());

    test('no script disturbs the steps around it', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(script, { minLength: 1, maxLength: 10 }), async (scripts) => {
          const results = await Promise.all(
            scripts.flatMap((one, at) => [
              session.run({ script: one, chain: at }),
              session.run({ script: `echo "after ${at}"; echo "err ${at}" >&2; umask; exit ${at}` }),
            ]),
          );
          scripts.forEach((_, at) => {
            const after = results[at * 2 + 1] as Output;
            // A child left in the background may still write; what the step itself printed must be whole.
            expect(after.code).toBe(at);
            expect(after.stdout).toContain(`after ${at}\n`);
            expect(after.stderr).toContain(`err ${at}\n`);
          });
        }),
        { numRuns: 60 },
      );
    });

    test('gives any text back as it was printed, from scripts, environment and arguments', async () => {
      await fc.assert(
        fc.asyncProperty(text, async (value) => {
          const quoted = `'${value.replaceAll("'", "'\\''")}'`;
          const [a, b] = (await Promise.all([
            session.run({ script: `printf %s ${quoted}; printf %s ${quoted} >&2` }),
            session.run({ script: 'printf %s "$VALUE"', environment: { VALUE: value } }),
          ])) as [Output, Output];
          expect([a.stdout, a.stderr, b.stdout]).toEqual([value, value, value]);
        }),
        { numRuns: 60 },
      );
    });

    test('megabytes of binary between two steps', async () => {
      const [before, noise, after] = (await Promise.all([
        session.run({ script: 'echo before' }),
        session.run({
          script: 'head -c 5000000 /dev/urandom; head -c 3000000 /dev/urandom >&2',
          limit: 10_000,
        }),
        session.run({ script: 'echo after' }),
      ])) as [Output, Output, Output];
      expect([before.stdout, after.stdout]).toEqual(['before\n', 'after\n']);
      expect([noise.code, noise.truncated]).toEqual([0, true]);
      expect(noise.stdout).toContain('bytes left out');
    });

    test('refuses what no shell can take, and goes on', async () => {
      await expect(session.run({ script: 'echo \0' })).rejects.toMatchObject({ code: 'task.invalid' });
      const named = session.run({ script: 'true', environment: { 'a b': '' } });
      await expect(named).rejects.toMatchObject({ code: 'task.invalid' });
      expect(await session.run({ script: 'echo on' })).toMatchObject({ stdout: 'on\n' });
    });
  });
}
