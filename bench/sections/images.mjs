import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { BASE } from '../../scripts/base-image.mjs';
import { onCleanup } from '../lib/cleanup.mjs';
import { behind, readHostKeys, writeInventory } from '../lib/hosts.mjs';
import { kit } from '../lib/kit.mjs';
import { times } from '../lib/numbers.mjs';
import { interleave } from '../lib/rounds.mjs';
import { slipwayRun } from '../lib/slipway.mjs';
import { startUplink } from '../lib/uplink.mjs';

const LAYERS = 4;

/** What is measured: the same task, in different ways. */
const WAYS = [
  { key: 'tree', what: 'passed on (tree)', distribute: 'tree' },
  { key: 'direct', what: 'all from the controller', distribute: 'direct' },
  { key: 'turn', what: 'each node in turn', distribute: 'direct', serial: 1 },
];

/**
 * An image to nodes that have nothing of it: containerd on each, a user with sudo logs in. The controller reaches them over one
 * line of limited speed, they each other without one.
 */
export async function images({ quick, progress, folder, size, counts, uplink, ways }) {
  process.env.SLIPWAY_TEST_IMAGE ??= BASE;
  const { engines, startEngines } = await kit('engines');
  const missing = engines();
  if (missing) throw new Error(missing);
  const most = Math.max(...counts);
  progress(`starting ${most} nodes with containerd`);
  const started = await startEngines(most, { services: ['containerd'] });
  const stop = onCleanup(() => started.stop());
  const tar = await imageTar(folder, size);
  const line = await startUplink(started.nodes, uplink);
  const given = behind(hostsOf(started), line.ports, folder);
  const rows = [];
  for (const count of counts) {
    const inventory = writeInventory(path.join(folder, `images-${count}.yml`), {
      ...given,
      hosts: given.hosts.slice(0, count),
    });
    const nodes = started.nodes.slice(0, count);
    const contenders = WAYS.filter(({ key, serial }) => ways.includes(key) && (!serial || count > 1)).map(
      (way) => ({
        key: `${way.key}-${count}`,
        what: `${count} ${count === 1 ? 'node' : 'nodes'}, ${way.what}`,
        run: () => once({ folder, tar, inventory, nodes, line }, way),
      }),
    );
    rows.push(...(await interleave(contenders, quick ? 1 : 3, progress)));
  }
  await line.stop();
  await stop();
  return {
    title: `An image of ${(size / 1e6).toFixed(0)} MB to nodes that have nothing of it, ${uplink > 0 ? `${(uplink * 8) / 1e6} Mbit/s from the controller` : 'as fast as it goes'}`,
    rows,
    targets: ways.includes('tree')
      ? counts.filter((count) => count > 1).map((count) => targetOf(rows, count, size))
      : [],
  };
}

function targetOf(rows, count, size) {
  const { sent } = rows.find(({ key }) => key === `tree-${count}`);
  const value = sent / size;
  return {
    what: `${count} nodes: the image leaves the controller about once`,
    value: times(value),
    met: value < 1.1,
  };
}

let namespaces = 0;

/** Each run has a namespace of its own: what another one left there does not count. */
async function once({ folder, tar, inventory, nodes, line }, { distribute, serial }) {
  const namespace = `bench${++namespaces}`;
  const playbook = path.join(folder, `images-${namespace}.yml`);
  writeFileSync(
    playbook,
    `- hosts: nodes
  gather_facts: false
  become: true
${serial ? `  serial: ${serial}\n` : ''}  tasks:
    - name: images
      container_image: {src: '${tar}', runtime: containerd, namespace: ${namespace}, distribute: ${distribute}}
`,
  );
  try {
    const before = line.sent();
    const run = await slipwayRun(folder, playbook, inventory);
    return { ...run, sent: line.sent() - before };
  } finally {
    const clear = `ctr -n ${namespace} images rm --sync $(ctr -n ${namespace} images ls -q) >/dev/null`;
    await Promise.all(nodes.map((node) => node.root(clear)));
  }
}

async function imageTar(folder, size) {
  const { writeImageTar } = await kit('images');
  const tar = path.join(folder, 'image.tar');
  const layers = Array.from({ length: LAYERS }, (_, at) => ({
    [`f${at}`]: randomBytes(Math.floor(size / LAYERS)),
  }));
  await writeImageTar(tar, { tags: ['bench/image:1'], layers });
  return tar;
}

function hostsOf({ folder, key, knownHosts, nodes }) {
  const hosts = nodes.map(({ name, address, port }) => ({ name, address, port }));
  const hostKeys = readHostKeys(readFileSync(knownHosts, 'utf8'));
  return { folder, hosts, hostKeys, user: 'free', key, knownHosts };
}
