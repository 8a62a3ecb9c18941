import type Docker from 'dockerode';
import type { Host } from '../../../module/host.ts';
import { statusOf, withEngine } from '../engine/client.ts';
import { follow } from '../engine/follow.ts';
import { socketOf } from '../engine/params.ts';
import { familiarName } from '../image-names.ts';
import { bodyOf, firstNetwork } from './body.ts';
import { howOf } from './differences.ts';
import { bringUp, stopped, unlessSo } from './motion-apply.ts';
import { endpointOf } from './networks.ts';
import type { Network } from './params-network.ts';
import type { Plan } from './plan.ts';
import type { Ready } from './ready.ts';

/** Whoever carries a plan out. */
export interface Work {
  readonly docker: Docker;
  readonly host: Host;
  readonly plan: Plan;
  readonly ready: Ready;
}

export function applyContainer(plan: Plan, ready: Ready): (host: Host) => Promise<void> {
  return (host) =>
    withEngine(host, { socket: socketOf(ready.p) }, async (docker) => {
      await carryOut({ docker, host, plan, ready });
    });
}

async function carryOut(work: Work): Promise<void> {
  const { docker, plan, ready } = work;
  const { p } = ready;
  if (plan.remove) return remove(work);
  const anew = plan.pull === true && (await pulled(work)) && plan.make === undefined;
  if (anew) return replace({ ...work, plan: { ...forAnother(plan), ...plan.again } });
  if (plan.make === 'recreate') return replace(work);
  const container = docker.getContainer(p.name);
  if (plan.make === 'create') {
    await create(work, p.name);
    await bringUp(work, container);
    return leaveNothing(work);
  }
  if (plan.update) await container.update(fitting(plan.update, work));
  for (const name of plan.disconnect)
    await docker.getNetwork(name).disconnect({ Container: p.name, Force: false });
  await connect(work, p.name, plan.connect);
  await bringUp(work, container);
  if (plan.run === 'start') await leaveNothing(work);
}

/** Without what was meant for the container that was found: another one is made and does not run yet. */
function forAnother({ run: _run, wait: _wait, pause: _pause, ...plan }: Plan): Plan {
  return plan;
}

/** A run that was cut off may have left the old one beside the new one. */
const leaveNothing = (work: Work) => removeIfThere(work, beside(work.ready.p.name).old);

/** @returns whether the container has to be made anew for it */
async function pulled({ docker, host, plan, ready }: Work): Promise<boolean> {
  const image = ready.p.image!;
  const doing = `pulling ${image}`;
  const options = { authconfig: ready.account ?? {} };
  await follow(await docker.pull(familiarName(image), options), { host, doing });
  if (!plan.found) return false;
  const { Id } = await docker.getImage(image).inspect();
  return howOf('image', 'value', ready.p) !== 'ignore' && Id !== plan.found.Image;
}

/** With all its networks; what a run that was cut off has left of it is removed first. */
async function create(work: Work, name: string): Promise<void> {
  const { docker, plan, ready } = work;
  const { p } = ready;
  const image = p.image ?? String(plan.found?.Config['Image'] ?? '');
  await removeIfThere(work, name === p.name ? beside(p.name).made : name);
  await docker.createContainer({ name, ...bodyOf(p, image) });
  const first = firstNetwork(p);
  const others = (p.networks ?? []).filter((network) => network !== first);
  await connect(work, name, others);
}

async function connect({ docker }: Work, name: string, networks: readonly Network[]): Promise<void> {
  for (const network of networks)
    await docker.getNetwork(network.name).connect({ Container: name, EndpointConfig: endpointOf(network) });
}

/** What the new and the old container are called while one takes the place of the other. */
const beside = (name: string) => ({ made: `${name}-slipway-new`, old: `${name}-slipway-old` });

/**
 * Makes the new one before the old one is touched, and removes the old one when the new one is up: what the Engine does not
 * take, or what cannot be started, leaves the old one as it was.
 */
async function replace(work: Work): Promise<void> {
  const { docker, host, plan, ready } = work;
  const { name } = ready.p;
  const names = beside(name);
  const found = plan.found!;
  const old = docker.getContainer(found.Id);
  try {
    await create(work, names.made);
    host.progress(`puts a new ${name} in place of the old one`);
    if (found.State.Running) await stopped(old, ready.p);
    // What a run that was cut off has left.
    await removeIfThere(work, names.old);
    await unlessGone(old.rename({ name: names.old }));
    await docker.getContainer(names.made).rename({ name });
    await bringUp(work, docker.getContainer(name), { waits: false });
  } catch (error) {
    await removeIfThere(work, names.made);
    await putBack(work, old);
    throw error;
  }
  plan.outcome.recreated = true;
  await removeIfThere(work, names.old);
  await bringUp(work, docker.getContainer(name), { moves: false });
}

/** Whatever has become of the old one by then: it may have its name, and run, still. */
async function putBack(work: Work, old: Docker.Container): Promise<void> {
  const { name } = work.ready.p;
  const was = work.plan.found!.State;
  const now = await unlessGone(old.inspect());
  if (now?.Name !== `/${name}`) {
    await removeIfThere(work, name);
    await unlessGone(old.rename({ name }));
  }
  if (!was.Running || now?.State.Running) return;
  await unlessGone(unlessSo(old.start()));
  if (was.Paused) await unlessGone(old.pause());
}

async function remove({ docker, ready, plan }: Work): Promise<void> {
  const container = docker.getContainer(ready.p.name);
  if (plan.found?.State.Running) await stopped(container, ready.p);
  await unlessGone(container.remove({ v: ready.p.keep_volumes === false, force: false }));
}

async function removeIfThere({ docker, ready }: Work, name: string): Promise<void> {
  await unlessGone(docker.getContainer(name).remove({ v: ready.p.keep_volumes === false, force: true }));
}

/** Gone, or about to go: a container with `auto_remove` goes by itself. */
async function unlessGone<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    const inProgress = statusOf(error) === 409 && /removal.* in progress/i.test(String(error));
    if (statusOf(error) === 404 || inProgress) return undefined;
    throw error;
  }
}

/** The Engine refuses more memory than memory and swap together, so that follows where nothing else is declared. */
function fitting(update: Readonly<Record<string, unknown>>, { plan, ready }: Work): Record<string, unknown> {
  const memory = update['Memory'];
  const swap = plan.found?.HostConfig['MemorySwap'];
  if (typeof memory !== 'number' || ready.p.memory_swap !== undefined || swap === -1) return { ...update };
  return { ...update, MemorySwap: memory * 2 };
}
