import { counted } from '../base/counted.ts';
import { SlipwayError } from '../base/errors.ts';
import { labDown, labStatus, labUp } from '../lab/lab.ts';
import { labSsh } from '../lab/shell.ts';
import type { LabOptions, LabState } from '../lab/types.ts';

interface Flags {
  readonly nodes?: string;
  readonly driver?: string;
  readonly base?: string;
  readonly kubernetes?: string;
}

/** `slipway lab up|down|status|ssh`: the lab of the current folder. */
export async function labCommand(
  name: 'up' | 'down' | 'status' | 'ssh',
  args: readonly string[],
  flags: Flags,
): Promise<number> {
  const folder = process.cwd();
  if (name === 'up') return up(folder, flags);
  if (name === 'down') {
    const there = await labDown({ folder });
    say(there ? 'the lab is down' : 'there was no lab here');
    return 0;
  }
  if (name === 'status') return status(folder);
  const [node = '', ...words] = args;
  const command = words.length > 0 ? words.join(' ') : undefined;
  return labSsh({
    folder,
    node,
    command,
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
  });
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

async function up(folder: string, flags: Flags): Promise<number> {
  const driver = flags.driver ?? 'auto';
  if (driver !== 'auto' && driver !== 'namespaces' && driver !== 'docker') {
    throw new SlipwayError('usage', `--driver ${driver}: there is no such driver`, {
      hint: 'namespaces, docker or auto.',
    });
  }
  const options: LabOptions = {
    folder,
    nodes: Number(flags.nodes ?? 3),
    driver,
    onProgress: (text) => process.stderr.write(`lab: ${text}\n`),
    ...(flags.base === undefined ? {} : { base: flags.base }),
    ...(flags.kubernetes === undefined ? {} : { kubernetes: flags.kubernetes }),
  };
  const state = await labUp(options);
  const reached = (await labStatus({ folder }))?.up ?? [];
  const off = state.nodes.map((node) => node.name).filter((name) => !reached.includes(name));
  say(
    `${counted(reached.length, 'host')} ${reached.length === 1 ? 'is' : 'are'} up (${state.driver}${kind(state)})`,
  );
  if (off.length > 0) say(`${off.join(', ')} does not answer; slipway lab down and up makes all hosts anew`);
  say(`try: slipway run playbooks/bootstrap.yml -i .slipway/lab/inventory.yml`);
  return 0;
}

function kind(state: LabState): string {
  return state.kubernetes === 'simulated' ? ', simulated Kubernetes' : '';
}

async function status(folder: string): Promise<number> {
  const lab = await labStatus({ folder });
  if (!lab) {
    say('there is no lab here; slipway lab up starts one');
    return 0;
  }
  const { state, running, up: names } = lab;
  say(
    `${state.driver}${state.mode ? ` (${state.mode})` : ''}, Kubernetes ${state.kubernetesVersion}${kind(state)}`,
  );
  for (const { name, address, port } of state.nodes)
    say(`${name}  ${address}:${port}  ${names.includes(name) ? 'up' : 'down: no SSH server answers'}`);
  if (!running)
    say(
      "the lab's background process has ended, and its package repository with it; slipway lab up starts anew",
    );
  return running && names.length === state.nodes.length ? 0 : 2;
}
