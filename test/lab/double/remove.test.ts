import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { remove } from '../../../src/lab/double/host/files.ts';

const folder = mkdtempSync(path.join(os.tmpdir(), 'slipway-remove-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('removes a folder into which somebody else still writes for a moment', async () => {
  const data = path.join(folder, 'data');
  const writing = `
    const fs = require('fs');
    fs.mkdirSync(process.argv[1] + '/member', { recursive: true });
    const end = Date.now() + 120;
    for (let i = 0; Date.now() < end; i++)
      try { fs.writeFileSync(process.argv[1] + '/member/' + (i % 200), 'x'); } catch {}
    console.log('done');
  `;
  const writer = spawn(process.execPath, ['-e', writing, data], { stdio: 'ignore' });
  const ended = once(writer, 'exit');
  while (!existsSync(path.join(data, 'member'))) await new Promise((resolve) => setTimeout(resolve, 1));
  remove(data);
  await ended;
  expect(existsSync(data)).toBe(false);
});
