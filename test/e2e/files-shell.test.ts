import { execFileSync, spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { modules } from '../../src/modules/index.generated.ts';
import { runExample } from '../kit/example.ts';
import type { Shell } from '../kit/local-shell.ts';

// The examples of the file and command modules, for real, in a throw-away container for each kind of shell.
const IMAGE = process.env['SLIPWAY_TEST_IMAGE'] ?? 'slipway-base:bookworm';
const NAMES = (
  process.env['SLIPWAY_TEST_MODULES'] ??
  'command shell script copy template file stat slurp fetch lineinfile blockinfile replace get_url unarchive'
)
  .split(' ')
  .filter((name) => modules.has(name));
const there = spawnSync('docker', ['image', 'inspect', IMAGE]).status === 0;

const KINDS: readonly (readonly [string, readonly string[], string | undefined])[] = [
  ['dash', ['sh'], undefined],
  ['bash', ['bash', '--posix'], undefined],
  ['busybox', ['/applets/sh'], '/applets'],
];

describe.skipIf(!there).each(KINDS)('examples with %s', (kind, command, path) => {
  const container = `files-${kind}-${process.pid}`;
  const shell: Shell = {
    command: ['docker', 'exec', '-i', ...(path ? ['-e', `PATH=${path}`] : []), container, ...command],
  };
  beforeAll(() => {
    execFileSync('docker', ['run', '-d', '--name', container, IMAGE, 'sleep', '3600']);
    const setup = 'mkdir /applets && busybox --install -s /applets && ln -s /bin/bash /applets/bash';
    execFileSync('docker', ['exec', container, 'sh', '-c', setup]);
  });
  afterAll(() => {
    spawnSync('docker', ['rm', '-f', container]);
  });

  for (const name of NAMES) {
    const module = modules.get(name)!;
    module.examples.forEach((example, at) => {
      it.skipIf(example.skip !== undefined)(`${name} ${at + 1}: ${example.title}`, async () => {
        if (example.given)
          execFileSync('docker', ['exec', container, 'sh', '-ec', example.given], { stdio: 'pipe' });
        const first = await runExample(modules, example, shell);
        const expected = { state: 'change', action: 'ran', query: 'read', control: 'read' }[module.kind];
        expect(first).toContain(expected);
        const second = await runExample(modules, example, shell);
        expect(second.filter((outcome) => outcome === 'change')).toEqual([]);
      });
    });
  }
});
