// Other tools with the same work, as far as they are installed on this machine.
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { root } from '../../scripts/install.mjs';
import { measure } from './measure.mjs';

const folder = path.join(root, 'bench/peers');
const installed = (program) => !spawnSync(program, ['--version'], { stdio: 'ignore' }).error;

/** Which of them are here. */
export function installedPeers() {
  const ansible = installed('ansible-playbook');
  return { ansible, mitogen: ansible ? mitogenStrategy() : undefined, pyinfra: installed('pyinfra') };
}

// Mitogen belongs to the Python that Ansible runs on.
function mitogenStrategy() {
  const { stdout } = spawnSync('ansible-playbook', ['--version'], { encoding: 'utf8' });
  const python = /python version.*\((\/[^)]+)\)\s*$/m.exec(stdout)?.[1] ?? 'python3';
  const code =
    'import ansible_mitogen,os;print(os.path.dirname(ansible_mitogen.__file__)+"/plugins/strategy")';
  const found = spawnSync(python, ['-c', code], { encoding: 'utf8' });
  return found.status === 0 ? found.stdout.trim() : undefined;
}

/** Contenders for the common workload; each is left out, with a word, when it fails. */
export async function peers(hosts, inventory, where) {
  const { ansible, mitogen, pyinfra } = installedPeers();
  const playbook = (env) => () =>
    measure('ansible-playbook', ['-i', inventory, '-f', '20', path.join(folder, 'ansible-20-tasks.yml')], {
      cwd: where,
      env: { ANSIBLE_PIPELINING: 'True', ANSIBLE_NOCOWS: '1', ...env },
    });
  const list = [];
  if (ansible) list.push({ what: 'ansible, pipelining', run: playbook({}) });
  if (mitogen)
    list.push({
      what: 'ansible with mitogen',
      run: playbook({ ANSIBLE_STRATEGY_PLUGINS: mitogen, ANSIBLE_STRATEGY: 'mitogen_linear' }),
    });
  if (pyinfra) list.push({ what: 'pyinfra', run: pyinfraRun(hosts, where) });
  return list.map((peer) => ({ ...peer, optional: true }));
}

function pyinfraRun({ hosts, user, key, knownHosts }, where) {
  const file = path.join(where, 'pyinfra_inventory.py');
  const rows = hosts.map(({ name, address, port }) => {
    const data = {
      ssh_hostname: address,
      ssh_port: port,
      ssh_user: user,
      ssh_key: key,
      ssh_known_hosts_file: knownHosts,
    };
    return `    (${JSON.stringify(name)}, ${JSON.stringify(data)}),`;
  });
  writeFileSync(file, `nodes = [\n${rows.join('\n')}\n]\n`);
  return () => measure('pyinfra', [file, 'pyinfra-20-tasks.py', '-y'], { cwd: folder });
}
