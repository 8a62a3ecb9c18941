import { afterAll, beforeAll, expect, test } from 'vitest';
import path from 'node:path';
import { type Engines, engines, startEngines, SUDO_USER } from './kit/engines.ts';
import { noise, playOf, resultsOf } from './kit/image-plays.ts';
import { writeImageTar } from './kit/images.ts';
import { suite } from './kit/skip.ts';

const MB = 1e6;

suite('hosts pass images on to each other', [engines], () => {
  let given: Engines;
  beforeAll(async () => {
    given = await startEngines(3, { services: ['containerd'] });
  });
  afterAll(() => given?.stop());

  /** An image that no host has, and its layers' bytes. */
  async function image(name: string): Promise<number> {
    const layers = [20, 10, 5].map((mb) => ({ [`f${mb}`]: noise(`${name}${mb}`, mb * MB) }));
    const [made] = await writeImageTar(fileOf(name), { tags: [`tree/${name}:1`], layers });
    return made!.sizes.reduce((sum, one) => sum + one, 0);
  }

  const fileOf = (name: string) => path.join(given.folder, `${name}.tar`);
  const load = (name: string) =>
    given.play(playOf(fileOf(name), 'runtime: containerd, distribute: tree'), { user: SUDO_USER });

  /** All have the image, whole, and nothing else of it. */
  async function settled(name: string, keys: readonly string[]): Promise<void> {
    for (const [at, { root }] of given.nodes.entries()) {
      expect((await root('ctr -n k8s.io images check')).stdout).toMatch(
        new RegExp(`tree/${name}:1 .*complete \\(4/4\\).*true`),
      );
      const left = await root('ls -A /var/tmp | grep slipway; ls -A /tmp | grep ssh-; pgrep -a ssh-agent');
      expect(left.stdout).toBe('');
      expect((await root(KEYS)).stdout).toBe(keys[at]);
    }
  }

  const KEYS = 'cat /home/*/.ssh/authorized_keys';
  const keysNow = async () => Promise.all(given.nodes.map(async ({ root }) => (await root(KEYS)).stdout));

  test('each layer leaves the controller once', async () => {
    const size = await image('once');
    const keys = await keysNow();
    const run = await load('once');
    expect(run).toMatchObject({ code: 0, failures: [] });
    const results = resultsOf(run);
    expect(results).toHaveLength(3);
    const total = results.reduce((sum, one) => sum + Number(one['bytes_sent']), 0);
    const fetched = results.reduce((sum, one) => sum + Number(one['bytes_from_hosts']), 0);
    expect(fetched).toBe(2 * size);
    expect(total - fetched).toBeLessThan(size + 3 * 100_000);
    await settled('once', keys);
    expect(await load('once')).toMatchObject({ code: 0, changed: [] });
  });

  test('a host that dies midway does not stop the others', async () => {
    await image('dying');
    const keys = await keysNow();
    const asked = `
      n=0
      until grep -q slipway-images /home/${SUDO_USER}/.ssh/authorized_keys; do
        n=$((n+1)); [ $n -lt 1000 ] || exit 1; sleep 0.01
      done
    `;
    // The first that another one fetches from is gone for ten seconds.
    let back = Infinity;
    const dying = Promise.any(
      given.nodes.map(async (node) => {
        if ((await node.root(asked)).code !== 0) throw new Error('nobody asked');
        return node;
      }),
    );
    const dead = dying.then(async ({ root }) => {
      await root('systemctl stop ssh; pkill -KILL sshd');
      back = Date.now() + 10_000;
      await root('sleep 10; systemctl start ssh');
    });
    const run = await load('dying');
    await dead;
    const { name } = await dying;
    expect(run).toMatchObject({ code: 0, failures: [] });
    const late = run.events.filter(
      (event) => event.event === 'task.finished' && event.host !== name && event.time >= back,
    );
    expect(late).toEqual([]);
    await settled('dying', keys);
  });

  test('hosts that do not reach each other get all from the controller', async () => {
    await image('apart');
    const keys = await keysNow();
    for (const { root } of given.nodes) await root('iptables -I OUTPUT -p tcp --dport 22 -j REJECT');
    const run = await load('apart');
    for (const { root } of given.nodes) await root('iptables -D OUTPUT -p tcp --dport 22 -j REJECT');
    expect(run).toMatchObject({ code: 0, failures: [] });
    for (const one of resultsOf(run)) expect(one['bytes_from_hosts']).toBe(0);
    await settled('apart', keys);
  });
});
