import { execFileSync } from 'node:child_process';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Output, Remote, Session } from '../../src/transport/types.ts';
import { remoteWith, SHELLS } from './shells.ts';

/** Processes of this machine whose command line holds the text. */
function alive(text: string): string[] {
  const listed = execFileSync('ps', ['-eo', 'pid=,stat=,args='], { encoding: 'utf8' });
  return listed.split('\n').filter((line) => line.includes(text) && !/^\s*\d+ Z/.test(line));
}

let count = 0;
/** A number of seconds that no other process sleeps, to find it by. */
const unique = () => `${3000 + count++}.${process.pid}`;

for (const shell of SHELLS) {
  describe.skipIf(shell.missing)(`ending a step in ${shell.name}`, () => {
    let remote: Remote;
    let session: Session;
    beforeEach(async () => {
      remote = remoteWith(shell.command);
      session = await remote.session(undefined);
    });
    afterEach(() => remote.close());

    test('a timeout kills all that the step started, and the steps behind it go on', async () => {
      const nap = unique();
      const results = await Promise.allSettled([
        session.run({ script: 'echo first' }),
        session.run({
          script: `echo begun; (sleep ${nap} & ) ; (trap '' HUP; sh -c 'sleep ${nap}; :') & env -i sleep ${nap}; echo no`,
          timeout: 700,
          chain: 1,
        }),
        session.run({ script: 'echo chained', chain: 1 }),
        session.run({ script: 'echo next' }),
      ]);
      expect(results[0]).toMatchObject({ value: { stdout: 'first\n' } });
      expect(results[1]).toMatchObject({
        reason: { code: 'task.timeout', data: { stdout: 'begun\n', timeout: 700 } },
      });
      expect((results[1] as { reason: Error }).reason.message).not.toContain('still');
      expect(results[2]).toMatchObject({ value: undefined });
      expect(results[3]).toMatchObject({ value: { stdout: 'next\n' } });
      expect(alive(nap)).toEqual([]);
    });

    test('a process that ignores TERM is killed after the grace', async () => {
      const nap = unique();
      const step = session.run({
        script: `trap '' TERM; echo up; while :; do sleep ${nap}; done`,
        onOutput: () => void remote.cancel(300),
      });
      await expect(step).rejects.toMatchObject({ code: 'task.cancelled', data: { started: true } });
      expect(alive(nap)).toEqual([]);
    });

    test('cancel stops what runs and drops what waits; the session stays usable', async () => {
      const nap = unique();
      let up: () => void = () => {};
      const begun = new Promise<void>((resolve) => (up = resolve));
      const results = Promise.allSettled([
        session.run({ script: `echo up; sleep ${nap}`, onOutput: () => up() }),
        session.run({ script: 'echo never' }),
        session.run({ script: 'echo never', chain: 2 }),
      ]);
      await begun;
      await session.cancel();
      expect(await results).toMatchObject([
        { reason: { code: 'task.cancelled', data: { started: true, stdout: 'up\n' } } },
        { reason: { code: 'task.cancelled', data: { started: false } } },
        { reason: { code: 'task.cancelled', data: { started: false } } },
      ]);
      expect(alive(nap)).toEqual([]);
      expect(((await session.run({ script: 'echo again' })) as Output).stdout).toBe('again\n');
    });

    test('cancel with nothing running does nothing', async () => {
      await session.cancel();
      await session.run({ script: 'true' });
      await session.cancel();
      expect(await session.run({ script: 'echo $$' })).toMatchObject({ code: 0 });
    });

    test.runIf(shell.name === 'dash')(
      'the time of a step counts from its start, not from when it was sent',
      async () => {
        const results = await Promise.allSettled([
          session.run({ script: 'sleep 4' }),
          session.run({ script: 'sleep 0.1; echo done', timeout: 3500 }),
        ]);
        expect(results[1]).toMatchObject({ value: { stdout: 'done\n' } });
      },
    );
  });
}
