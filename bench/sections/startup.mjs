import { root } from '../../scripts/install.mjs';
import { measure } from '../lib/measure.mjs';
import { interleave } from '../lib/rounds.mjs';
import { program } from '../lib/slipway.mjs';
import { againstNode } from '../lib/numbers.mjs';

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
  return {
    title: 'Startup',
    rows,
    targets: [againstNode(help, HELP, bare), againstNode(validate, VALIDATE, bare)],
  };
}
