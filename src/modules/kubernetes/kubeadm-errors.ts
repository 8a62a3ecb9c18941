import { SlipwayError } from '../../base/errors.ts';
import type { Output } from '../../transport/types.ts';

/** One `[ERROR X]: message` of a failed preflight. */
export interface PreflightError {
  readonly check: string;
  readonly message: string;
}

/** What a failed preflight check means and what to do; the first pattern that fits counts. */
const CHECKS: readonly (readonly [RegExp, string])[] = [
  [
    /^Port-/,
    'Something already listens there: stop it, or reset the node if it is left from an earlier cluster.',
  ],
  [
    /^FileAvailable-.*(manifests|kubelet\.conf|ca\.crt)/,
    'Files of an earlier cluster are still there: reset the node (kubeadm_reset), or use recover: reset.',
  ],
  [
    /^FileAvailable-/,
    'A file that kubeadm writes is already there: reset the node (kubeadm_reset) if it is left over.',
  ],
  [/^DirAvailable-.*etcd/, 'The data of an earlier etcd are still there: reset the node (kubeadm_reset).'],
  [/^DirAvailable-/, 'A directory that must be empty is not: reset the node (kubeadm_reset).'],
  [
    /^FileContent-.*ip_forward/,
    'The kernel does not forward packets: sysctl name=net.ipv4.ip_forward value=1.',
  ],
  [/^FileContent-.*bridge/, 'Load br_netfilter (modprobe) and set net.bridge.bridge-nf-call-iptables to 1.'],
  [
    /^CRI$/,
    'The container runtime does not speak CRI: it is stopped, its socket is another, or "cri" stands in disabled_plugins of /etc/containerd/config.toml.',
  ],
  [/^NumCPU$/, 'A control plane needs 2 CPUs; for a trial add NumCPU to ignore_preflight_errors.'],
  [/^Mem$/, 'A control plane needs 1700 MB of memory; for a trial add Mem to ignore_preflight_errors.'],
  [
    /^ImagePull$/,
    'An image cannot be pulled: load it beforehand (container_image), or set image_repository to a registry that the node reaches.',
  ],
  [/^SystemVerification$/, 'The kernel or its cgroups lack something; the message names it.'],
  [/^KubeletVersion$/, 'Install kubelet and kubeadm of the same minor version.'],
  [/^KubernetesVersion$/, 'Install the kubeadm of the version that kubernetes_version asks for.'],
  [/^IsPrivilegedUser$/, 'Set become: true on the task.'],
  [/^Swap$/, 'Turn swap off for good: swap state=absent.'],
  [/^Hostname$/, 'Give the host a name that resolves: hostname and hosts_entry.'],
];

/** What a failure outside preflight means. */
const SAYINGS: readonly (readonly [RegExp, string])[] = [
  [
    /could not find a JWS signature in the cluster-info ConfigMap/,
    'The token is unknown to the cluster: it has expired (tokens live for hours) or was deleted. Give `from` so that a new one is made, or make one with kubeadm_token.',
  ],
  [
    /none of the public keys .*|cluster CA found in cluster-info ConfigMap is invalid/,
    'The CA is not that of the hash given: the address leads to another cluster, or the hash is of an earlier one.',
  ],
  [
    /error downloading certs|Secret "kubeadm-certs" was not found/,
    'The uploaded certificates have expired (they live for two hours). Give `from` so that they are uploaded again.',
  ],
  [
    /couldn't validate the identity of the API Server.*(connection refused|no route|timeout|deadline|i\/o)/s,
    'The control plane cannot be reached from this node: check its address, port 6443 and firewalls.',
  ],
  [/etcd cluster is not healthy|can only promote a learner/, 'Wait until etcd is healthy and run again.'],
  [
    /unknown service runtime\.v1\.RuntimeService/,
    'The CRI plugin of containerd is off: take "cri" out of disabled_plugins in /etc/containerd/config.toml.',
  ],
  [
    /timed out waiting for the condition|context deadline exceeded|kubelet is not running|kubelet is unhealthy/,
    'The kubelet or the API server did not come up: see `journalctl -u kubelet` and `crictl ps -a` on the node.',
  ],
  [
    /strict decoding error|no kind .* is registered/,
    'The configuration does not fit this kubeadm: kubeadm config validate --config FILE.',
  ],
];

/** All `[ERROR X]: ...` of an output; continuation lines belong to the error before them. */
export function preflightErrors(output: string): PreflightError[] {
  const found: { check: string; message: string }[] = [];
  for (const line of output.split('\n')) {
    const start = /^\s*\[ERROR ([^\]]+)\]:\s*(.*)$/.exec(line);
    const last = found.at(-1);
    if (start) found.push({ check: start[1]!, message: start[2]!.trim() });
    else if (/^(\[|error|To see the stack|\s*$)/.test(line)) continue;
    else if (last && /^\s/.test(line)) last.message += ` ${line.trim()}`;
  }
  return found;
}

export function adviceFor(error: PreflightError): string | undefined {
  return CHECKS.find(([pattern]) => pattern.test(error.check))?.[1];
}

/** The last `error execution phase X: ...` or `error: ...`, without the prefix. */
function lastError(text: string): string | undefined {
  const last = text
    .split('\n')
    .filter((line) => /^(error|Error|\[?FATAL)/.test(line.trim()))
    .at(-1);
  return last
    ?.trim()
    .replace(/^error:\s*/i, '')
    .replace(/^error execution phase [\w/-]+:\s*/, '');
}

/**
 * Turns the output of a failed kubeadm into an error that says which phase failed, why, and what to do. The whole
 * output stays in `data`.
 *
 * @param doing completes "... failed": "kubeadm init".
 */
export function kubeadmFailure(doing: string, output: Output): SlipwayError {
  const text = `${output.stdout}\n${output.stderr}`;
  const phase = /error execution phase ([\w/-]+)/.exec(text)?.[1];
  const errors = preflightErrors(text);
  const data = { ...output, phase, errors };
  if (errors.length > 0) {
    const list = errors.map((error) => `${error.check}: ${error.message}`).join('; ');
    const advice = [...new Set(errors.flatMap((error) => adviceFor(error) ?? []))];
    return new SlipwayError('task.failed', `${doing} refused this host: ${list}`, {
      hint: advice.join(' ') || 'Put right what the checks name, and run again.',
      data,
    });
  }
  const hint = SAYINGS.find(([pattern]) => pattern.test(text))?.[1];
  const why = lastError(text) ?? `exit code ${output.code}`;
  return new SlipwayError('task.failed', `${doing} failed${phase ? ` in phase ${phase}` : ''}: ${why}`, {
    hint: hint ?? 'See the whole output with -v; the same run can be started again.',
    data,
  });
}
