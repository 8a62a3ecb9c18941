import type { Condition } from '../expression/types.ts';
import type { Loop } from './types.ts';

/** What a loop's own variables are for one of its items: `item`, the index, and `ansible_loop` where it is wanted. */
export function loopNames(loop: Loop, items: readonly unknown[], index: number): Record<string, unknown> {
  return {
    ansible_loop_var: loop.variable,
    [loop.variable]: items[index],
    ...(loop.indexVariable ? { [loop.indexVariable]: index, ansible_index_var: loop.indexVariable } : {}),
    ...(loop.extended ? { ansible_loop: extended(items, index, loop.allItems !== false) } : {}),
  };
}

const names = new WeakMap<Loop, readonly string[]>();

/** The names of these variables. */
export function namesOfLoop(loop: Loop): readonly string[] {
  const known = names.get(loop) ?? Object.keys(loopNames(loop, [], 0));
  names.set(loop, known);
  return known;
}

/** Whether a condition is about the items of a loop: it is decided for each of them. */
export function usesLoop({ references }: Condition, loop: Loop | undefined): boolean {
  return loop !== undefined && references.some(({ path }) => namesOfLoop(loop).includes(path[0]!));
}

// As in Ansible the first item has no `previtem` and the last one no `nextitem`.
function extended(items: readonly unknown[], index: number, all: boolean): Record<string, unknown> {
  const { length } = items;
  const first = index === 0;
  const last = index === length - 1;
  return {
    index: index + 1,
    index0: index,
    first,
    last,
    length,
    revindex: length - index,
    revindex0: length - index - 1,
    ...(all ? { allitems: items } : {}),
    ...(first ? {} : { previtem: items[index - 1] }),
    ...(last ? {} : { nextitem: items[index + 1] }),
  };
}
