import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { startHost, type HostSettings, type RunningHost } from '../namespaces/host.ts';
import { listen } from '../systemd/channel.ts';
import { boot, createManager, shutdown } from '../systemd/manager.ts';
import type { HostConfig } from '../types.ts';
import { BOOT } from './boot.ts';
import { startSshServer } from './ssh-server.ts';

export interface LabHost {
  readonly name: string;
  readonly pid: number;
  stop(): Promise<void>;
}

/** A host with all that makes it one: its processes, its service manager and its SSH server. */
export async function startLabHost(
  config: HostConfig,
  settings: HostSettings,
  authorizedKey: string,
): Promise<LabHost> {
  const host = await startHost(config, settings);
  const copied = settings.mode === 'copy';
  const manager = await createManager(host, copied ? { SLIPWAY_LAB_HOSTNAME: config.name } : {});
  const log = (line: string) => settings.log(`${config.name}: ${line}`);
  const open = () => startSshServer(host, { authorizedKey, mode: settings.mode, log: settings.log });
  let ssh = await open();
  let off = false;

  const power = async (what: 'reboot' | 'off') => {
    log(what === 'reboot' ? 'restarts' : 'is switched off');
    // First nobody can come in, then everything stops, as on a machine.
    ssh.close();
    off = true;
    await shutdown(manager);
    host.killAll();
    if (what === 'off') return;
    await runInside(host, BOOT);
    await boot(manager);
    ssh = await open();
    off = false;
  };
  const channel = await listen(
    manager,
    (what) => void power(what).catch((error: Error) => log(`did not restart: ${error.message}`)),
    log,
  );
  void host.ended.then(() => off || log('ended'));
  return {
    name: config.name,
    pid: host.pid,
    stop: async () => {
      off = true;
      channel.close();
      ssh.close();
      await host.stop();
    },
  };
}

function runInside(host: RunningHost, script: string): Promise<void> {
  const [program, ...args] = host.enter(['/bin/sh', '-c', script]);
  const env = {
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    SLIPWAY_BOOT_ID: randomUUID(),
  };
  return new Promise((resolve, reject) => {
    const child = spawn(program!, args, { env, stdio: 'ignore' });
    child.once('error', reject);
    child.once('exit', () => resolve());
  });
}
