import { spawn, spawnSync } from 'node:child_process';
import { parse } from 'yaml';
import { SlipwayError } from '../../src/base/errors.ts';
import type { Module, Verdict } from '../../src/module/contract.ts';
import type { Content, Host, RunOptions } from '../../src/module/host.ts';
import type { Program } from '../../src/module/program.ts';
import { modules } from '../../src/modules/index.generated.ts';
import type { Output } from '../../src/transport/types.ts';
import { FakeLocal } from '../kit/fake-local.ts';

export const IMAGE = process.env['SLIPWAY_TEST_IMAGE'] ?? 'slipway-base:bookworm';

/** Whether there is a Docker Engine with the test image. */
export const hasDocker = spawnSync('docker', ['image', 'inspect', IMAGE]).status === 0;

const CAPABILITIES =
  'SYS_ADMIN NET_ADMIN SYS_PTRACE SYS_NICE SYS_TIME SYS_MODULE IPC_LOCK NET_RAW MKNOD SYSLOG DAC_READ_SEARCH';

/** A container with systemd; `shell` is what its programs are run with. */
export class Node implements Host {
  readonly name: string;
  readonly shell: readonly string[];
  readonly sent: string[] = [];

  constructor(name: string, shell: readonly string[] = ['sh']) {
    this.name = name;
    this.shell = shell;
  }

  start(): void {
    this.remove();
    const capabilities = CAPABILITIES.split(' ').flatMap((name) => ['--cap-add', name]);
    const fixed =
      '--security-opt seccomp=unconfined --security-opt apparmor=unconfined --cgroupns=host ' +
      '-v /sys/fs/cgroup:/sys/fs/cgroup:rw --tmpfs /run --tmpfs /run/lock --tmpfs /tmp';
    docker(
      ['run', '-d', '--name', this.name, '--hostname', this.name].concat(
        capabilities,
        fixed.split(' '),
        IMAGE,
      ),
    );
    for (let tries = 0; tries < 100; tries++) {
      const state = spawnSync('docker', ['exec', this.name, 'systemctl', 'is-system-running', '--wait']);
      if (/running|degraded/.test(String(state.stdout))) return;
      spawnSync('sleep', ['0.2']);
    }
    throw new Error(`${this.name} does not start`);
  }

  remove(): void {
    spawnSync('docker', ['rm', '-f', '-v', this.name]);
  }

  /** The same container, with its programs run by another shell. */
  with(shell: readonly string[]): Node {
    return new Node(this.name, shell);
  }

  async run(program: Program, options: RunOptions = {}): Promise<Output> {
    return this.#exec(program, options);
  }

  async send(content: Content, program: Program, options: RunOptions = {}) {
    if (!('bytes' in content)) throw new Error('not needed here');
    return this.#exec(program, options, content.bytes);
  }

  async receive(): Promise<number> {
    throw new Error('not needed here');
  }

  async dial(): Promise<never> {
    throw new Error('not needed here');
  }

  on(): Host {
    return this;
  }

  login(): Host {
    return this;
  }

  together<T>(make: () => T): T {
    return make();
  }

  afterwards(): void {}

  progress(text: string): void {
    this.sent.push(text);
  }

  async reconnect(): Promise<void> {}

  until<T>(event: Promise<T>): Promise<T> {
    return event;
  }

  async sleep(milliseconds: number): Promise<void> {
    await new Promise((resolve) => {
      setTimeout(resolve, milliseconds);
    });
  }

  async #exec(program: Program, options: RunOptions, stdin?: Uint8Array): Promise<Output> {
    // As the session does: a subshell of a fixed environment.
    const script = `umask 022; export LC_ALL=C; (\n${program.text}\n)`;
    const args = ['exec', ...(stdin ? ['-i'] : []), this.name, ...this.shell, '-c', script];
    const child = spawn('docker', args);
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      options.onOutput?.('stdout', text);
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
      options.onOutput?.('stderr', text);
    });
    child.stdin.end(stdin ?? '');
    const code = await new Promise<number>((resolve) => {
      child.on('close', (status) => resolve(status ?? 137));
    });
    if (code !== 0 && !options.anyExit)
      throw new SlipwayError('task.command', stderr.trim() || `exit ${code}`, {
        data: { code, stdout, stderr },
      });
    return { code, stdout, stderr };
  }
}

function docker(args: readonly string[]): string {
  const done = spawnSync('docker', args, { encoding: 'utf8' });
  if (done.status !== 0) throw new Error(`docker ${args.join(' ')}: ${done.stderr}`);
  return done.stdout;
}

export interface Settled {
  readonly before: Verdict<unknown>;
  readonly after: Verdict<unknown>;
  readonly result: unknown;
}

/* oxlint-disable typescript/no-explicit-any */
/** What the engine does with a state: probe, compare, apply, probe. */
export async function settle(node: Node, name: string, params: Record<string, unknown>): Promise<Settled> {
  const module = find(name);
  if (module.kind !== 'state') throw new Error(`${name} is no state`);
  const ready = module.prepare ? await module.prepare(params, new FakeLocal()) : params;
  const probe = module.probe(ready);
  const before = module.compare(module.read(await node.run(probe), ready), ready);
  if (before.verdict === 'change') {
    const apply = module.apply(before.change, ready);
    if (typeof apply === 'function') await apply(node);
    else await node.run(apply);
  }
  const current = module.read(await node.run(probe), ready);
  const after = module.compare(current, ready);
  return { before, after, result: module.result?.(current, ready) };
}

/** Runs an action or a query. */
export async function perform(node: Node, name: string, params: Record<string, unknown>): Promise<any> {
  const module = find(name);
  if (module.kind === 'query') return module.read(await node.run(module.probe(params)), params);
  if (module.kind !== 'action') throw new Error(`${name} is no action`);
  const run = module.run(params);
  const output = typeof run === 'function' ? await run(node) : await node.run(run, { anyExit: true });
  return module.read(output, params);
}
/* oxlint-enable typescript/no-explicit-any */

export function find(name: string): Module {
  const module = modules.get(name);
  if (!module) throw new Error(`no module ${name}`);
  return module;
}

/** The tasks of an example as module and arguments; templates are not rendered. */
export function tasksOf(yaml: string): { module: string; params: Record<string, unknown> }[] {
  return (parse(yaml) as Record<string, unknown>[]).map((task) => {
    const name = Object.keys(task).find((key) => modules.has(key));
    if (name === undefined) throw new Error(`no module in ${JSON.stringify(task)}`);
    return { module: name, params: task[name] as Record<string, unknown> };
  });
}
