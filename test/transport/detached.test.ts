import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runDetached } from '../../src/transport/detached.ts';
import { followText, startText } from '../../src/transport/detached/text.ts';
import type { Remote, Session } from '../../src/transport/types.ts';
import { remoteWith, SHELLS } from './shells.ts';

const root = process.getuid?.() === 0;
const folder = (id: string) =>
  `${root ? '/run/slipway' : `${process.env['XDG_RUNTIME_DIR'] ?? '/tmp'}/slipway-${process.getuid?.()}`}/${id}`;
const alive = (text: string) =>
  execFileSync('ps', ['-eo', 'args='], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line.includes(text));

for (const shell of SHELLS) {
  describe.skipIf(shell.missing)(`a detached step from ${shell.name}`, () => {
    let remote: Remote;
    let session: Session;
    let id: string;
    beforeEach(async () => {
      remote = remoteWith(shell.command);
      session = await remote.session(undefined);
      id = `test-${randomUUID()}`;
    });
    afterEach(() => remote.close());

    test('gives output and exit code, and leaves nothing behind', async () => {
      const seen: string[] = [];
      const output = await runDetached(
        remote,
        {
          script: `echo "$A"; umask; read x; echo err >&2; exit 7`,
          environment: { A: `it's` },
          onOutput: (stream, text) => seen.push(stream + text),
        },
        { id, reconnect: 0 },
      );
      expect(output).toEqual({ code: 7, stdout: `it's\n0022\n`, stderr: 'err\n' });
      expect(seen.join('')).toContain(`it's`);
      await session.run({ script: 'true' });
      expect(existsSync(folder(id))).toBe(false);
    });

    test('is in a session of its own, where there is setsid', async () => {
      const output = await runDetached(
        remote,
        { script: 'ps -o sid= -p $$; echo $PPID' },
        { id, reconnect: 0 },
      );
      const [sid, parent] = output.stdout.trim().split(/\s+/);
      expect(sid).toBe(parent);
    });

    test('is started once, however often it is asked for', async () => {
      const marker = `/tmp/${id}`;
      const step = { script: `echo x >>${marker}; sleep 0.3; wc -l <${marker}; rm ${marker}` };
      const again = await remote.session(undefined);
      await Promise.all([
        again.run({ script: startText(step, id) }),
        again.run({ script: startText(step, id) }),
      ]);
      const output = await runDetached(remote, step, { id, reconnect: 0 });
      expect(output.stdout.trim()).toBe('1');
    });

    test('output can be followed from any byte on', async () => {
      await session.run({ script: startText({ script: 'sleep 0.3; echo 0123456789; echo abcdef >&2' }, id) });
      const output = await session.run({ script: followText(id, { stdout: 4, stderr: 2 }, '') });
      expect(output).toMatchObject({ code: 0, stdout: '456789\n', stderr: 'cdef\n' });
      await runDetached(remote, { script: 'never' }, { id, reconnect: 0 });
    });

    test('a timeout kills it with all that it started', async () => {
      const nap = `6${process.pid}.${Math.random().toString().slice(2, 6)}`;
      const step = { script: `echo up; sleep ${nap} & setsid sleep ${nap} & sleep ${nap}`, timeout: 800 };
      await expect(runDetached(remote, step, { id, reconnect: 0 })).rejects.toMatchObject({
        code: 'task.timeout',
      });
      expect(alive(`sleep ${nap}`)).toEqual([]);
    });

    test('so does cancel', async () => {
      const nap = `7${process.pid}.${Math.random().toString().slice(2, 6)}`;
      const step = { script: `echo up; sleep ${nap}`, onOutput: () => void remote.cancel(500) };
      await expect(runDetached(remote, step, { id, reconnect: 0 })).rejects.toMatchObject({
        code: 'task.cancelled',
      });
      expect(alive(`sleep ${nap}`)).toEqual([]);
    });

    test('a boot in between is an unknown outcome', async () => {
      await session.run({ script: startText({ script: 'true' }, id) });
      await session.run({ script: `echo another-boot >${folder(id)}/boot` });
      await expect(runDetached(remote, { script: 'true' }, { id, reconnect: 0 })).rejects.toMatchObject({
        code: 'connect.lost',
        data: { outcome: 'unknown', rebooted: true },
      });
      await session.run({ script: `rm -rf ${folder(id)}` });
    });

    test('a supervisor that was killed is an unknown outcome', async () => {
      const step = { script: `echo up; kill -9 $PPID; sleep 0.2`, onOutput: () => {} };
      await expect(runDetached(remote, step, { id, reconnect: 0 })).rejects.toMatchObject({
        code: 'connect.shell',
        data: { outcome: 'unknown' },
      });
      await session.run({ script: `rm -rf ${folder(id)}` });
    });

    test('a script of a megabyte', async () => {
      const script = `: '${'é'.repeat(500_000)}'; echo long`;
      expect(await runDetached(remote, { script }, { id, reconnect: 0 })).toMatchObject({
        stdout: 'long\n',
        code: 0,
      });
    });
  });
}
