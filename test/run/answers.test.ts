import { Type } from 'typebox';
import { describe, expect, it } from 'vitest';
import { defineQuery, type Module } from '../../src/module/contract.ts';
import { sh } from '../../src/module/program.ts';
import { play, task, ToyHost, value } from './kit.ts';

/** Asks for what all hosts have in common, as an API does. */
const common = defineQuery({
  name: 'common',
  summary: 'A toy.',
  params: Type.Object({}),
  returns: Type.Object({ value: Type.String() }),
  examples: [],
  probe: () => sh`get joined`,
  read: (output) => ({ value: output.stdout }),
}) as Module;

/** A host whose `do join` shows on another one. */
class Joiner extends ToyHost {
  readonly #where: ToyHost;
  constructor(where: ToyHost) {
    super();
    this.#where = where;
  }
  override async run(step: Parameters<ToyHost['run']>[0]) {
    const output = await super.run(step);
    if (step.script === 'do join') this.#where.values.set('joined', 'yes');
    return output;
  }
}

const ask = (register: string, more = {}) => task('common', {}, { register, ...more });
const isB = ["inventory_hostname == 'b'"];
const options = { modules: [common] };

describe('answers that were asked for ahead', () => {
  it('are asked again of a host that is delegated to, whatever happened between', async () => {
    const cp = new ToyHost();
    const delegateTo = value('cp');
    const tasks = [ask('before', { delegateTo }), task('do', { cmd: 'join' }), ask('after', { delegateTo })];
    const { vars } = await play([{ hosts: ['b'], tasks }], { cp, b: new Joiner(cp) }, options);
    expect(vars('b').get('before')).toMatchObject({ value: '' });
    expect(vars('b').get('after')).toMatchObject({ value: 'yes' });
  });

  it('are stale with `linear` when another host did something between', async () => {
    const a = new ToyHost();
    const tasks = [ask('before'), task('do', { cmd: 'join' }, { when: isB }), ask('after')];
    const plays = [{ hosts: ['a', 'b'], strategy: 'linear' as const, tasks }];
    const { vars } = await play(plays, { a, b: new Joiner(a) }, options);
    expect(vars('a').get('before')).toMatchObject({ value: '' });
    expect(vars('a').get('after')).toMatchObject({ value: 'yes' });
  });

  it('are asked again by `until` of a host that is delegated to', async () => {
    const cp = new ToyHost();
    setTimeout(() => cp.values.set('joined', 'yes'), 30);
    const until = ["it.value == 'yes'"];
    const tasks = [ask('it', { delegateTo: value('cp'), until, retries: value(50), delay: value(0.01) })];
    const { code } = await play([{ hosts: ['b'], tasks }], { cp, b: new ToyHost() }, options);
    expect(code).toBe(0);
  });
});
