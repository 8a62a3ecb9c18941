import path from 'node:path';
import { root } from '../../scripts/install.mjs';
import { writeLargeProject } from '../lib/large-project.mjs';
import { measure } from '../lib/measure.mjs';
import { megabytes, seconds, times } from '../lib/numbers.mjs';
import { interleave } from '../lib/rounds.mjs';
import { program } from '../lib/slipway.mjs';

/** What bare Node takes on the machine that the targets were set on: they scale with it. */
const NODE = 0.09;
const VALIDATE = 3;
const LIST = 1;
const MEMORY = 600 * 2 ** 20;

/** 100 tasks for 5,000 hosts, checked before the first connection. */
export async function validate({ quick, folder, progress, hosts = 5000 }) {
  const project = path.join(folder, 'large');
  writeLargeProject(project, hosts, 100);
  const node =
    (args, cwd = project) =>
    () =>
      measure(process.execPath, args, { cwd });
  const contenders = [
    { key: 'floor', what: "node -e ''", run: node(['-e', ''], root) },
    {
      key: 'validate',
      what: `slipway validate, ${hosts} hosts, 100 tasks`,
      run: node([program, 'validate', 'site.yml', '-i', 'hosts.yml']),
    },
    {
      key: 'list',
      what: `slipway inventory --list, ${hosts} hosts`,
      run: node([program, 'inventory', '--list', '-i', 'hosts.yml']),
    },
  ];
  for (const { run } of contenders) await run();
  const rows = await interleave(contenders, quick ? 3 : 9, progress);
  const [bare, checked, listed] = rows;
  const target = (row, limit) => {
    const most = limit / NODE;
    const value = row.seconds / bare.seconds;
    return {
      what: `${row.what}: at most ${times(most)} bare node (${seconds(limit)} where that takes ${seconds(NODE)})`,
      value: times(value),
      met: value <= most,
    };
  };
  const memory = {
    what: `${checked.what}: at most ${megabytes(MEMORY)}`,
    value: megabytes(checked.rss),
    met: checked.rss <= MEMORY,
  };
  return { title: 'Validate', rows, targets: [target(checked, VALIDATE), memory, target(listed, LIST)] };
}
