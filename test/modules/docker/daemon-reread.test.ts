import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { lines, sh } from '../../../src/module/program.ts';
import { reread } from '../../../src/modules/docker/daemon/reread.ts';
import { folderOf } from '../../kit/folder.ts';
import { runLocally, shells } from '../../kit/local-shell.ts';

const JOURNALCTL = `#!/bin/sh
case $* in
  *--show-cursor*) echo '-- cursor: 1' ;;
  *--after-cursor*) echo 'Reloaded configuration' ;;
esac
`;

describe.each(shells)('a running Docker gets to know of its configuration, with %s', (_, shell) => {
  it.each([
    ['reload', 'is reloaded', 0, 'new'],
    ['reload', 'cannot be reloaded', 1, 'old'],
    ['restart', 'cannot be restarted', 1, 'old'],
  ] as const)('%s: Docker that %s', async (how, _what, code, then) => {
    const systemctl = `#!/bin/sh\ncase $1 in ${how}) [ ${code} = 0 ] || { echo no >&2; exit 1; } ;; esac\n`;
    const folder = folderOf({ systemctl, journalctl: JOURNALCTL, file: 'new' });
    const host = { ...shell, path: `${folder}:${shell.path ?? process.env['PATH']}` };
    const file = path.join(folder, 'file');
    const done = await runLocally(host, lines(sh`set -e`, reread(how, sh`printf old >${file}`)));
    expect(done.code).toBe(code);
    expect(readFileSync(file, 'utf8')).toBe(then);
    expect(done.stderr.includes('the old one is back')).toBe(code !== 0);
  });
});
