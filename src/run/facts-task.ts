import type { Play, Task } from '../playbook/types.ts';

/** `gather_facts` as the task that it is; `subset` is `gather_subset`, where not everything is needed. */
export function compileFacts(play: Play, subset?: readonly string[]): Task {
  const { keywords, span } = play;
  const value = { kind: 'data', data: subset, span } as const;
  return {
    ...keywords,
    kind: 'task',
    id: `${play.index}.facts`,
    name: { kind: 'data', data: 'Gathering Facts', span },
    span,
    module: 'setup',
    args: { kind: 'map', entries: subset ? [{ key: 'gather_subset', keySpan: span, value }] : [], span },
    argsSpan: span,
    when: [],
    runOnce: false,
    delegateTo: undefined,
    changedWhen: [],
    failedWhen: [],
    until: [],
    conditions: {},
    notify: [],
    listen: [],
  };
}
