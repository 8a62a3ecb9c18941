import { describe, expect, it } from 'vitest';
import type { Loop } from '../../src/playbook/types.ts';
import { loopNames } from '../../src/playbook/loop-names.ts';
import { play, task, ToyHost, value } from '../run/kit.ts';

const loop = (more: Partial<Loop> = {}): Loop => ({ items: value([]), variable: 'item', ...more });

describe('loopNames', () => {
  it('gives the item, and the index where it has a name', () => {
    expect(loopNames(loop(), ['a'], 0)).toEqual({ item: 'a', ansible_loop_var: 'item' });
    expect(loopNames(loop({ variable: 'n', indexVariable: 'i' }), ['a', 'b'], 1)).toEqual({
      n: 'b',
      i: 1,
      ansible_loop_var: 'n',
      ansible_index_var: 'i',
    });
  });

  it('gives ansible_loop where it is extended; the ends have no neighbour', () => {
    const items = ['a', 'b', 'c'];
    const at = (index: number) => loopNames(loop({ extended: true }), items, index)['ansible_loop'];
    const same = { length: 3, allitems: items };
    const a = { index: 1, index0: 0, first: true, last: false, revindex: 3, revindex0: 2, nextitem: 'b' };
    const b = { index: 2, index0: 1, first: false, last: false, revindex: 2, revindex0: 1 };
    const c = { index: 3, index0: 2, first: false, last: true, revindex: 1, revindex0: 0, previtem: 'b' };
    expect(at(0)).toEqual({ ...same, ...a });
    expect(at(1)).toEqual({ ...same, ...b, previtem: 'a', nextitem: 'c' });
    expect(at(2)).toEqual({ ...same, ...c });
  });

  it('leaves allitems out where they are not wanted', () => {
    const names = loopNames(loop({ extended: true, allItems: false }), ['a'], 0);
    expect(names['ansible_loop']).not.toHaveProperty('allitems');
    expect(names['ansible_loop']).toMatchObject({ first: true, last: true });
  });
});

describe('a loop that is extended', () => {
  it('can be asked in conditions and arguments; results carry the item by its name', async () => {
    const host = new ToyHost();
    const tasks = [
      task(
        'do',
        { cmd: '{{ n }}{{ ansible_loop.index }}/{{ ansible_loop.length }}' },
        {
          loop: ['a', 'b', 'c'],
          loopControl: { variable: 'n', extended: true },
          when: ['!ansible_loop.last'],
          register: 'r',
        },
      ),
    ];
    const run = await play([{ hosts: ['n1'], tasks }], { n1: host });
    expect(host.did).toEqual(['do a1/3', 'do b2/3']);
    const { results } = run.vars('n1').get('r') as { results: readonly object[] };
    expect(results).toMatchObject([{ n: 'a' }, { n: 'b' }, { n: 'c', skipped: true }]);
    expect(results[0]).not.toHaveProperty('item');
  });
});
