import path from 'node:path';
import { root } from '../../scripts/install.mjs';
import { floorNode } from '../lib/floors.mjs';
import { writeInventory } from '../lib/hosts.mjs';
import { megabytes } from '../lib/numbers.mjs';
import { interleave } from '../lib/rounds.mjs';
import { startServer } from '../lib/scale-server.mjs';
import { slipwayRun } from '../lib/slipway.mjs';

const CPU = 8;
const MEMORY = 250e6;

/** Many hosts: what one more costs the controller. */
export async function scale({ quick, progress, folder, hosts: count = quick ? 100 : 1000 }) {
  const server = await startServer(count, folder);
  const inventory = writeInventory(path.join(server.folder, 'inventory.yml'), server);
  const playbook = path.join(root, 'bench/scale-20-steps.yml');
  const run = (...more) =>
    slipwayRun(server.folder, playbook, inventory, ['-e', `folder=${server.home}`, ...more]);
  const floor = floorNode(path.join(root, 'bench/scale-20-steps.sh'), server, 'sh', server.folder);
  const rows = await interleave(
    [
      { key: 'dry', what: 'slipway, dry run of what the first run does', run: () => run('--check') },
      { key: 'first', what: 'slipway, first run', run: () => run() },
      { key: 'second', what: 'slipway, second run', run: () => run() },
      { key: 'floor', what: 'floor script, one Node process', run: floor },
    ],
    1,
    progress,
  );
  await server.stop();
  const { cpu, rss } = rows.find(({ key }) => key === 'second');
  const dry = rows.find(({ key }) => key === 'dry');
  const each = (cpu * 1000) / count;
  const least = (rows.find(({ key }) => key === 'floor').cpu * 1000) / count;
  return {
    title: `Scale: 20 steps on ${count} loopback hosts`,
    rows,
    targets: [
      {
        what: `second run at most ${CPU} ms of controller CPU a host`,
        value: `${each.toFixed(1)} ms (the floor ${least.toFixed(1)} ms)`,
        met: each <= CPU,
      },
      { what: `at most ${megabytes(MEMORY)} of memory`, value: megabytes(rss), met: rss <= MEMORY },
      { what: `a dry run, too`, value: megabytes(dry.rss), met: dry.rss <= MEMORY },
    ],
  };
}
