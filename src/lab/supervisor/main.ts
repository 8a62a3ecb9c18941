import { existsSync, readFileSync } from 'node:fs';
import { chdir } from 'node:process';
import { rm } from 'node:fs/promises';
import { SlipwayError } from '../../base/errors.ts';
import { formatThrown } from '../../base/frame.ts';
import { madePackages, packagesIn, repositorySite, type Served } from '../apt/repository.ts';
import { serveSite } from '../apt/server.ts';
import { controlField } from '../deb/read.ts';
import { packages } from '../double/bundle.ts';
import { CONTROL_SOCKET, labFolder } from '../folder.ts';
import { toForget } from '../namespaces/bare.ts';
import { type HostSettings, prepareHosts } from '../namespaces/host.ts';
import { writeStage } from '../namespaces/stage.ts';
import type { HostConfig, SupervisorConfig, SupervisorMessage } from '../types.ts';
import { type ControlReply, type ControlRequest, serveControl } from './control.ts';
import { type LabHost, startLabHost } from './lab-host.ts';

// The background process of a lab: it holds the hosts, their SSH servers and services, and the apt repository.
// Argument: the folder that holds `.slipway`.

const lab = labFolder(process.argv[2] ?? '.');
const say = (message: SupervisorMessage) => {
  if (process.connected) process.send?.(message);
};
const log = (line: string) => void process.stdout.write(`${new Date().toISOString()} ${line}\n`);

const hosts = new Map<string, LabHost>();
let settings: HostSettings | undefined;

async function main(): Promise<void> {
  chdir(lab.root);
  const config = JSON.parse(readFileSync(lab.config, 'utf8')) as SupervisorConfig;
  const served = await servedPackages(config);
  await serveSite(repositorySite(served, config.signingKey), config.repository, log);
  const names = served.map(
    (one) => `${controlField(one.control, 'Package')} ${controlField(one.control, 'Version')}`,
  );
  if (config.driver === 'namespaces') await startHosts(config, names);
  await rm(CONTROL_SOCKET, { force: true });
  const control = await serveControl(CONTROL_SOCKET, (request) => answer(request, config));
  control.once('close', () => void stop());
  say({ type: 'ready', packages: names });
}

async function servedPackages(config: SupervisorConfig): Promise<Served[]> {
  if (config.kubernetes !== undefined) return packagesIn(config.kubernetes);
  return madePackages(packages(config.kubernetesVersion));
}

async function startHosts(config: SupervisorConfig, served: readonly string[]): Promise<void> {
  const mode = config.mode!;
  writeStage(lab.stage, config, mode);
  const status = existsSync('/var/lib/dpkg/status') ? readFileSync('/var/lib/dpkg/status', 'utf8') : '';
  settings = {
    mode,
    unshareFlags: config.unshareFlags,
    lab: lab.root,
    stage: lab.stage,
    forget: toForget(
      status,
      served.map((one) => one.split(' ')[0]!),
    ),
    log,
  };
  if (mode === 'copy') say({ type: 'progress', text: 'copying this machine (once)' });
  await prepareHosts(settings);
  await addHosts(config.hosts, config);
}

async function addHosts(added: readonly HostConfig[], config: SupervisorConfig): Promise<void> {
  let up = 0;
  // Two at a time: they wait for the disk more than for the processor, but hold many files while they do.
  const queue = [...added];
  const worker = async () => {
    for (let next = queue.shift(); next; next = queue.shift()) {
      hosts.set(next.name, await startLabHost(next, settings!, config.authorizedKey));
      up += 1;
      say({ type: 'progress', text: `${next.name} is up (${up} of ${added.length})` });
    }
  };
  await Promise.all([worker(), worker(), worker(), worker()]);
}

async function answer(request: ControlRequest, config: SupervisorConfig): Promise<ControlReply> {
  if (request.ask === 'add') {
    const more = request.hosts as HostConfig[];
    if (config.driver === 'namespaces') {
      writeStage(lab.stage, { ...config, hosts: more }, config.mode!);
      await addHosts(more, config);
    }
  }
  if (request.ask === 'stop') {
    await stopHosts();
    // The reply goes out first.
    setTimeout(() => process.exit(0), 50);
  }
  return { ok: true, hosts: [...hosts.keys()] };
}

async function stopHosts(): Promise<void> {
  await Promise.all([...hosts.values()].map((host) => host.stop()));
  hosts.clear();
}

async function stop(): Promise<never> {
  await stopHosts();
  process.exit(0);
}

for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void stop());
// The terminal that the lab was started from may close; the lab stays.
process.on('SIGHUP', () => undefined);
process.on('unhandledRejection', (error) => log(`unexpected: ${formatThrown(error)}`));

main().catch(async (error: unknown) => {
  const known = error instanceof SlipwayError;
  log(`could not start: ${formatThrown(error)}`);
  const code = known && error.code === 'lab.unsupported' ? 'lab.unsupported' : 'lab.failed';
  await stopHosts().catch(() => undefined);
  say({ type: 'failed', code, message: error instanceof Error ? error.message : String(error) });
  setTimeout(() => process.exit(1), 50);
});
