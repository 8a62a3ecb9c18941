import { Unknown } from '../expression/types.ts';
import type { Task } from '../playbook/types.ts';
import type { State } from './state.ts';
import type { Leaf } from './task.ts';

/** More states than this that differ only in what `set_fact` set are put together: their values count as unknown. */
const MOST_WAYS = 64;

/** What a host knows after a task. */
export function nextState(state: State, leaf: Leaf, task: Task): State {
  if (leaf.effect === '') return state;
  if (state.ways < MOST_WAYS) return state.after(leaf.effect, leaf.learn);
  const unknown = () => {
    const learnt = leaf.learn();
    const set = new Map([...(learnt.set ?? [])].map(([name]) => [name, new Unknown(name)]));
    return { ...learnt, set };
  };
  return state.after(`${task.id} any of many`, unknown);
}
