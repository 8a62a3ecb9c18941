import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll } from 'vitest';
import { doubleSource } from '../../../src/lab/double/bundle.ts';

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly input?: string | Buffer;
  readonly version?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** A host that is a directory: the doubles run for real below it, on a loopback address of their own. */
export interface LabHost {
  readonly name: string;
  readonly address: string;
  readonly root: string;
  run(program: string, args: readonly string[], options?: RunOptions): Ran;
  /** As `run`, without waiting for other hosts: several at once. */
  start(program: string, args: readonly string[]): Promise<Ran>;
  has(path: string): boolean;
  read(path: string): string;
  write(path: string, text: string): void;
  mode(path: string): string;
  stop(): void;
}

const folder = mkdtempSync(join(tmpdir(), 'dbl-'));
const file = join(folder, 'double.mjs');
writeFileSync(file, doubleSource());
// Registered before the hooks of the test file, so it runs after them.
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Each test process has a loopback network of its own, so that files can run side by side. */
const network = `127.${100 + (process.pid % 100)}.${1 + (Math.floor(process.pid / 100) % 250)}`;

let count = 0;

function prepare(root: string, name: string, address: string): void {
  const files: Record<string, string> = {
    '/proc/sys/net/ipv4/ip_forward': '1\n',
    '/proc/sys/net/bridge/bridge-nf-call-iptables': '1\n',
    '/proc/swaps': 'Filename\tType\tSize\tUsed\tPriority\n',
    '/etc/slipway-lab/address': `${address}\n`,
    '/etc/slipway-lab/hostname': `${name}\n`,
    '/etc/slipway-lab/timeout': '15\n',
  };
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(root + path), { recursive: true });
    writeFileSync(root + path, text);
  }
}

function ended(child: ChildProcess): Promise<Ran> {
  let stdout = '';
  let stderr = '';
  child.stdout?.on('data', (part: Buffer) => (stdout += part.toString()));
  child.stderr?.on('data', (part: Buffer) => (stderr += part.toString()));
  return new Promise((resolve) =>
    child.on('close', (code) => resolve({ code: code ?? 137, stdout, stderr })),
  );
}

/** A host without a runtime; `withRuntime` starts one. */
export function labHost(): LabHost {
  count += 1;
  const name = `node${count}`;
  const address = `${network}.${count}`;
  const root = join(folder, name);
  prepare(root, name, address);
  const environment = (program: string, options: RunOptions = {}): NodeJS.ProcessEnv => ({
    PATH: process.env['PATH'],
    HOME: '/root',
    KUBECONFIG: '/etc/kubernetes/admin.conf',
    SLIPWAY_LAB_ROOT: root,
    SLIPWAY_LAB_PROGRAM: program,
    ...(options.version === undefined ? {} : { SLIPWAY_LAB_VERSION: options.version }),
    ...options.env,
  });
  return {
    name,
    address,
    root,
    run(program, args, options = {}) {
      const done = spawnSync(process.execPath, [file, ...args], {
        encoding: 'utf8',
        env: environment(program, options),
        input: options.input ?? '',
      });
      return { code: done.status ?? 137, stdout: done.stdout, stderr: done.stderr };
    },
    start: (program, args) =>
      ended(spawn(process.execPath, [file, ...args], { env: environment(program), stdio: 'pipe' })),
    has: (path) => existsSync(root + path),
    read: (path) => readFileSync(root + path, 'utf8'),
    write(path, text) {
      mkdirSync(dirname(root + path), { recursive: true });
      writeFileSync(root + path, text);
    },
    mode: (path) => (statSync(root + path).mode & 0o777).toString(8),
    stop() {
      const served = ['containerd', 'dockerd', 'cri-dockerd'].map((program) => `${root}/${program}.pid`);
      for (const pid of [`${root}/run/slipway-lab/kubelet.pid`, ...served]) {
        if (!existsSync(pid)) continue;
        try {
          process.kill(Number(readFileSync(pid, 'utf8')), 'SIGKILL');
        } catch {
          // Gone already.
        }
      }
      rmSync(root, { recursive: true, force: true });
    },
  };
}

/** Starts a double that serves a socket, and waits for the socket. */
async function serve(host: LabHost, program: string, socket: string): Promise<void> {
  const env = { ...process.env, SLIPWAY_LAB_ROOT: host.root, SLIPWAY_LAB_PROGRAM: program };
  const child = spawn(process.execPath, [file], { env, stdio: 'ignore' });
  writeFileSync(`${host.root}/${program}.pid`, String(child.pid));
  let ended: number | null | undefined;
  child.on('exit', (code) => (ended = code));
  while (!host.has(socket)) {
    if (ended !== undefined) throw new Error(`${program} ended with ${ended}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  child.unref();
}

/** A host whose containerd double runs. */
export async function withRuntime(config?: string): Promise<LabHost> {
  const host = labHost();
  if (config !== undefined) host.write('/etc/containerd/config.toml', config);
  await serve(host, 'containerd', '/run/containerd/containerd.sock');
  return host;
}

/** A host whose doubles of Docker and cri-dockerd run. */
export async function withDocker(config?: string): Promise<LabHost> {
  const host = labHost();
  if (config !== undefined) host.write('/etc/docker/daemon.json', config);
  await serve(host, 'dockerd', '/run/docker.sock');
  await serve(host, 'cri-dockerd', '/run/cri-dockerd.sock');
  return host;
}

/** Asks until it is so, or gives up: the cluster settles by itself, at its own pace. */
export async function until(is: () => boolean, what: string): Promise<void> {
  for (let i = 0; i < 200; i++) {
    if (is()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`never: ${what}`);
}

export const FLANNEL = `
apiVersion: v1
kind: Namespace
metadata: {name: kube-flannel}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: kube-flannel-cfg, namespace: kube-flannel}
data:
  cni-conf.json: |
    {"name": "cbr0", "plugins": [{"type": "flannel"}]}
---
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: kube-flannel-ds, namespace: kube-flannel}
spec:
  selector: {matchLabels: {app: flannel}}
  template:
    metadata: {labels: {app: flannel}}
    spec:
      hostNetwork: true
      tolerations: [{operator: Exists, effect: NoSchedule}]
      containers: [{name: kube-flannel, image: 'ghcr.io/flannel-io/flannel:v0.27.4'}]
      volumes:
      - {name: cni, hostPath: {path: /etc/cni/net.d}}
      - {name: flannel-cfg, configMap: {name: kube-flannel-cfg}}
`;
