import path from 'node:path';
import { root } from '../../scripts/install.mjs';
import { floorNode, floorSsh } from '../lib/floors.mjs';
import { writeInventory } from '../lib/hosts.mjs';
import { times } from '../lib/numbers.mjs';
import { peers } from '../lib/peers.mjs';
import { interleave } from '../lib/rounds.mjs';
import { slipwayRun } from '../lib/slipway.mjs';

export const PLAYBOOK = path.join(root, 'bench/slipway-20-tasks.yml');
export const FLOOR = path.join(root, 'bench/peers/floor-20-tasks.sh');
export const AS_ROOT = 'sudo sh';
const MOST = 1.3;

/** Hosts as they were before the first run. */
const RESET = `rm -rf /etc/demo /etc/sysctl.d/99-k.conf
userdel kube 2>/dev/null; groupdel kube 2>/dev/null; groupdel kube2 2>/dev/null; :`;

/** The common workload, 20 hosts at once. */
export async function workload({ quick, progress, nodes, folder, withPeers }) {
  const inventory = writeInventory(path.join(folder, 'workload.yml'), nodes);
  const run = () => slipwayRun(folder, PLAYBOOK, inventory);
  const contenders = [
    {
      key: 'first',
      what: 'slipway, first run',
      run: async () => {
        await nodes.all(RESET);
        return run();
      },
    },
    { key: 'second', what: 'slipway, second run', run },
    { key: 'ssh', what: 'floor script, OpenSSH', run: floorSsh(FLOOR, nodes, AS_ROOT) },
    { key: 'floor', what: 'floor script, one Node process', run: floorNode(FLOOR, nodes, AS_ROOT, folder) },
    ...(withPeers ? await peers(nodes, inventory, folder) : []),
  ];
  await run();
  const rows = await interleave(contenders, quick ? 3 : 7, progress);
  const second = rows.find(({ key }) => key === 'second');
  const ratio = second.seconds / rows.find(({ key }) => key === 'floor').seconds;
  const toSsh = second.seconds / rows.find(({ key }) => key === 'ssh').seconds;
  return {
    title: `Common workload: 20 tasks on ${nodes.hosts.length} hosts`,
    rows,
    targets: [
      {
        what: `second run at most ${times(MOST)} the floor (one Node process)`,
        value: times(ratio),
        met: ratio <= MOST,
      },
      {
        what: `second run at most ${times(MOST)} the floor over OpenSSH`,
        value: times(toSsh),
        met: toSsh <= MOST,
      },
    ],
  };
}
