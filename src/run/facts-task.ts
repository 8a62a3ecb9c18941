import type { Play, Task } from '../playbook/types.ts';

/** `gather_facts` as the task that it is. */
export function compileFacts(play: Play): Task {
  const { keywords, span } = play;
  return {
    ...keywords,
    kind: 'task',
    id: `${play.index}.facts`,
    name: { kind: 'data', data: 'Gathering Facts', span },
    span,
    module: 'setup',
    args: { kind: 'map', entries: [], span },
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
