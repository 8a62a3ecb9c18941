import { Exit, messageOf } from '../host/exit.ts';
import { read, remove } from '../host/files.ts';
import { LAB_DIR } from '../host/paths.ts';
import { warn } from './output.ts';

export interface Phase {
  readonly name: string;
  run(): Promise<void> | void;
}

/** Where a crash is asked for: `upload-config`, `join/kubelet-start`, with `once`, `kill` after it. */
function crashWanted(command: string, phase: string): 'kill' | 'error' | undefined {
  const file = `${LAB_DIR}/kubeadm-crash`;
  const text = process.env['SLIPWAY_LAB_KUBEADM_CRASH'] ?? read(file) ?? '';
  for (const line of text.split('\n')) {
    const [where = '', ...words] = line.trim().split(/\s+/);
    if (where !== phase && where !== `${command}/${phase}`) continue;
    if (words.includes('once')) remove(file);
    return words.includes('kill') ? 'kill' : 'error';
  }
  return undefined;
}

function crash(command: string, phase: string): void {
  const wanted = crashWanted(command, phase);
  if (wanted === 'kill') process.kill(process.pid, 'SIGKILL');
  if (wanted === 'error')
    throw new Exit(
      `error execution phase ${phase}: crash injected after this phase (${LAB_DIR}/kubeadm-crash)`,
    );
}

/** Runs phases in their order; a phase that fails ends it under its name. What was written stays. */
export async function runPhases(
  command: string,
  phases: readonly Phase[],
  skip: readonly string[] = [],
): Promise<void> {
  for (const name of skip) {
    if (!phases.some((phase) => name === phase.name || name.startsWith(`${phase.name}/`)))
      warn(`invalid phase name: ${name}`);
  }
  for (const phase of phases) {
    if (skip.includes(phase.name)) continue;
    try {
      await phase.run();
    } catch (error) {
      throw new Exit(`error execution phase ${phase.name}: ${messageOf(error)}`);
    }
    crash(command, phase.name);
  }
}
