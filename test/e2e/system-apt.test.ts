import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasDocker, Node, settle } from './system-kit.ts';

const node = new Node('system-apt');
const shells: [string, string[]][] = [
  ['dash', ['dash']],
  ['bash', ['bash']],
  ['busybox', ['busybox', 'sh']],
];

/** Makes a signed repository in /srv/repo out of packages `name version [field]`. */
const REPOSITORY = `
set -e
export GNUPGHOME=/root/gnupg
mkdir -p /srv/repo /root/build; mkdir -m 700 $GNUPGHOME
cd /srv/repo
make() {
  d=/root/build/$1-$2; mkdir -p $d/DEBIAN $d/usr/share/$1
  printf 'Package: %s\\nVersion: %s\\nArchitecture: all\\nMaintainer: Nobody <n@example.org>\\nDescription: test\\n%s' "$1" "$2" "$3" > $d/DEBIAN/control
  echo $2 > $d/usr/share/$1/version
  dpkg-deb --build $d /srv/repo/$1_$2_all.deb >/dev/null
}
make hello-a 1.0-1; make hello-a 1.1-1; make hello-a 2.0-1
make hello-b 1.0-1 'Depends: hello-nowhere
'
make hello-c 1.0-1 'Provides: greeting
'
: > Packages
for f in *.deb; do
  dpkg-deb -f $f >> Packages
  printf 'Filename: ./%s\\nSize: %s\\nSHA256: %s\\n\\n' $f $(stat -c %s $f) $(sha256sum $f | cut -d ' ' -f 1) >> Packages
done
printf 'Origin: Test\\nSuite: test\\nDate: %s\\nSHA256:\\n %s %s Packages\\n' "$(date -Ru)" $(sha256sum Packages | cut -d ' ' -f 1) $(stat -c %s Packages) > Release
gpg --batch --quiet --pinentry-mode loopback --passphrase '' --quick-generate-key 'Test <t@example.org>' default sign never
gpg --batch --quiet --yes --clearsign -o InRelease Release
gpg --armor --export > /srv/repo/key.asc
gpg --batch --quiet --pinentry-mode loopback --passphrase '' --quick-generate-key 'Other <o@example.org>' default sign never
gpg --armor --export o@example.org > /srv/other.asc
rm -f /etc/apt/sources.list.d/*
: > /etc/apt/sources.list
rm -rf /var/lib/apt/lists/*
`;

describe.skipIf(!hasDocker)('apt on a real host', () => {
  const keys = { key: '', other: '', fingerprint: '' };
  beforeAll(async () => {
    node.start();
    await node.run({ text: REPOSITORY });
    keys.key = (await node.run({ text: 'cat /srv/repo/key.asc' })).stdout;
    keys.other = (await node.run({ text: 'cat /srv/other.asc' })).stdout;
    const colons = (await node.run({ text: 'gpg --batch --with-colons --show-keys /srv/repo/key.asc' }))
      .stdout;
    keys.fingerprint = /^fpr:+([0-9A-F]+)/m.exec(colons)![1]!;
  });
  afterAll(() => node.remove());

  describe.each(shells)('%s', (_shell, command) => {
    const host = node.with(command);
    const change = async (module: string, params: Record<string, unknown>) => {
      const settled = await settle(host, module, params);
      expect(settled.before).toMatchObject({ verdict: 'change' });
      expect(settled.after).toMatchObject({ verdict: 'same' });
      return settled.result;
    };
    const sh = async (text: string) => (await host.run({ text }, { anyExit: true })).stdout.trim();
    const source = { name: 'test', uris: 'file:/srv/repo', suites: './' };

    it('says that no lists were fetched', async () => {
      await sh('rm -rf /var/lib/apt/lists/* /var/lib/apt/periodic/*');
      const { before } = await settle(host, 'apt', { name: 'hello-a' });
      expect(before).toMatchObject({ verdict: 'impossible', hint: 'Set `update_cache: true`.' });
    });

    it('adds a repository, checks its key, fetches its lists', async () => {
      const { fingerprint } = keys;
      const wrong = await settle(host, 'apt_repository', { ...source, key: keys.other, fingerprint });
      expect(wrong.before).toMatchObject({ why: expect.stringContaining('has another fingerprint') });
      const fetched = settle(host, 'apt_repository', {
        ...source,
        key_url: 'file:///srv/other.asc',
        fingerprint,
      });
      await expect(fetched).rejects.toMatchObject({
        message: expect.stringContaining('has another fingerprint'),
      });
      // A key that is not the repository's: nothing of it may stay.
      await expect(settle(host, 'apt_repository', { ...source, key: keys.other })).rejects.toMatchObject({
        message: expect.stringMatching(/is signed with the key [0-9A-F]+, which is not known here/),
      });
      expect(await sh('ls /etc/apt/sources.list.d /etc/apt/keyrings')).not.toContain('test');
      await change('apt_repository', { ...source, key: keys.key, fingerprint: keys.fingerprint });
      expect(await sh('cat /etc/apt/sources.list.d/test.sources')).toContain(
        'Signed-By: /etc/apt/keyrings/test',
      );
      expect(await sh('apt-cache policy hello-a')).toContain('Candidate: 2.0-1');
      await change('apt_repository', { ...source, key_url: 'file:///srv/repo/key.asc', filename: 'other' });
      await change('apt_repository', { ...source, filename: 'other', state: 'absent' });
    });

    it('installs a version, holds it, upgrades it although it is held', async () => {
      await change('apt', { name: 'hello-a=1.0*', hold: true });
      expect(await sh('apt-mark showhold')).toBe('hello-a');
      const latest = await settle(host, 'apt', { name: 'hello-a', state: 'latest' });
      expect(latest.before).toMatchObject({ verdict: 'same', why: 'hello-a is 1.0-1, held' });
      const result = await change('apt', { name: 'hello-a=1.1-1', hold: true });
      expect(result).toMatchObject({ packages: { 'hello-a': '1.1-1' } });
      expect(await sh('apt-mark showhold')).toBe('hello-a');
      await change('apt', { name: 'hello-a', state: 'latest', hold: false });
      expect(await sh('apt-mark showhold; cat /usr/share/hello-a/version')).toBe('2.0-1');
    });

    it('says what an older version needs', async () => {
      await expect(settle(host, 'apt', { name: 'hello-a=1.0-1' })).rejects.toMatchObject({
        code: 'task.failed',
        message: 'this would install an older version',
        hint: 'Set `allow_downgrade: true`.',
      });
      await change('apt', { name: 'hello-a=1.0-1', allow_downgrade: true });
      await change('apt', { upgrade: 'full' });
      await expect(settle(host, 'apt', { name: 'hello-a=3.*' })).rejects.toMatchObject({
        message: 'there is no version 3.* of hello-a',
        hint: 'There is: 2.0-1, 1.1-1, 1.0-1.',
      });
    });

    it('explains dependencies that cannot be met', async () => {
      await expect(settle(host, 'apt', { name: 'hello-b' })).rejects.toMatchObject({
        message: expect.stringContaining('hello-b : Depends: hello-nowhere'),
      });
    });

    it('names the package that was meant', async () => {
      const { before } = await settle(host, 'apt', { name: 'hello-aa' });
      expect(before).toMatchObject({ why: 'there is no package hello-aa', hint: 'Did you mean `hello-a`?' });
    });

    it('takes what is provided', async () => {
      await change('apt', { name: 'hello-c' });
      expect((await settle(host, 'apt', { name: 'greeting' })).before).toMatchObject({ verdict: 'same' });
      await change('apt', { name: ['hello-c', 'hello-a'], state: 'absent', purge: true });
    });

    it('installs a file', async () => {
      await change('apt', { deb: '/srv/repo/hello-a_1.1-1_all.deb' });
      const older = await settle(host, 'apt', { deb: '/srv/repo/hello-a_1.0-1_all.deb' });
      expect(older.before).toMatchObject({ verdict: 'same' });
      await change('apt', { name: 'hello-a', state: 'absent' });
    });

    it('waits for a lock and names its holder', async () => {
      await sh(
        'exec 2>&1; perl -e \'use Fcntl; open(F, ">>", "/var/lib/dpkg/lock-frontend"); $l = pack("s s l! l! i", F_WRLCK, 0, 0, 0, 0); fcntl(F, F_SETLK, $l) or die; $0 = "unattended"; sleep 4\' >/dev/null 2>&1 & sleep 1',
      );
      await expect(settle(host, 'apt', { name: 'hello-a', lock_timeout: 0 })).rejects.toMatchObject({
        message: expect.stringMatching(/^apt is locked: .*lock-frontend is held by process \d+ \(/),
      });
      await change('apt', { name: 'hello-a', lock_timeout: 60 });
      await change('apt', { name: 'hello-a', state: 'absent' });
    });

    it('fetches lists that are too old', async () => {
      await sh('touch -d 2001-01-01 /var/lib/apt/periodic/update-success-stamp');
      await change('apt', { update_cache: true, cache_valid_time: 3600 });
      await sh('touch -d 2001-01-01 /var/lib/apt/periodic/update-success-stamp');
      const each = await settle(host, 'apt', { update_cache: true });
      expect(each.before).toMatchObject({ verdict: 'change', always: true });
    });

    it('removes the repository with its key', async () => {
      await change('apt_repository', { ...source, state: 'absent' });
      expect(await sh('ls /etc/apt/sources.list.d /etc/apt/keyrings')).not.toContain('test');
    });
  });
});
