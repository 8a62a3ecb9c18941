import { spawn } from 'node:child_process';
import { openSync } from 'node:fs';
import { read, remove, write, makeDir } from './files.ts';
import { at, ROOT } from './paths.ts';
import { onPath, run } from './run.ts';

/** The services of the host as kubeadm sees them: systemd, or nothing. */
export interface Services {
  readonly known: boolean;
  exists(name: string): boolean;
  enabled(name: string): boolean;
  active(name: string): boolean;
  /** Throws with what systemctl said. */
  restart(name: string): void;
  stop(name: string): void;
}

function systemctl(...args: string[]): void {
  const done = run('systemctl', args);
  if (done.code !== 0) throw new Error((done.stderr || done.stdout).trim() || `exit status ${done.code}`);
}

const systemd: Services = {
  known: true,
  exists: (name) =>
    run('systemctl', ['cat', name]).code === 0 || run('systemctl', ['status', name]).code !== 4,
  enabled: (name) => run('systemctl', ['is-enabled', name]).code === 0,
  active: (name) => run('systemctl', ['is-active', name]).code === 0,
  restart: (name) => {
    systemctl('daemon-reload');
    systemctl('restart', name);
  },
  stop: (name) => systemctl('stop', name),
};

const pidFile = (name: string): string => `/run/slipway-lab/${name}.pid`;

function alive(name: string): boolean {
  const pid = Number(read(pidFile(name)));
  if (!(pid > 0)) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Waits some milliseconds at most for a service to end. */
function gone(name: string, patience: number): boolean {
  for (const until = Date.now() + patience; alive(name) && Date.now() < until; )
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
  return !alive(name);
}

/** Under a root of a test there is no systemd: the service is a plain process with a pid file. */
const processes: Services = {
  known: true,
  exists: () => true,
  enabled: () => true,
  active: alive,
  restart: (name) => {
    processes.stop(name);
    makeDir('/var/log');
    const log = openSync(at(`/var/log/${name}.log`), 'a');
    const env = { ...process.env, SLIPWAY_LAB_PROGRAM: name };
    const script = process.argv[1] ?? '';
    const child = spawn(process.execPath, [script], { env, detached: true, stdio: ['ignore', log, log] });
    child.unref();
    write(pidFile(name), `${child.pid}\n`);
  },
  stop: (name) => {
    if (alive(name)) {
      const pid = Number(read(pidFile(name)));
      process.kill(pid, 'SIGTERM');
      if (gone(name, 10_000)) return remove(pidFile(name));
      process.kill(pid, 'SIGKILL');
      // What it was writing is written until it is gone.
      gone(name, 10_000);
    }
    remove(pidFile(name));
  },
};

const none: Services = {
  known: false,
  exists: () => false,
  enabled: () => false,
  active: () => false,
  restart: () => undefined,
  stop: () => {
    throw new Error('no supported init system detected');
  },
};

export function services(): Services {
  if (ROOT !== '') return processes;
  return onPath('systemctl') ? systemd : none;
}
