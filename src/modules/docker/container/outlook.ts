import type { Effect, Outlook, Subject } from '../../../module/outlook.ts';
import { Unclear } from '../../../module/outlook.ts';
import {
  type ExpectedImage,
  type Gained,
  imageSubject,
  layersSubject,
  THERE,
  UNSURE,
} from '../image-expected.ts';
import { ENGINE, isComing } from '../engine/presence.ts';
import { bodyOf } from './body.ts';
import type { Current } from './current.ts';
import type { Container, Endpoint, Image } from './inspected.ts';
import { endpointOf } from './networks.ts';
import type { Plan } from './plan.ts';
import type { Ready } from './ready.ts';
import { dig, put } from './setting.ts';
import { SETTINGS } from './settings.ts';

const containerSubject = (name: string): Subject => `container:${name}`;
const LAYERS = layersSubject('docker');

/** An image that is missing is pulled. */
export const touchesContainer = ({ p }: Ready): Subject[] => {
  const { image } = p;
  const may = image !== undefined && p.pull !== 'never' && p.state !== 'absent';
  return [containerSubject(p.name), ...(may ? [imageSubject(image), LAYERS] : [])];
};

export const readsContainer = ({ p }: Ready): Subject[] => [
  ...(p.image === undefined ? [] : [imageSubject(p.image)]),
  ...ENGINE,
];

/** A container as a change would leave it. */
interface Foreseen {
  /** Undefined where it would be gone. */
  readonly container: Container | undefined;
  /** The parameters that are known of it, where its image is not: that gives it the others. */
  readonly only?: readonly string[];
}

export function containerEffects(plan: Plan, current: Current, ready: Ready): Effect[] {
  const itself = effectOn(plan, current, ready);
  if (!plan.pull) return [itself];
  // Its own effect comes last: made it is of this image.
  const pulled = { subject: imageSubject(ready.p.image!), state: THERE };
  return [pulled, { subject: LAYERS, state: UNSURE(current.gained) }, itself];
}

function effectOn(plan: Plan, { image }: Current, ready: Ready): Effect {
  const subject = containerSubject(ready.p.name);
  const gone = plan.remove || (plan.wait === 'ended' && (ready.p.cleanup || ready.p.auto_remove));
  if (gone) return { subject, state: { container: undefined } satisfies Foreseen };
  // What ends by itself, and what a registry has, nobody knows.
  if (ready.p.auto_remove || (plan.pull && plan.found)) return { subject };
  const known = plan.make ? made(plan, image, ready) : moved(plan.found!, plan, ready);
  return { subject, state: known };
}

function made(plan: Plan, image: Image | undefined, ready: Ready): Foreseen {
  const { p } = ready;
  const name = p.image ?? String(plan.found?.Config['Image'] ?? '');
  const {
    HostConfig = {},
    NetworkingConfig: _,
    ...config
  } = bodyOf(p, name) as {
    HostConfig?: object;
    NetworkingConfig?: object;
  };
  const given = image?.Config ?? {};
  const container: Container = {
    Id: '',
    Name: `/${p.name}`,
    Image: image?.Id ?? '',
    State: { Running: false, Status: 'created' },
    Config: { ...given, ...config, ...mergedEnv(given, config) },
    HostConfig: HostConfig as Container['HostConfig'],
    NetworkSettings: { Networks: networksOf(ready) },
  };
  const only = image?.Config
    ? undefined
    : SETTINGS.filter((one) => one.wanted(p) !== undefined).map(({ name: one }) => one);
  return { ...moved(container, plan, ready), ...(only && { only }) };
}

/** The environment, labels and ports of an image stay. */
function mergedEnv(image: object, config: object): Record<string, unknown> {
  const both = (name: string) => [dig(image, [name]), dig(config, [name])] as const;
  const [imageEnv, env] = both('Env') as readonly [string[]?, string[]?];
  const own = new Set((env ?? []).map((one) => one.split('=')[0]));
  const kept = (imageEnv ?? []).filter((one) => !own.has(one.split('=')[0]));
  const map = (name: string) => ({ [name]: { ...(both(name)[0] as object), ...(both(name)[1] as object) } });
  return { Env: [...kept, ...(env ?? [])], ...map('Labels'), ...map('ExposedPorts'), ...map('Volumes') };
}

function networksOf({ p }: Ready): Record<string, Endpoint> {
  const networks = p.networks ?? [{ name: p.network_mode ?? 'bridge' }];
  return Object.fromEntries(networks.map((network) => [network.name, endpointOf(network)]));
}

function moved(container: Container, plan: Plan, ready: Ready): Foreseen {
  const HostConfig = structuredClone(container.HostConfig) as Record<string, unknown>;
  for (const [key, one] of Object.entries(plan.update ?? {})) put(HostConfig, [key], one);
  const Networks = { ...container.NetworkSettings.Networks };
  for (const name of plan.disconnect) delete Networks[name];
  for (const network of plan.connect) Networks[network.name] = endpointOf(network);
  return {
    container: {
      ...container,
      HostConfig,
      NetworkSettings: { Networks },
      State: stateAfter(container, plan, ready),
    },
  };
}

function stateAfter({ State, Config }: Container, plan: Plan, { p }: Ready): Container['State'] {
  if (plan.run === 'stop' || plan.wait === 'ended') return { Running: false, Status: 'exited', ExitCode: 0 };
  const checked = State.Health !== undefined || Config['Healthcheck'] !== undefined;
  const Paused = plan.pause ?? p.paused ?? false;
  if (plan.wait === 'healthy') return { Running: true, Paused, Health: { Status: 'healthy' } };
  if (plan.run) return { Running: true, Paused, ...(checked && { Health: { Status: SOON } }) };
  return { ...State, Paused: plan.pause ?? State.Paused ?? false };
}

/** Whether it is healthy by then, nobody knows. */
const SOON = 'starting';

export function foreseeContainer(current: Current, ready: Ready, outlook: Outlook): Current | Unclear {
  const { p } = ready;
  if (isComing(current.problem, outlook))
    return foreseeContainer({ ...current, problem: undefined }, ready, outlook);
  const image =
    p.image === undefined || p.state === 'absent' ? undefined : outlook.concerning([imageSubject(p.image)]);
  const then = outlook.concerning([containerSubject(p.name)]);
  let seen: Current = { ...current, gained: outlook.of(LAYERS)?.state as Gained | undefined };
  if (then) {
    const state = then.state as Foreseen | undefined;
    if (!state || !isKnown(state, ready)) return new Unclear(then.by);
    seen = { ...seen, container: state.container };
  }
  // The task that made it, made it of that image.
  if (!image || (then && then.at > image.at && seen.container)) return seen;
  const named = image.state as ExpectedImage | undefined;
  if (named === null) return { ...seen, image: undefined };
  if (named?.id !== undefined) return { ...seen, image: imageOf(named.id, named, seen.image) };
  return seen.container ? new Unclear(image.by) : { ...seen, image: undefined, coming: true };
}

function imageOf(
  id: string,
  { settings, digests }: NonNullable<ExpectedImage>,
  now: Image | undefined,
): Image {
  if (now?.Id === id) return now;
  return { Id: id, ...(settings && { Config: settings }), ...(digests && { RepoDigests: digests }) };
}

/** Whether all that a task declares can be told of a container that would be there. */
function isKnown({ container, only }: Foreseen, { p }: Ready): boolean {
  if (p.state === 'absent' || !container) return true;
  if (p.state === 'healthy' && container.State.Health?.Status === SOON) return false;
  return !only || SETTINGS.every((one) => only.includes(one.name) || one.wanted(p) === undefined);
}

export const forecastOf = ({ pull, found, make }: Plan): { recreated?: boolean } =>
  pull && found && !make ? {} : { recreated: make === 'recreate' };
