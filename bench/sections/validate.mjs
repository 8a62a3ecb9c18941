import path from 'node:path';
import { root } from '../../scripts/install.mjs';
import { writeLargeProject } from '../lib/large-project.mjs';
import { measure } from '../lib/measure.mjs';
import { againstNode, megabytes } from '../lib/numbers.mjs';
import { interleave } from '../lib/rounds.mjs';
import { program } from '../lib/slipway.mjs';

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
  const memory = {
    what: `${checked.what}: at most ${megabytes(MEMORY)}`,
    value: megabytes(checked.rss),
    met: checked.rss <= MEMORY,
  };
  return {
    title: 'Validate',
    rows,
    targets: [againstNode(checked, VALIDATE, bare), memory, againstNode(listed, LIST, bare)],
  };
}
