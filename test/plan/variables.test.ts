import { describe, expect, it } from 'vitest';
import { recordScope } from '../../src/expression/scope.ts';
import { Unknown } from '../../src/expression/types.ts';
import type { Keywords } from '../../src/playbook/types.ts';
import { FACTS } from '../../src/plan/types.ts';
import { createVariables } from '../../src/plan/variables.ts';
import { inventory, keywords, play, planned, span, variables } from './kit.ts';

const options = { check: false, diff: false, tags: [], skipTags: [], extraVars: {} };

/** Every layer that can hold a variable, lowest precedence first, as Ansible documents it. */
const LAYERS = [
  'role defaults',
  'inventory',
  'facts',
  'play vars',
  'vars_prompt',
  'vars_files',
  'role vars',
  'block and task vars',
  'include_vars',
  'set_fact',
  'params',
  'loop',
  'extra vars',
] as const;
type Layer = (typeof LAYERS)[number];

function scopeWith(layers: readonly Layer[], name: string) {
  const has = (layer: Layer) => layers.includes(layer);
  const layer = (which: Layer) => (has(which) ? [variables(`${name}: ${which}`)] : []);
  const host = has('inventory') ? `${name}: inventory` : '{}';
  const given = play({
    vars: layer('play vars')[0] ?? new Map(),
    varsFiles: has('vars_files')
      ? [
          {
            target: { kind: 'data', data: 'f.yml', span },
            span,
            load: () => variables(`${name}: vars_files`),
          },
        ]
      : [],
  });
  const extraVars = has('extra vars') ? { [name]: 'extra vars' } : {};
  const store = createVariables({
    inventory: inventory({ n1: host }),
    options: { ...options, extraVars },
    version: '0',
  });
  if (has('vars_prompt')) store.setPrompts(0, { [name]: 'vars_prompt' });
  const vars = store.forHost('n1', planned(given, ['n1']));
  if (has('facts')) vars.setFacts({ [name.replace('ansible_', '')]: 'facts' });
  if (has('include_vars')) vars.includeVars(variables(`${name}: include_vars`));
  if (has('set_fact')) vars.set(name, 'set_fact');
  const task: Keywords = {
    ...keywords,
    layers: {
      roleDefaults: layer('role defaults'),
      roleVars: layer('role vars'),
      vars: layer('block and task vars'),
      params: layer('params'),
    },
  };
  return vars.scope(task, has('loop') ? { [name]: 'loop' } : undefined);
}

describe('precedence', () => {
  // Facts are found under ansible_<name>; all other layers may hold any name.
  const pairs = LAYERS.flatMap((low, index) =>
    LAYERS.slice(index + 1).map((high): [Layer, Layer] => [low, high]),
  );
  it.each(pairs)('%s loses against %s', (low, high) => {
    expect(scopeWith([low, high], 'ansible_x').get('ansible_x')).toBe(high);
    expect(scopeWith([low], 'ansible_x').get('ansible_x')).toBe(low);
  });

  it('takes the innermost of several', () => {
    const vars = createVariables({ inventory: inventory({ n1: '{}' }), options, version: '0' }).forHost(
      'n1',
      planned(play(), ['n1']),
    );
    const layers = { ...keywords.layers, vars: [variables('x: block'), variables('x: task')] };
    expect(vars.scope({ ...keywords, layers }).get('x')).toBe('task');
  });
});

describe('values', () => {
  const vars = (host: string, more: Partial<Parameters<typeof createVariables>[0]> = {}) => {
    const given = inventory(
      { n1: host, n2: 'color: blue\naddress: 10.0.0.2' },
      { cp: ['n1'], workers: ['n2'] },
    );
    return createVariables({ inventory: given, options, version: '1.2.3', ...more });
  };

  it('are templates over other variables, whatever layer they come from', () => {
    const store = vars('a: "{{ b }}:6443"\nb: "{{ c }}"');
    const mine = store.forHost('n1', planned(play({ vars: variables('c: host') }), ['n1']));
    expect(mine.scope().get('a')).toBe('host:6443');
  });

  it('keep the type of a single mustache', () => {
    expect(vars('a: "{{ b }}"\nb: [1, 2]').forHost('n1').scope().get('a')).toEqual([1, 2]);
  });

  it('that define themselves are an error that shows the circle', () => {
    const scope = vars('a: "{{ b }}"\nb: "{{ a }}"').forHost('n1').scope();
    expect(() => scope.get('a')).toThrow(/a -> b -> a/);
  });

  it('of other hosts are read through hostvars, with their facts', () => {
    const store = vars('peer: "{{ hostvars.n2.color }} {{ hostvars.n2.ansible_kernel }}"');
    store.forHost('n2').setFacts({ kernel: '6.1' });
    expect(store.forHost('n1').scope().get('peer')).toBe('blue 6.1');
  });

  it('that are magic are there', () => {
    const mine = vars('{}')
      .forHost('n1', planned(play({ name: 'Prepare' }), ['n1', 'n2']))
      .scope();
    expect(mine.get('inventory_hostname')).toBe('n1');
    expect(mine.get('groups')).toMatchObject({ cp: ['n1'], workers: ['n2'], all: ['n1', 'n2'] });
    expect(mine.get('group_names')).toEqual(['cp']);
    expect(mine.get('ansible_play_hosts')).toEqual(['n1', 'n2']);
    expect(mine.get('slipway_version')).toBe('1.2.3');
    expect(mine.get('constructor')).toBeUndefined();
  });

  it('that were learned last over plays', () => {
    const store = vars('{}');
    store.forHost('n1', planned(play(), ['n1'])).set('token', 'abc');
    expect(
      store
        .forHost('n1', planned(play({ index: 1 }), ['n1']))
        .scope()
        .get('token'),
    ).toBe('abc');
    expect(store.forHost('n2').scope().get('token')).toBeUndefined();
  });

  it('that are pending are unknown, also inside of others', () => {
    const store = vars('a: "{{ r.stdout }}"\nb: "{{ ansible_kernel }}"');
    const scope = store.forHost('n1').scope(undefined, undefined, new Set(['r', FACTS]));
    expect(scope.get('a')).toBeInstanceOf(Unknown);
    expect(scope.get('b')).toBeInstanceOf(Unknown);
    expect(
      store
        .forHost('n1')
        .scope(undefined, undefined, new Set(['q']))
        .has('r'),
    ).toBe(false);
  });

  it('names every variable, for "did you mean"', () => {
    const names = new Set(
      vars('a: 1')
        .forHost('n1', planned(play({ vars: variables('c: 1') }), ['n1']))
        .scope()
        .names(),
    );
    expect(names).toContain('a');
    expect(names).toContain('c');
    expect(names).toContain('groups');
    expect(recordScope({ x: 1 }).has('x')).toBe(true);
  });
});
