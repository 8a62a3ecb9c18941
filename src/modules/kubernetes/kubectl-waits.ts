import { type Static, Type } from 'typebox';
import type { Program } from '../../module/program.ts';
import { type Caller, kubectl } from './kubectl-call.ts';

/** One thing to wait for. */
export const waitParams = {
  resource: Type.Union([Type.String(), Type.Array(Type.String())], {
    description: 'What: `deployment/web`, `nodes`, or a list of such.',
  }),
  namespace: Type.Optional(Type.String()),
  selector: Type.Optional(Type.String({ description: 'Labels: `app=web`.' })),
  all: Type.Optional(Type.Boolean({ description: 'Every object of that kind.' })),
  condition: Type.Optional(
    Type.String({ description: 'A condition that becomes true: `Ready`, `Available`.' }),
  ),
  jsonpath: Type.Optional(Type.String({ description: "As in `'{.status.phase}'=Running`." })),
  deleted: Type.Optional(Type.Boolean({ description: 'Until it is gone.' })),
  rollout: Type.Optional(Type.Boolean({ description: 'Until a rollout is finished.' })),
};

export const waitFor = Type.Object(waitParams);
export type WaitFor = Static<typeof waitFor>;

export function resourcesOf(wait: WaitFor): readonly string[] {
  return typeof wait.resource === 'string' ? [wait.resource] : wait.resource;
}

/** kubectl's words for it. @param seconds how long it may take */
export function waitCalls(wait: WaitFor, caller: Caller, seconds: number): Program[] {
  const at = { ...caller, namespace: wait.namespace ?? caller.namespace };
  const timeout = `--timeout=${seconds}s`;
  if (wait.rollout)
    return resourcesOf(wait).map((resource) => kubectl(at, ['rollout', 'status', resource, timeout]));
  const which = [
    ...resourcesOf(wait),
    ...(wait.selector === undefined ? [] : ['--selector', wait.selector]),
    ...(wait.all ? ['--all'] : []),
  ];
  return [kubectl(at, ['wait', ...which, goal(wait), timeout])];
}

function goal(wait: WaitFor): string {
  if (wait.deleted) return '--for=delete';
  if (wait.jsonpath !== undefined) return `--for=jsonpath=${wait.jsonpath}`;
  return `--for=condition=${wait.condition ?? 'Ready'}`;
}

/** For messages: "deployment/web is not Available". */
export function describeWait(wait: WaitFor): string {
  const what = resourcesOf(wait).join(', ') + (wait.selector === undefined ? '' : ` (${wait.selector})`);
  if (wait.rollout) return `${what}: the rollout is not finished`;
  if (wait.deleted) return `${what}: still there`;
  return `${what}: not ${wait.jsonpath ?? wait.condition ?? 'Ready'}`;
}
