import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Output, Remote, Session } from '../../src/transport/types.ts';
import { remoteWith, SHELLS } from './shells.ts';

for (const shell of SHELLS) {
  describe.skipIf(shell.missing)(`a session of ${shell.name}`, () => {
    let remote: Remote;
    let session: Session;
    beforeEach(async () => {
      remote = remoteWith(shell.command);
      session = await remote.session(undefined);
    });
    afterEach(() => remote.close());

    const run = (script: string) => session.run({ script }) as Promise<Output>;

    test('gives output of both streams and the exit code', async () => {
      expect(await run('echo out; echo err >&2; exit 3')).toEqual({
        code: 3,
        stdout: 'out\n',
        stderr: 'err\n',
      });
    });

    test('runs steps in order and in one round trip', async () => {
      const steps = Array.from({ length: 50 }, (_, index) => run(`echo ${index}`));
      const outputs = await Promise.all(steps);
      expect(outputs.map((output) => output.stdout)).toEqual(outputs.map((_, index) => `${index}\n`));
      // One to open the shell, one for all the steps.
      expect(session.roundTrips).toBe(2);
    });

    test('tells when a timed step ran, by the host', async () => {
      const timed = (script: string, chain?: number) => session.run({ script, timed: true, chain });
      const [slow, failed, skipped, after] = await Promise.all([
        timed('sleep 0.2; echo done'),
        timed('exit 3', 7),
        timed('echo never', 7),
        run('echo plain'),
      ]);
      expect(slow).toMatchObject({ code: 0, stdout: 'done\n' });
      const { begun, ended, date, at } = slow!.clock!;
      expect(ended - begun).toBeGreaterThan(0.15);
      expect(ended - begun).toBeLessThan(5);
      expect(at).toBe(ended);
      expect(date).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/);
      expect(failed).toMatchObject({ code: 3, clock: { date } });
      expect(skipped).toBe(undefined);
      expect(after).toEqual({ code: 0, stdout: 'plain\n', stderr: '' });
    });

    test.each([
      ['an unbalanced quote', `echo 'a`, (code: number) => code !== 0],
      ['a syntax error', 'if true; then )', (code: number) => code !== 0],
      ['an unfinished here-document', 'cat <<END\nx', (code: number) => code === 0],
      ['exit', 'exit 7', (code: number) => code === 7],
      ['exec', 'exec true', (code: number) => code === 0],
      ['exec of nothing', 'exec /does/not/exist', (code: number) => code !== 0],
      ['a reader of stdin', 'cat; read x; exit 0', (code: number) => code === 0],
      ['set -e', 'set -e; false; echo no', (code: number) => code === 1],
      ['set -u', 'set -u; echo $nothing', (code: number) => code !== 0],
      ['a trap', "trap 'echo trapped' EXIT", (code: number) => code === 0],
      ['closed streams', 'exec >&- 2>&-; exit 5', (code: number) => code === 5],
      ['a closed stdin', 'exec <&-; exit 6', (code: number) => code === 6],
      ['a script that starts with a dash', '-x 2>/dev/null || exit 9', (code: number) => code === 9],
      ['an empty script', '', (code: number) => code === 0],
      ['a comment', '# nothing', (code: number) => code === 0],
      ['a line continuation at the end', 'true \\', (code: number) => code === 0],
      ['functions named as ours', '__e() { :; }; __f=" 1 "; exit 4', (code: number) => code === 4],
      ['return', 'return 3', (code: number) => code === 3 || code === 0 || code === 1 || code === 2],
      ['a killed child', "kill -9 $(sh -c 'echo $PPID'); sleep 1", (code: number) => code === 137],
    ])('survives %s', async (_, script, right) => {
      const [output, after] = await Promise.all([run(script), run('echo after; echo err >&2')]);
      expect(right(output.code), `exit ${output.code}`).toBe(true);
      expect(after).toEqual({ code: 0, stdout: 'after\n', stderr: 'err\n' });
      expect(output.stdout).not.toContain('\u001e');
    });

    describe('steps whose output comes as a whole', () => {
      const whole = (script: string, chain?: number) => session.run({ script, whole: true, chain });

      test.each([
        ['lines', String.raw`printf 'a  b\n*\n\\n%%s\n'; echo err >&2; exit 3`, 3, 'a  b\n*\n\\n%s\n'],
        ['nothing', 'exit 4', 4, ''],
        ['no newline at the end', 'printf x', 0, 'x\n'],
        ['a megabyte', "head -c 700000 /dev/zero | tr '\\0' x; echo", 0, `${'x'.repeat(700_000)}\n`],
        ['a trap', "trap 'echo trapped' EXIT; false", 1, 'trapped\n'],
        ['an unbalanced bracket', "case x in x) echo ')' ;; esac", 0, ')\n'],
        ['a here-document', "cat <<'END'\n$(x) `y`\nEND", 0, '$(x) `y`\n'],
      ])('%s', async (_, script, code, stdout) => {
        const [output, after] = await Promise.all([whole(script), run('echo after')]);
        expect(output).toEqual({ code, stdout, stderr: script.includes('err') ? 'err\n' : '' });
        expect(after).toEqual({ code: 0, stdout: 'after\n', stderr: '' });
      });

      test('a failed one fails its chain', async () => {
        const [failed, skipped, plain, other] = await Promise.all([
          whole('echo no; exit 1', 1),
          whole('echo never', 1),
          session.run({ script: 'echo never', chain: 1 }),
          whole('echo other', 2),
        ]);
        expect(failed).toMatchObject({ code: 1, stdout: 'no\n' });
        expect([skipped, plain]).toEqual([undefined, undefined]);
        expect(other).toMatchObject({ code: 0, stdout: 'other\n' });
      });

      test('one that runs too long is ended, and the session goes on', async () => {
        const late = session.run({ script: 'echo x; sleep 4321', whole: true, timeout: 300 });
        await expect(late).rejects.toMatchObject({ code: 'task.timeout' });
        expect(await whole('echo on')).toMatchObject({ stdout: 'on\n' });
      });
    });

    test('a child in the background that keeps stdout does not hold up the step', async () => {
      const output = await run('sleep 30 & echo $!');
      expect(output.code).toBe(0);
      await run(`kill ${output.stdout}`);
    });

    test('has a known environment, and the step its own', async () => {
      const step = { script: 'umask; echo "$LC_ALL $A"', environment: { A: `it's "x" $HOME\n` } };
      expect(await session.run(step)).toMatchObject({ stdout: `0022\nC it's "x" $HOME\n\n` });
      expect(await run('echo "[$A]"; echo $PATH')).toMatchObject({
        stdout: expect.stringMatching(/^\[\]\n.*\/sbin/),
      });
    });

    test('a step cannot change the shell for the next one', async () => {
      await run('cd /tmp; umask 077; x=1; PATH=; f() { :; }');
      expect(await run('umask; echo "[$x]"; command -v f; ls / >/dev/null && echo found')).toMatchObject({
        stdout: '0022\n[]\nfound\n',
      });
    });

    test('a chain stops at its first failure, without another round trip', async () => {
      const outputs = await Promise.all([
        session.run({ script: 'echo 1', chain: 1 }),
        session.run({ script: 'exit 4', chain: 1 }),
        session.run({ script: 'echo no', chain: 1 }),
        session.run({ script: 'echo other', chain: 11 }),
        session.run({ script: 'echo none' }),
      ]);
      expect(outputs.map((output) => output && output.stdout + output.code)).toEqual([
        '1\n0',
        '4',
        undefined,
        'other\n0',
        'none\n0',
      ]);
      expect(session.roundTrips).toBe(2);
      expect(await session.run({ script: 'echo later', chain: 1 })).toBeUndefined();
    });

    test('a step that always runs fails its chain all the same', async () => {
      const outputs = await Promise.all([
        session.run({ script: 'exit 4', chain: 2, always: true }),
        session.run({ script: 'echo item', chain: 2, always: true }),
        session.run({ script: 'echo no', chain: 2 }),
      ]);
      expect(outputs.map((output) => output && output.stdout + output.code)).toEqual([
        '4',
        'item\n0',
        undefined,
      ]);
      expect(await session.run({ script: 'echo late', chain: 2, always: true })).toMatchObject({
        stdout: 'late\n',
      });
    });

    test('a step that kills the shell is not run again, and those behind it run in a new one', async () => {
      const [killer, chained, next] = await Promise.allSettled([
        session.run({ script: 'echo before; kill -9 $$; sleep 5', chain: 1 }),
        session.run({ script: 'echo chained', chain: 1 }),
        session.run({ script: 'echo next' }),
      ]);
      expect(killer).toMatchObject({ reason: { code: 'connect.shell', data: { stdout: 'before\n' } } });
      expect(chained).toEqual({ status: 'fulfilled', value: undefined });
      expect(next).toMatchObject({ value: { stdout: 'next\n' } });
    });

    test('scripts of megabytes go through a file, in order', async () => {
      const long = `echo start\n: '${'x'.repeat(3_000_000)}'\necho end; echo "$SLIPWAY_TEST"; cat`;
      const [a, b, c] = await Promise.all([
        run('echo a'),
        session.run({ script: long, environment: { SLIPWAY_TEST: 'set' } }),
        run('echo c; ls ${TMPDIR:-/tmp}/slipway.?????? 2>/dev/null | wc -l'),
      ]);
      expect([a.stdout, b?.stdout]).toEqual(['a\n', 'start\nend\nset\n']);
      expect(c.stdout).toMatch(/^c\n/);
    });

    test('keeps head and tail of long output', async () => {
      const output = await session.run({
        script: 'i=0; while [ $i -lt 20000 ]; do echo "line $i é"; i=$((i+1)); done',
        limit: 1000,
      });
      expect(output?.truncated).toBe(true);
      expect(output?.stdout).toMatch(/^line 0 é\n[^]*bytes left out[^]*line 19999 é\n$/);
      expect(output!.stdout.length).toBeLessThan(1100);
      expect(output?.stdout).not.toContain('\ufffd');
    });

    test('shows output as it comes', async () => {
      const seen: string[] = [];
      await session.run({
        script: `printf 'one\\n'; printf 'two' >&2; printf '\\303'; sleep 0.05; printf '\\251'`,
        onOutput: (stream, text) => seen.push(`${stream}:${text}`),
      });
      const of = (stream: string) =>
        seen
          .filter((line) => line.startsWith(stream))
          .map((line) => line.slice(stream.length + 1))
          .join('');
      expect(of('stdout')).toBe('one\né');
      expect(of('stderr')).toBe('two');
    });
  });
}
