import type { Host } from '../../module/host.ts';
import type { Program } from '../../module/program.ts';
import { kubeadmFailure } from './kubeadm-errors.ts';
import type { Output } from '../../transport/types.ts';

/** The names in brackets that kubeadm prints, in the order of an init, with the share of the time passed by then. */
const INIT: readonly (readonly [string, number])[] = [
  ['init', 0.01],
  ['preflight', 0.03],
  ['certs', 0.25],
  ['kubeconfig', 0.35],
  ['etcd', 0.4],
  ['control-plane', 0.42],
  ['kubelet-start', 0.45],
  ['wait-control-plane', 0.5],
  ['apiclient', 0.85],
  ['upload-config', 0.88],
  ['upload-certs', 0.9],
  ['mark-control-plane', 0.92],
  ['bootstrap-token', 0.94],
  ['kubelet-finalize', 0.96],
  ['addons', 0.98],
];

const FRACTION = new Map(INIT);

/** A function for `onOutput` that shows each `[phase] text` of kubeadm as the task's progress. */
export function phaseProgress(host: Host): (stream: 'stdout' | 'stderr', text: string) => void {
  let rest = '';
  return (stream, text) => {
    if (stream === 'stderr') return;
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const found = /^\[([a-z-]+)\]\s*(.*)$/.exec(line);
      if (found) host.progress(`${found[1]}: ${found[2]}`.slice(0, 120), FRACTION.get(found[1]!));
    }
  };
}

/**
 * Runs kubeadm detached, with its phases as progress.
 *
 * @param doing names it in the error: "kubeadm init".
 * @throws {SlipwayError} task.failed, explained
 */
export async function runKubeadm(
  host: Host,
  program: Program,
  doing: string,
  timeout?: number,
): Promise<Output> {
  const output = await host.run(program, {
    anyExit: true,
    detached: true,
    onOutput: phaseProgress(host),
    ...(timeout === undefined ? {} : { timeout }),
  });
  if (output.code !== 0) throw kubeadmFailure(doing, output);
  return output;
}
