import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { modules } from '../../src/modules/index.generated.ts';
import { runLocally, shells } from '../kit/local-shell.ts';

// What probes answer that spare programs by reading several things at once: on real files, with names and contents that
// look like a probe's own words.
const folder = mkdtempSync(path.join(tmpdir(), 'probe-'));
afterAll(() => rmSync(folder, { recursive: true }));

const NAMES = ["it's a $(touch pwned) file", 'text', '-n', 'a*b [c]', 'end\nabsent'];
const CONTENTS = [
  '',
  '\n',
  'x',
  'text\n',
  'end\ntext\nend\n',
  '\n\n a\n\n\n',
  '36 /x y z\n1.2.3.4:/e /m nfs\n  7 x\n',
  'ü\n.',
];

describe.each(shells)('with %s', (_, shell) => {
  // What modules know of a host is theirs; the tests look into it.
  // oxlint-disable-next-line typescript/no-explicit-any
  async function read(name: string, params: Record<string, unknown>): Promise<any> {
    const module = modules.get(name)!;
    if (module.kind !== 'state') throw new Error(`${name} is no state`);
    const output = await runLocally(shell, module.probe(params));
    const current = module.read(output, params);
    return { ...current, verdict: module.compare(current, params) };
  }

  it.each(NAMES)('a file named %j keeps its text', async (name) => {
    const file = path.join(folder, name);
    for (const content of name === NAMES[0] ? CONTENTS : CONTENTS.slice(4, 5)) {
      writeFileSync(file, content);
      const settings = { name: 'kernel.ostype', value: 'Linux', sysctl_file: file };
      const sysctl = await read('sysctl', settings);
      expect({ content: text(sysctl.file), live: sysctl.live }).toEqual({ content, live: 'Linux' });
      const mount = await read('mount', { path: '/nowhere', state: 'absent', fstab: file });
      expect(text(mount.fstab)).toBe(content);
    }
  });

  it('a file that is no text is not taken for one', async () => {
    const file = path.join(folder, 'bytes');
    const settings = { name: 'kernel.ostype', value: 'Linux', sysctl_file: file };
    const mount = { path: '/nowhere', state: 'absent', fstab: file };
    const refused = async (name: string, params: Record<string, unknown>) =>
      expect(read(name, params)).rejects.toThrow('cannot be read as text');
    for (const bytes of [Buffer.from([0x61, 0xff, 0x0a]), Buffer.from('a\0b\n')]) {
      writeFileSync(file, bytes);
      await refused('sysctl', settings);
      await refused('mount', mount);
    }
    // A line that looks like one of the kernel's is not told apart: better refused than lost.
    writeFileSync(file, '1 2 lost\n');
    await refused('mount', mount);
  });

  it('a mount is found by its path, also through a link', async () => {
    const link = path.join(folder, 'link to proc');
    rmSync(link, { force: true });
    symlinkSync('/proc', link);
    for (const where of ['/proc', link]) {
      const { live } = await read('mount', { path: where, src: 'proc', fstype: 'proc', state: 'ephemeral' });
      expect(live).toMatchObject({ type: 'proc', source: 'proc', depth: 1 });
    }
    const bind = { src: '/proc', fstype: 'none', opts: 'bind', state: 'ephemeral' };
    expect(await read('mount', { path: '/proc', ...bind })).toMatchObject({ verdict: { verdict: 'same' } });
    const other = await read('mount', { path: '/proc', ...bind, src: '/' });
    expect(other.verdict).toMatchObject({ verdict: 'impossible' });
  });

  it('a mount point is empty or full', async () => {
    const point = path.join(folder, 'a*b');
    mkdirSync(point);
    expect((await read('mount', { path: point, state: 'absent' })).point).toBe('empty');
    writeFileSync(path.join(point, '.hidden'), '');
    expect((await read('mount', { path: point, state: 'absent' })).point).toBe('full');
    rmSync(point, { recursive: true });
    expect((await read('mount', { path: point, state: 'absent' })).point).toBe(undefined);
  });

  it.each(["o'neil", 'a;id', '$HOME', '+', 'nobody-of-that-name', 'a b'])(
    'there is no user %j',
    async (user) => {
      const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIone ada@x';
      expect((await read('authorized_key', { user, key })).verdict).toMatchObject({
        verdict: 'impossible',
        why: `there is no user ${user}`,
      });
      expect((await read('cron', { name: 'a', job: 'b', user })).verdict.verdict).toBe('impossible');
    },
  );

  it('an owner is known by the file and by the database', async () => {
    const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIone ada@x';
    const file = path.join(folder, 'keys');
    writeFileSync(file, `${key}\n`, { mode: 0o600 });
    const row = readFileSync('/etc/passwd', 'utf8')
      .split('\n')
      .map((line) => line.split(':'))
      .find(([, , uid]) => uid === String(process.getuid!()))!;
    for (const where of [file, path.join(folder, 'no keys')])
      expect((await read('authorized_key', { user: row[0], key, path: where })).user).toMatchObject({
        uid: row[2],
      });
    expect((await read('authorized_key', { user: row[0], key, path: '~/none/of/it' })).path).toBe(
      `${row[5]}/none/of/it`,
    );
    const daemon = await read('authorized_key', { user: 'daemon', key, path: file });
    expect(daemon.user).toEqual({ uid: '1', gid: '1' });
  });

  it('swap is what the kernel says', async () => {
    const { swaps, place } = await read('swap', { state: 'absent', path: path.join(folder, 'none') });
    const active = readFileSync('/proc/swaps', 'utf8')
      .split('\n')
      .filter((line) => line.startsWith('/')).length;
    expect(swaps.active.length).toBe(active);
    expect(place.type).toBe(undefined);
    const file = path.join(folder, 'signed');
    for (const page of [4096, 65536]) {
      const bytes = Buffer.alloc(page);
      bytes.write('SWAPSPACE2', page - 10);
      writeFileSync(file, bytes);
      expect((await read('swap', { path: file })).place).toMatchObject({
        type: 'file',
        bytes: page,
        signed: true,
      });
    }
    writeFileSync(file, 'SWAPSPACE2');
    expect((await read('swap', { path: file })).place.signed).toBe(false);
  });
});

function text(file: { bytes?: Uint8Array }): string {
  return Buffer.from(file.bytes ?? '-').toString();
}
