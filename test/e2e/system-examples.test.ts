import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { find, hasDocker, Node, perform, settle, tasksOf } from './system-kit.ts';

const node = new Node('system-examples');
const STATES = 'group user authorized_key hostname hosts_entry sysctl systemd apt apt_repository'.split(' ');
const OTHERS = 'ping setup wait_for'.split(' ');

/** The examples of the documentation, on a real host, twice. */
describe.skipIf(!hasDocker)('examples', () => {
  beforeAll(async () => {
    node.start();
    await node.run({ text: 'mount -o remount,rw /proc/sys' }, { anyExit: true });
  });
  afterAll(() => node.remove());

  describe.each(STATES)('%s', (name) => {
    it.each(find(name).examples.map((example) => [example.title, example] as const))(
      '%s',
      async (_, example) => {
        if (example.skip !== undefined) return;
        if (example.given !== undefined) await node.run({ text: example.given });
        for (const { module, params } of tasksOf(example.yaml.replaceAll('{{ inventory_hostname }}', 'n1'))) {
          const first = await settle(node, module, params);
          expect(first.before.verdict).not.toBe('impossible');
          expect(first.after).toMatchObject({ verdict: 'same' });
          const second = await settle(node, module, params);
          expect(second.before).toMatchObject({ verdict: 'same' });
        }
      },
    );
  });

  describe.each(OTHERS)('%s', (name) => {
    it.each(find(name).examples.map((example) => [example.title, example] as const))(
      '%s',
      async (_, example) => {
        for (const { module, params } of tasksOf(example.yaml))
          expect(await perform(node, module, params)).toBeDefined();
      },
    );
  });
});
