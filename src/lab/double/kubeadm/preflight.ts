import { createServer } from 'node:net';
import { availableParallelism, totalmem } from 'node:os';
import { ownAddress } from '../host/address.ts';
import { Exit } from '../host/exit.ts';
import { exists, list, read } from '../host/files.ts';
import { identity, minorOf } from '../host/identity.ts';
import { ROOT } from '../host/paths.ts';
import { onPath } from '../host/run.ts';
import { services } from '../host/services.ts';
import { probeRuntime } from '../runtime/sockets.ts';
import { say } from './output.ts';

/** What one check found: nothing, warnings, errors. */
export interface Finding {
  readonly name: string;
  readonly warnings: readonly string[];
  readonly errors: readonly string[];
}

export type Check = () => Promise<Finding> | Finding;

const fine = (name: string): Finding => ({ name, warnings: [], errors: [] });
const bad = (name: string, error: string): Finding => ({ name, warnings: [], errors: [error] });
const hint = (name: string, warning: string): Finding => ({ name, warnings: [warning], errors: [] });
const dashed = (path: string): string => path.replaceAll('/', '-');

export const root: Check = () => {
  const uid = process.env['SLIPWAY_LAB_UID'] ?? (ROOT === '' ? String(process.getuid?.()) : '0');
  return uid === '0' ? fine('IsPrivilegedUser') : bad('IsPrivilegedUser', 'user is not running as root');
};

export const processors: Check = () => {
  const count = availableParallelism();
  return count >= 2
    ? fine('NumCPU')
    : bad('NumCPU', `the number of available CPUs ${count} is less than the required 2`);
};

export const memory: Check = () => {
  const megabytes = Math.floor(totalmem() / 1024 / 1024);
  return megabytes >= 1700
    ? fine('Mem')
    : bad('Mem', `the system RAM (${megabytes} MB) is less than the minimum 1700 MB`);
};

/** A real bind: on the host's own address where it shares its network, else on all. */
export const port = (number: number): Check => {
  return async () => {
    const server = createServer();
    const busy = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(true));
      server.listen(number, ownAddress(), () => resolve(false));
    });
    if (!busy) await new Promise((resolve) => server.close(resolve));
    return busy ? bad(`Port-${number}`, `Port ${number} is in use`) : fine(`Port-${number}`);
  };
};

export const fileAvailable = (path: string): Check => {
  const name = `FileAvailable-${dashed(path)}`;
  return () => (exists(path) ? bad(name, `${path} already exists`) : fine(name));
};

export const dirAvailable = (path: string): Check => {
  const name = `DirAvailable-${dashed(path)}`;
  return () => (list(path).length > 0 ? bad(name, `${path} is not empty`) : fine(name));
};

export const fileContent = (path: string, content: string): Check => {
  const name = `FileContent-${dashed(path)}`;
  return () => {
    const text = read(path);
    if (text === undefined) return bad(name, `${path} does not exist`);
    return text.startsWith(content) ? fine(name) : bad(name, `${path} contents are not set to ${content}`);
  };
};

export const swap: Check = () => {
  const lines = (read('/proc/swaps') ?? '').split('\n').filter((line) => line.trim() !== '');
  if (lines.length < 2) return fine('Swap');
  const old = minorOf(identity().version) < 30;
  const text = old
    ? 'swap is enabled; production deployments should disable swap unless testing the NodeSwap feature gate of the kubelet'
    : 'swap is supported for cgroup v2 only. The kubelet must be properly configured to use swap. Please refer to https://kubernetes.io/docs/concepts/architecture/nodes/#swap-memory, or disable swap on the node';
  return hint('Swap', text);
};

export const inPath = (program: string, mandatory: boolean): Check => {
  const name = `FileExisting-${program}`;
  const text = `${program} not found in system path`;
  return () => (onPath(program) ? fine(name) : mandatory ? bad(name, text) : hint(name, text));
};

export const runtime = (socket: string): Check => {
  return async () => {
    const problem = await probeRuntime(socket);
    if (problem === undefined) return fine('CRI');
    const where = `validate CRI v1 runtime API for endpoint "${socket}"`;
    return bad(
      'CRI',
      `could not connect to the container runtime: failed to create new CRI runtime service: validate service connection: ${where}: ${problem}`,
    );
  };
};

export const kubeletService: Check = () => {
  const init = services();
  if (!init.known)
    return hint('Service-kubelet', 'no supported init system detected, skipping checking for services');
  if (!init.exists('kubelet')) return hint('Service-kubelet', 'kubelet service does not exist');
  if (init.enabled('kubelet')) return fine('Service-kubelet');
  return hint(
    'Service-kubelet',
    "kubelet service is not enabled, please run 'systemctl enable kubelet.service'",
  );
};

export const releaseOf = (wanted: string): Check => {
  return () => {
    const { version } = identity();
    if (minorOf(wanted) <= minorOf(version)) return fine('KubernetesVersion');
    const text = `Kubernetes version is greater than kubeadm version. Please consider to upgrade kubeadm. Kubernetes version: ${wanted.slice(1)}. Kubeadm version: ${minorOf(version)}`;
    return hint('KubernetesVersion', text);
  };
};

/** Ignored checks are compared in small letters; `all` stands for every one. */
function ignored(name: string, list: readonly string[]): boolean {
  const names = list.map((item) => item.toLowerCase());
  return names.includes('all') || names.includes(name.toLowerCase());
}

/** Runs every check, then fails with all errors together. */
export async function runChecks(checks: readonly Check[], ignore: readonly string[]): Promise<void> {
  const errors: string[] = [];
  for (const check of checks) {
    const finding = await check();
    const demoted = ignored(finding.name, ignore);
    const warnings = demoted ? [...finding.warnings, ...finding.errors] : finding.warnings;
    for (const warning of warnings) process.stderr.write(`\t[WARNING ${finding.name}]: ${warning}\n`);
    if (!demoted) errors.push(...finding.errors.map((error) => `\t[ERROR ${finding.name}]: ${error}\n`));
  }
  if (errors.length === 0) return;
  const head = '[preflight] Some fatal errors occurred:\n';
  const foot =
    '[preflight] If you know what you are doing, you can make a check non-fatal with `--ignore-preflight-errors=...`';
  const block = `${head}${errors.join('')}${foot}`;
  if (minorOf(identity().version) < 34) throw new Exit(block);
  process.stderr.write(`${block}\n`);
  throw new Exit('preflight checks failed');
}

export function start(): void {
  say('[preflight] Running pre-flight checks');
}
