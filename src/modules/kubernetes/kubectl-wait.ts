import { type Static, Type } from 'typebox';
import { SlipwayError } from '../../base/errors.ts';
import { defineAction } from '../../module/contract.ts';
import type { Host } from '../../module/host.ts';
import { lines, sh } from '../../module/program.ts';
import type { Output } from '../../transport/types.ts';
import { complaint, kubectl, kubectlParams, notThereYet } from './kubectl-call.ts';
import { describeWait, resourcesOf, waitCalls, waitParams } from './kubectl-waits.ts';

const params = Type.Object({
  ...waitParams,
  kubeconfig: kubectlParams.kubeconfig,
  timeout: Type.Optional(Type.Number({ default: 300, description: 'Seconds.' })),
});

type Params = Static<typeof params>;

export const kubectlWait = defineAction({
  name: 'kubectl_wait',
  summary: 'Waits until objects of a cluster are as wanted.',
  description: `
Objects that do not exist yet are waited for, too. Never reports a change. When the time is up, the error carries what
helps: the objects, warnings of the cluster, the runtime's containers and the end of the kubelet's journal on this host.
`,
  params,
  returns: Type.Object({}),
  examples: [
    {
      title: 'all nodes are ready',
      yaml: `
        - kubectl_wait: {resource: nodes, all: true, condition: Ready, timeout: 300}
          become: true
      `,
      skip: 'needs a cluster; test/e2e/bootstrap covers it',
    },
  ],
  touches: () => [],
  run: (p) => (host) => waitOn(host, p),
  read: () => ({ changed: false }),
});

/** One call of kubectl waits at most this long, so that objects that come later are seen. Seconds. */
const ROUND = 30;

async function waitOn(host: Host, p: Params): Promise<Output> {
  host.progress(describeWait(p));
  let left = p.timeout ?? 300;
  for (;;) {
    const seconds = Math.min(ROUND, left);
    const program = lines(sh`set -e`, ...waitCalls(p, p, seconds));
    const output = await host.run(program, { anyExit: true });
    if (output.code === 0) return output;
    const text = `${output.stdout}\n${output.stderr}`;
    const missing = notThereYet(output.code, text) || /no matching resources/.test(text);
    const waited = /timed out/.test(text);
    if (!missing && !waited) throw await failure(host, p, output);
    // What the host's clock says does not matter: a round that timed out took `seconds`, a refusal next to nothing.
    left -= waited ? seconds : 2;
    if (left <= 0) throw await failure(host, p, output);
    if (!waited) await host.sleep(2000);
  }
}

async function failure(host: Host, p: Params, output: Output): Promise<SlipwayError> {
  host.progress('collecting what helps to find out why');
  const namespace = p.namespace;
  const report = await host.run(
    lines(
      kubectl({ kubeconfig: p.kubeconfig, namespace }, ['get', ...resourcesOf(p), '-o', 'wide']),
      sh`${kubectl(p, ['get', 'events', '--field-selector', 'type=Warning'])} | tail -n 20`,
      sh`command -v crictl >/dev/null && timeout 20 crictl ps -a | head -n 20`,
      sh`command -v journalctl >/dev/null && journalctl -u kubelet -n 20 --no-pager -o cat`,
    ),
    { anyExit: true, timeout: 60_000 },
  );
  return new SlipwayError(
    'task.failed',
    `${describeWait(p)}: ${complaint(output.stderr) || complaint(output.stdout)}`,
    {
      hint: 'The report shows the objects, warnings, containers and the kubelet of this host (-v).',
      data: { code: output.code, stdout: report.stdout, stderr: output.stderr },
    },
  );
}
