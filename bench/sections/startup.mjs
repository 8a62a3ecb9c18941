import { root } from '../../scripts/install.mjs';
import { measure } from '../lib/measure.mjs';
import { interleave } from '../lib/rounds.mjs';
import { program } from '../lib/slipway.mjs';
import { seconds, times } from '../lib/numbers.mjs';

/** What bare Node takes on the machine that the targets were set on: they scale with it. */
const NODE = 0.09;
const HELP = 0.15;
const VALIDATE = 0.35;

/** How long until something is on the screen. */
export async function startup({ quick, progress }) {
  const node = (args) => () => measure(process.execPath, args, { cwd: root });
  const contenders = [
    { key: 'floor', what: "node -e ''", run: node(['-e', '']) },
    { key: 'help', what: 'slipway --help', run: node([program, '--help']) },
    {
      key: 'validate',
      what: 'slipway validate playbooks/bootstrap.yml',
      run: node([program, 'validate', 'playbooks/bootstrap.yml', '-i', 'inventory/lab.yml']),
    },
  ];
  // Fills the compile cache, as the first use on a machine does.
  for (const { run } of contenders) await run();
  const rows = await interleave(contenders, quick ? 5 : 21, progress);
  const [bare, help, validate] = rows;
  const target = (row, limit) => {
    const most = limit / NODE;
    const value = row.seconds / bare.seconds;
    return {
      what: `${row.what}: at most ${times(most)} bare node (${seconds(limit)} where that takes ${seconds(NODE)})`,
      value: times(value),
      met: value <= most,
    };
  };
  return { title: 'Startup', rows, targets: [target(help, HELP), target(validate, VALIDATE)] };
}
