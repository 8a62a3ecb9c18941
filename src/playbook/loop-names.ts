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

/** The names of these variables. */
export function namesOfLoop(loop: Loop): readonly string[] {
  return Object.keys(loopNames(loop, [], 0));
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
