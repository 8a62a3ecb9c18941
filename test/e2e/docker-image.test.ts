import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Event } from '../../src/events/types.ts';
import { type Engines, engines, MEMBER_USER, startEngines, SUDO_USER } from './kit/engines.ts';
import { compareForecast } from './kit/forecast.ts';
import { busyboxLayer, type MadeImage, writeImageTar } from './kit/images.ts';
import { startSlipway } from './kit/running.ts';
import { suite } from './kit/skip.ts';
import { playbook, type SlipwayRun } from './kit/slipway.ts';

const PASSWORD = 'swordfish-17';
const REGISTRY = `
cat > /etc/docker/registry/config.yml <<'END'
version: 0.1
storage: {filesystem: {rootdirectory: /var/lib/docker-registry}}
http: {addr: ':5000'}
auth: {htpasswd: {realm: test, path: /etc/docker/registry/htpasswd}}
END
echo 'ada:$2b$05$1ChpTYGbLKL4.C/hu1z6/eFR4s9K3IqPLvxLHhtsK.8oQK2rI1tvC' > /etc/docker/registry/htpasswd
`;

/** A pattern that does not find itself. */
const split = (text: string) => `[${text[0]}]${text.slice(1)}`;

suite('docker_image on a real Engine', [engines], () => {
  let given: Engines;
  let tar: { readonly file: string; readonly size: number; readonly image: MadeImage };
  const folder = mkdtempSync(path.join(os.tmpdir(), 'slipway-e2e-image-'));
  const file = (name: string) => path.join(folder, name);

  beforeAll(async () => {
    const box = { ...busyboxLayer(), 'data/blob': Buffer.alloc(400_000, 'slipway ') };
    const tags = ['e2e/box:1', 'e2e/box:latest'];
    const [[image]] = await Promise.all([
      writeImageTar(file('box.tar'), { tags, layers: [box], command: ['sh'] }),
      startEngines(1, { services: ['docker', 'docker-registry'], setup: REGISTRY }).then((made) => {
        given = made;
      }),
    ]);
    tar = { file: file('box.tar'), size: readFileSync(file('box.tar')).length, image: image! };
  });
  afterAll(async () => {
    await given?.stop();
    rmSync(folder, { recursive: true });
  });

  interface Done {
    readonly bytes_sent: number;
    readonly bytes_saved: number;
    readonly actions: readonly string[];
  }
  interface Asked {
    readonly user?: string;
    readonly become?: boolean;
    readonly args?: readonly string[];
  }
  const play = (task: Record<string, unknown>, become = false) =>
    `- hosts: nodes\n  gather_facts: false\n  become: ${become}\n  tasks:\n    - {name: it, register: r, docker_image: ${JSON.stringify(task)}}\n`;
  const run = (
    task: Record<string, unknown>,
    { user = MEMBER_USER, become = false, args = [] }: Asked = {},
  ) => given.play(play(task, become), { user, args, folder });
  const failure = (result: SlipwayRun) => finished(result.events)?.failure;
  const result = (ran: SlipwayRun) => finished(ran.events)?.result as unknown as Done;
  const sh = async (script: string) => (await given.node.root(script)).stdout.trim();
  /** Processes whose command line is like this. */
  const left = (pattern: string) => sh(`ps -eo args | grep -E '${pattern}' | grep -v 'grep' || echo none`);
  const state = () =>
    sh(
      'docker image ls -a --digests --no-trunc --format "{{.Repository}} {{.Tag}} {{.Digest}} {{.ID}}" | sort; find /srv /var/lib/docker-registry | sort',
    );

  /** Dry run, run, run again: nothing touched, all foretold, nothing left to do. */
  async function settles(task: Record<string, unknown>, asked: Asked = {}): Promise<SlipwayRun> {
    const before = await state();
    const dry = await run(task, { ...asked, args: ['--check', '--diff'] });
    expect(dry.failures).toEqual([]);
    expect(dry.changed).toEqual(['n1: it']);
    expect(await state()).toBe(before);
    const real = await run(task, asked);
    expect(real.failures).toEqual([]);
    expect(compareForecast(dry, real).wrong).toEqual([]);
    expect(result(dry)).toMatchObject({ bytes_sent: result(real).bytes_sent, actions: result(real).actions });
    const again = await run(task, asked);
    expect(again.failures).toEqual([]);
    expect(again.changed).toEqual([]);
    expect(result(again)).toMatchObject({ bytes_sent: 0, actions: [] });
    return real;
  }

  const load = () => ({ source: 'load', load_path: tar.file });
  const WAYS = [
    ['as a member of the group docker', { user: MEMBER_USER }],
    ['as root, where the login user may not open the socket', { user: SUDO_USER, become: true }],
  ] as const;

  test.each(WAYS)('loads a tar once, and takes its names away, %s', async (_, asked) => {
    const loaded = await settles(load(), asked);
    expect(result(loaded).actions).toEqual(['load']);
    expect(result(loaded).bytes_sent).toBeGreaterThan(tar.image.sizes[0]!);
    expect(await sh('docker image inspect --format {{.Id}} e2e/box:1 e2e/box:latest')).toBe(
      `${tar.image.id}\n${tar.image.id}`,
    );
    const logins = () => sh("journalctl -q -u ssh -g 'Accepted publickey' | wc -l");
    const before = Number(await logins());
    for (const name of ['e2e/box', 'e2e/box:1'])
      expect((await run({ name, state: 'absent' }, asked)).failures).toEqual([]);
    expect(await sh('docker image ls -aq')).toBe('');
    // One connection for each run, and nothing stays behind.
    expect(Number(await logins())).toBe(before + 2);
    expect(await left('dial-stdio')).toBe('none');
  });

  test('one of two names goes, and comes back without its layer', async () => {
    await run(load());
    await settles({ name: 'e2e/box', state: 'absent' });
    expect(await sh('docker image ls -q e2e/box')).not.toBe('');
    const renamed = result(await run(load()));
    expect(renamed.bytes_sent).toBeLessThan(100_000);
    expect(renamed.bytes_saved).toBe(tar.image.sizes[0]);
  });

  test('says what to do where the socket refuses, and where there is no Engine at that place', async () => {
    const refused = await run(load(), { user: SUDO_USER });
    expect(failure(refused)).toMatchObject({ code: 'task.failed', hint: expect.stringContaining('become') });
    const elsewhere = await run({ ...load(), docker_host: 'unix:///run/none.sock' });
    expect(failure(elsewhere)?.message).toContain('does not run (nobody listens at /run/none.sock)');
  });

  test('tags, saves, pushes and pulls, with the right account alone', async () => {
    const repository = 'localhost:5000/team/box:2';
    const account = { username: 'ada', password: PASSWORD };
    await run(load());
    await given.node.root('install -d -m 777 /srv/out');
    await settles({ name: 'e2e/box:1', source: 'local', repository, archive_path: "/srv/out/b'x.tar" });
    const push = { name: 'e2e/box:1', source: 'local', repository, push: true };
    // What every process was called with, and has in its environment, from here on.
    const header = Buffer.from(JSON.stringify(account)).toString('base64').slice(-24, -4);
    const seen = '/run/seen-password';
    const watching = given.node.root(`
      touch ${seen}
      while [ -e ${seen} ]; do
        cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null | tr '\\0' '\\n' |
          grep -e '${split(PASSWORD)}' -e '${split(header)}'
        sleep 0.02
      done
    `);

    const wrong = await run({ ...push, username: 'ada', password: 'not-that-one' });
    expect(failure(wrong)).toMatchObject({
      code: 'task.failed',
      message: expect.stringMatching(/pushing .*(unauthorized|no basic auth|denied)/),
      hint: expect.stringContaining('username'),
    });
    expect(failure(await run(push))?.message).toMatch(/no basic auth credentials/);
    const pushed = await settles({ ...push, ...account });
    expect(result(pushed)).toMatchObject({ bytes_sent: 0, actions: ['push'] });

    await given.node.root('docker image rm -f $(docker image ls -aq)');
    const pull = { name: repository, source: 'pull' };
    const denied = await run({ ...pull, username: 'ada', password: 'not-that-one' });
    expect(failure(denied)).toMatchObject({ hint: expect.stringContaining('username') });
    expect(failure(await run({ ...pull, name: 'localhost:5000/team/none', ...account }))?.message).toMatch(
      /not found|unknown/,
    );
    await settles({ ...pull, ...account });
    expect(await sh(`docker image inspect --format {{.Id}} ${repository}`)).toBe(tar.image.id);
    // The same with a look at the registry: it has no other.
    const fresh = await run({ ...pull, force_source: true, ...account }, { user: SUDO_USER, become: true });
    expect(fresh.failures).toEqual([]);
    expect(fresh.changed).toEqual([]);

    await given.node.root(`rm ${seen}`);
    expect((await watching).stdout).toBe('');

    // The saved tar holds what was saved, and can be loaded.
    await given.node.root(
      `docker image rm -f ${repository}; docker load -i "/srv/out/b'x.tar"; rm /srv/out/*`,
    );
    expect(await sh('docker image inspect --format {{.Id}} e2e/box:1')).toBe(tar.image.id);
    const kept = readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((one) => one.isFile() && one.parentPath.includes('.slipway'))
      .map((one) => readFileSync(path.join(one.parentPath, one.name), 'utf8'));
    expect(kept.length).toBeGreaterThan(5);
    for (const text of [wrong.stdout, wrong.stderr, pushed.stdout, pushed.stderr, ...kept]) {
      for (const form of [PASSWORD, header]) expect(text).not.toContain(form);
    }
  });

  test('builds once, anew when something changes, and tells what a step said that failed', async () => {
    await run(load());
    const context = file('app');
    mkdirSync(path.join(context, 'src'), { recursive: true });
    const dockerfile = 'FROM e2e/box:1\nARG WHO=nobody\nRUN echo "built for $WHO" > /who\nCOPY . /app\n';
    writeFileSync(path.join(context, 'Dockerfile'), dockerfile);
    writeFileSync(path.join(context, '.dockerignore'), '**/*.log\n');
    writeFileSync(path.join(context, 'src/main'), 'one');
    const build = { name: 'e2e/app', source: 'build', build: { path: context, args: { WHO: 'ada' } } };
    await settles(build);
    writeFileSync(path.join(context, 'src/noise.log'), 'left out');
    expect((await run(build)).changed).toEqual([]);
    writeFileSync(path.join(context, 'src/main'), 'two');
    expect((await run(build, { user: SUDO_USER, become: true })).changed).toEqual(['n1: it']);
    // An image that a container was made of stays, unless it is forced away.
    await sh('docker create --name user e2e/app sh');
    const used = await run({ name: 'e2e/app', state: 'absent' });
    expect(failure(used)).toMatchObject({ hint: expect.stringContaining('force_absent') });
    await sh('docker rm user');
    const seen = await sh(
      'docker run --rm --network none e2e/app sh -c "cat /who /app/src/main; ls /app/src"',
    );
    expect(seen).toBe('built for ada\ntwomain');

    writeFileSync(path.join(context, 'Dockerfile'), `${dockerfile}RUN echo no such disk >&2; false\n`);
    const broken = await run(build);
    expect(failure(broken)).toMatchObject({
      message: expect.stringMatching(/building e2e\/app:latest: .*non-zero code: 1/),
      stdout: expect.stringContaining('no such disk'),
    });
    expect(await sh('docker image inspect --format {{.Id}} e2e/app')).not.toBe('');
    await given.node.root('docker image rm -f e2e/app; docker image prune -f');
  });

  test('a broken tar is an error, and leaves no image', async () => {
    await given.node.root('docker image rm -f $(docker image ls -aq)');
    const bytes = readFileSync(tar.file);
    // Inside of a layer: only its digest tells.
    bytes[bytes.indexOf('slipway slipway ') + 5000] = 0x58;
    writeFileSync(file('corrupt.tar'), bytes);
    const corrupt = await run({ source: 'load', load_path: file('corrupt.tar') });
    expect(failure(corrupt)).toMatchObject({
      code: 'task.failed',
      message: expect.stringContaining('corrupt.tar'),
    });
    writeFileSync(file('short.tar'), readFileSync(tar.file));
    truncateSync(file('short.tar'), 300_000);
    const short = await run({ source: 'load', load_path: file('short.tar') });
    expect(failure(short)?.message).toMatch(/short\.tar.*cut off/);
    expect(await sh('docker image ls -aq')).toBe('');
  });

  test('a full disk is an error, and leaves no image', async () => {
    await given.node.root('mount -t tmpfs -o size=64k tmpfs /var/lib/docker/tmp');
    const full = await run(load());
    expect(failure(full)).toMatchObject({
      message: expect.stringContaining('no space left on device'),
      hint: expect.stringContaining('free space'),
    });
    expect(await sh('docker image ls -aq')).toBe('');
    await given.node.root('umount /var/lib/docker/tmp');
    expect((await run(load())).changed).toEqual(['n1: it']);
  });

  /** Starts a build that hangs in a step of its own, and gives it when it does. */
  async function hanging(asked: { user: string; become?: boolean }, seconds: number) {
    const context = file(`hang-${seconds}`);
    mkdirSync(context, { recursive: true });
    writeFileSync(path.join(context, 'Dockerfile'), `FROM e2e/box:1\nRUN sleep ${seconds}\n`);
    const task = { name: 'e2e/hang', source: 'build', build: { path: context } };
    const text = play(task, asked.become);
    const running = startSlipway(['run', playbook(text), '-i', given.inventoryFor(asked.user)]);
    await expect.poll(() => left(`^sleep ${seconds}`), { timeout: 20_000 }).not.toBe('none');
    return running;
  }

  test.each([
    [{ user: MEMBER_USER }, 3001],
    [{ user: SUDO_USER, become: true }, 3002],
  ])('an interrupt ends a build, %j', async (asked, seconds) => {
    const running = await hanging(asked, seconds);
    running.signal('SIGINT');
    const { code } = await running.ended;
    expect(code).toBe(99);
    await expect.poll(() => left(`dial-stdio|sleep ${seconds}`)).toBe('none');
  });

  test('a connection that is lost midway is told as that', async () => {
    const running = await hanging({ user: MEMBER_USER }, 3003);
    await given.node.root(`pkill -KILL -u ${MEMBER_USER} sshd`);
    const { events } = await running.ended;
    expect(finished(events)?.failure).toMatchObject({ code: 'connect.lost' });
    await expect.poll(() => left('sleep 3003')).toBe('none');
  });

  test('an Engine that is stopped midway is told as that, and one that does not run', async () => {
    const running = await hanging({ user: MEMBER_USER }, 3004);
    await given.node.root(
      `systemctl kill -s KILL docker; systemctl stop docker.socket docker; pkill -KILL -f '^sleep 3004'`,
    );
    const { events } = await running.ended;
    expect(finished(events)?.failure).toMatchObject({
      code: 'task.failed',
      message: 'the Docker Engine went away midway',
    });
    const stopped = await run({ name: 'e2e/box:1', source: 'local', repository: 'e2e/other' });
    expect(failure(stopped)?.message).toContain('the Docker Engine does not run');
    await given.node.root('systemctl reset-failed docker; systemctl start docker.socket docker');
    expect((await run(load())).failures).toEqual([]);
  });
});

function finished(events: readonly Event[]) {
  return events.find((event) => event.event === 'task.finished');
}
