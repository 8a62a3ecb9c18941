import { existsSync } from 'node:fs';
import { openLocal, spawnChannel } from '../../src/transport/local/connection.ts';
import { createRemote } from '../../src/transport/remote.ts';
import type { Connection, Remote } from '../../src/transport/types.ts';

/** Shells that a host may have as /bin/sh, as they are called here. */
export const SHELLS = [
  { name: 'dash', command: '/usr/bin/dash', path: '/usr/bin/dash' },
  { name: 'bash', command: '/bin/bash', path: '/bin/bash' },
  { name: 'bash --posix', command: '/bin/bash --posix', path: '/bin/bash' },
  { name: 'busybox sh', command: '/usr/bin/busybox sh', path: '/usr/bin/busybox' },
].map((shell) => ({ ...shell, missing: !existsSync(shell.path) }));

/** This machine, with another shell in the place of /bin/sh. */
export function connectionWith(shell: string): Connection {
  const local = openLocal('here');
  return {
    ...local,
    open: async (command) => spawnChannel('here', command.replace('/bin/sh', shell)),
  };
}

export function remoteWith(shell: string): Remote {
  return createRemote(connectionWith(shell), async () => connectionWith(shell));
}
