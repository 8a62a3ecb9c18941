import { always, change, impossible, same, type Verdict } from '../../../module/contract.ts';
import { knows } from '../docker-image-compare.ts';
import { NO_ENGINE, unanswered } from '../engine/presence.ts';
import { socketOf } from '../engine/params.ts';
import { familiarName, shortId } from '../image-names.ts';
import { asksRegistry, type Current, isId } from './current.ts';
import { type Declared, declaredOf, howOf, shown } from './differences.ts';
import { stateOf } from './health.ts';
import type { Container } from './inspected.ts';
import { describe, type NetworkChanges, networkChanges } from './networks.ts';
import { afterwards, motion, RESTART, RUN, runsEachTime, type Step } from './motion.ts';
import type { Plan } from './plan.ts';
import type { Ready } from './ready.ts';
import { put } from './setting.ts';

const NOTHING: Omit<Plan, 'outcome' | 'found'> = { connect: [], disconnect: [] };

export function compareContainer(current: Current, ready: Ready): Verdict<Plan> {
  const { p } = ready;
  const { container, problem } = current;
  if (p.state === 'absent' && problem === NO_ENGINE) return same(NO_ENGINE);
  if (problem !== undefined) return unanswered(problem, socketOf(p));
  if (p.state === 'absent') return removal(container, ready);
  const obstacle = obstacleTo(current, ready);
  if (obstacle) return obstacle;
  const steps = container ? stepsOf(container, current, ready) : [creation(current, ready)];
  if (steps.length === 0) return same(`${p.name} ${stateOf(container!)}, and is as declared`);
  const { why: _why, diff: _diff, ...doing } = Object.assign({}, ...steps) as Step;
  const plan: Plan = { ...NOTHING, ...doing, found: container, outcome: {} };
  const diff = steps.flatMap((step) => step.diff);
  // A step that is due each time leaves nothing that a look could tell.
  const again = steps.every(({ why }) => EACH_TIME.has(why)) || runsEachTime(ready);
  return (again ? always : change)(steps.map(({ why }) => why).join('; '), diff, plan);
}

const RECREATE = 'recreate is asked for';
const EACH_TIME: ReadonlySet<string> = new Set([RECREATE, RESTART, RUN]);

function removal(container: Container | undefined, { p }: Ready): Verdict<Plan> {
  if (!container) return same(`there is no container ${p.name}`);
  const why = `${p.name} is there and ${stateOf(container)}`;
  const diff = [{ subject: p.name, before: stateOf(container) }];
  return change(why, diff, { ...NOTHING, remove: true, found: container, outcome: {} });
}

function obstacleTo({ container, image, coming }: Current, { p }: Ready) {
  if (!container && p.image === undefined)
    return impossible(`there is no container ${p.name}`, 'Say of which `image` it is to be made.');
  if (!container && !image && !coming && p.pull === 'never')
    return impossible(
      `there is no image ${p.image}, and it may not be pulled`,
      'Load it first (`docker_image`), or write `pull: missing`.',
    );
  const declared = p.healthcheck !== undefined || container?.State.Health || image?.Config?.['Healthcheck'];
  const known = container !== undefined || image !== undefined;
  if (p.state === 'healthy' && known && !coming && !declared)
    return impossible(
      `${p.name} has no healthcheck`,
      'Declare its `healthcheck`, or write `state: started`.',
    );
  return undefined;
}

function creation(current: Current, ready: Ready): Step {
  const { image } = current;
  const { p, hidden } = ready;
  const then = afterwards(ready, false);
  const pulled = mustPull(current, ready);
  const diff = [
    { subject: p.name, after: `${then.run ? 'started' : 'made'} from ${p.image}` },
    ...declaredOf(p, undefined, image).flatMap((one) => shown(one, true, hidden)),
    ...(p.networks ?? []).map((network) => ({
      subject: `network ${network.name}`,
      after: describe(network),
    })),
  ];
  const pulling = pulled && image === undefined ? `; ${p.image} is pulled first` : '';
  return {
    make: 'create',
    ...(pulled && { pull: true as const }),
    ...then,
    why: `there is no container ${p.name}${pulling}`,
    diff,
  };
}

/** Whether the image has to come, or is another one in the registry. */
function mustPull({ image, registry, coming }: Current, { p }: Ready): boolean {
  if (p.image === undefined || isId(p.image) || p.pull === 'never') return false;
  if (!image) return !coming || asksRegistry(p);
  if (!asksRegistry(p)) return false;
  return registry?.digest === undefined || !knows(image, familiarName(p.image), registry.digest);
}

function stepsOf(container: Container, current: Current, ready: Ready): Step[] {
  const { p } = ready;
  const pull = asksRegistry(p) && mustPull(current, ready) ? [pulling(container, current, ready)] : [];
  const declared = declaredOf(p, container, current.image);
  const image = imageStep(container, current, ready);
  const fixed = declared.filter((one) => one.differs && !isLive(one));
  if (image || fixed.length > 0 || p.recreate)
    return [...pull, ...remaking(container, declared, image, fixed, ready)];
  return [
    ...pull,
    ...updates(declared),
    ...networkSteps(networkChanges(p, container)),
    ...motion(container, ready),
  ];
}

function pulling(container: Container, { registry }: Current, ready: Ready): Step {
  const again = afterwards(ready, container.State.Running);
  const { image } = ready.p;
  const trouble =
    registry?.digest === undefined ? ` (it could not be asked: ${registry?.message ?? ''})` : '';
  const after = registry?.digest?.slice(0, 19) ?? 'as the registry has it';
  const diff = [{ subject: `${image}`, after, open: registry?.digest === undefined }];
  return { pull: true, again, why: `the registry has another ${image}${trouble}`, diff };
}

function imageStep(container: Container, current: Current, ready: Ready): Step | undefined {
  const { p } = ready;
  const { image, coming } = current;
  if (p.image === undefined || howOf('image', 'value', p) === 'ignore') return undefined;
  const name = String(container.Config['Image'] ?? '');
  if (image && image.Id === container.Image) return undefined;
  // The name was taken away from the host since; that of the container's is the same.
  if (!image && !coming && familiarName(name) === familiarName(p.image)) return undefined;
  const before = `${shortId(container.Image)} (${name})`;
  if (image)
    return {
      why: `its image is another ${p.image} than now`,
      diff: [{ subject: 'image', before, after: `${shortId(image.Id)} (${p.image})` }],
    };
  const pull = mustPull(current, ready) ? { pull: true as const } : {};
  return { ...pull, why: `its image is ${name}`, diff: [{ subject: 'image', before, after: p.image }] };
}

function remaking(
  container: Container,
  declared: readonly Declared[],
  image: Step | undefined,
  fixed: readonly Declared[],
  ready: Ready,
): Step[] {
  const { p, hidden } = ready;
  const names = [...new Set(fixed.map(({ setting }) => setting.name))];
  const reasons = [
    image?.why,
    names.length > 0 ? `${names.join(', ')} ${names.length > 1 ? 'differ' : 'differs'}` : undefined,
  ];
  const why = reasons.filter((reason) => reason !== undefined).join('; ');
  const diff = [...(image?.diff ?? []), ...declared.flatMap((one) => shown(one, true, hidden))];
  return [
    {
      make: 'recreate',
      ...(image?.pull && { pull: true as const }),
      ...afterwards(ready, container.State.Running),
      why: why === '' ? RECREATE : why,
      diff: diff.length > 0 ? diff : [{ subject: p.name, before: stateOf(container), after: 'made anew' }],
    },
  ];
}

/** Nothing is how the Engine is told to leave a limit as it is. */
const isLive = ({ setting, given }: Declared) => setting.live === true && given !== 0 && given !== '';

function updates(declared: readonly Declared[]): Step[] {
  const live = declared.filter((one) => one.differs && isLive(one));
  if (live.length === 0) return [];
  const update: Record<string, unknown> = {};
  for (const { setting, given } of live) put(update, setting.path.slice(1), given);
  const names = live.map(({ setting }) => setting.name);
  return [
    {
      update,
      why: `${names.join(', ')} ${names.length > 1 ? 'differ' : 'differs'}`,
      diff: live.flatMap((one) => shown(one, false, () => false)),
    },
  ];
}

function networkSteps({ connect, disconnect, diff }: NetworkChanges): Step[] {
  if (diff.length === 0) return [];
  return [{ connect, disconnect, diff, why: 'its networks differ' }];
}
