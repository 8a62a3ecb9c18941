import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { root } from '../../scripts/install.mjs';
import { onCleanup } from '../lib/cleanup.mjs';
import { floorNode, floorSsh } from '../lib/floors.mjs';
import { behind, writeInventory } from '../lib/hosts.mjs';
import { seconds } from '../lib/numbers.mjs';
import { peers } from '../lib/peers.mjs';
import { interleave } from '../lib/rounds.mjs';
import { slipwayRun } from '../lib/slipway.mjs';
import { AS_ROOT, FLOOR, PLAYBOOK } from './workload.mjs';

const ROUND_TRIP = 0.05;
const HOSTS = 5;
const MOST = 6;

/** The common workload over a long way. */
export async function latency({ quick, progress, nodes, folder: outer, withPeers }) {
  const folder = path.join(outer, 'latency');
  mkdirSync(folder, { recursive: true });
  const proxy = await startProxy(nodes.hosts.slice(0, HOSTS));
  const far = behind(nodes, proxy.ports, folder);
  const inventory = writeInventory(path.join(folder, 'inventory.yml'), far);
  const run = () => slipwayRun(folder, PLAYBOOK, inventory);
  await run();
  const rows = await interleave(
    [
      { key: 'second', what: 'slipway, second run', run },
      { key: 'ssh', what: 'floor script, OpenSSH', run: floorSsh(FLOOR, far, AS_ROOT) },
      { key: 'floor', what: 'floor script, one Node process', run: floorNode(FLOOR, far, AS_ROOT, folder) },
      ...(withPeers ? await peers(far, inventory, folder) : []),
    ],
    quick ? 3 : 7,
    progress,
  );
  await proxy.stop();
  const more =
    rows.find(({ key }) => key === 'second').seconds - rows.find(({ key }) => key === 'floor').seconds;
  const value = `${seconds(Math.max(0, more))} = ${(more / ROUND_TRIP).toFixed(1)} round trips`;
  return {
    title: `The same over ${ROUND_TRIP * 1000} ms of round trip, ${far.hosts.length} hosts`,
    rows,
    targets: [
      {
        what: `second run at most ${MOST} round trips more than the floor`,
        value,
        met: more <= MOST * ROUND_TRIP,
      },
    ],
  };
}

async function startProxy(hosts) {
  const targets = hosts.map(({ address, port }) => `${address}:${port}`);
  const file = path.join(root, 'bench/lib/delay-proxy.mjs');
  const child = spawn(process.execPath, [file, String((ROUND_TRIP * 1000) / 2), ...targets], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const stop = onCleanup(() => child.kill());
  for await (const line of createInterface({ input: child.stdout })) return { ports: JSON.parse(line), stop };
  throw new Error('the delay proxy did not start');
}
