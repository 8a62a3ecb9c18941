import { closeSync, constants, openSync, statSync, writeSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';
import { systemctl } from './command.ts';
import { type Answer, answer } from './enable.ts';
import type { Manager } from './manager.ts';

const CALLS = '/run/slipway-lab/calls';

/** What `reboot` and its like ask of the lab. */
export type Power = 'reboot' | 'off';

export interface Channel {
  close(): void;
}

/**
 * Listens on the host's FIFO for calls of systemctl: each line names a folder that holds the arguments, and the answer
 * is put there. A FIFO, since sh can use nothing else; folders, since their owner tells truly who is asking.
 */
export async function listen(
  manager: Manager,
  onPower: (power: Power) => void,
  log: (line: string) => void,
): Promise<Channel> {
  const { files } = manager.host;
  const fifo = await files.place('/run/slipway-lab/manager');
  if (fifo === undefined) throw new Error('the host has no FIFO for its service manager');
  // Opened for writing too, or it would end when the first writer leaves.
  const fd = openSync(fifo, constants.O_RDWR | constants.O_NONBLOCK);
  const socket = new net.Socket({ fd, readable: true, writable: false });
  let rest = '';
  socket.on('error', (error) => log(`service manager: ${error.message}`));
  socket.on('data', (chunk: Buffer) => {
    const lines = `${rest}${chunk}`.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines)
      if (/^[A-Za-z0-9]+$/.test(line))
        reply(manager, line, onPower).catch((error: Error) => log(`service manager: ${error.message}`));
  });
  return { close: () => socket.destroy() };
}

async function reply(manager: Manager, name: string, onPower: (power: Power) => void): Promise<void> {
  const { files } = manager.host;
  const folder = await files.place(`${CALLS}/${name}`, false);
  if (folder === undefined) return;
  const read = async (file: string) => (await files.read(`${CALLS}/${name}/${file}`)) ?? '';
  const words = (await read('args')).split('\n').slice(0, -1);
  const program = await read('program');
  const uid = ownerOf(folder);
  const result = await dispatch(manager, program, words, await read('unit'), uid, onPower).catch(
    (error: Error): Answer => answer(1, '', `${program}: ${error.message}\n`),
  );
  await writeFile(path.join(folder, 'out'), result.out);
  await writeFile(path.join(folder, 'err'), result.err);
  const done = openSync(path.join(folder, 'done'), constants.O_WRONLY | constants.O_NONBLOCK);
  writeSync(done, `${result.code}\n`);
  closeSync(done);
}

/** The uid as the host sees it: in a user namespace its root is who started the lab. */
function ownerOf(folder: string): number {
  const { uid } = statSync(folder);
  return uid === process.getuid?.() ? 0 : uid;
}

const POWER = new Set(['reboot', 'shutdown', 'poweroff', 'halt']);

async function dispatch(
  manager: Manager,
  program: string,
  words: readonly string[],
  caller: string,
  uid: number,
  onPower: (power: Power) => void,
): Promise<Answer> {
  if (program === 'systemctl') {
    if (words.some((word) => /^(reboot|poweroff|halt|kexec|soft-reboot)$/.test(word)))
      return power(words.includes('reboot') ? 'reboot' : 'off', uid, onPower);
    return systemctl(manager, words, uid);
  }
  if (program === 'systemd-notify') {
    if (caller !== '' && words.some((word) => word === '--ready' || word === 'READY=1'))
      (await manager.units.unit(caller)).onReady?.();
    return answer(0);
  }
  // Links to systemctl that maintainer scripts of packages call: they must not switch the host off.
  if (program === 'runlevel') return answer(0, 'N 5\n');
  if (!POWER.has(program)) return answer(1, '', `${program} is not simulated in a Slipway lab.\n`);
  if (program === 'shutdown' && words.includes('-c')) return answer(0);
  const off =
    program === 'shutdown'
      ? !words.some((word) => word === '-r' || word === '--reboot')
      : program !== 'reboot';
  return power(off ? 'off' : 'reboot', uid, onPower);
}

function power(what: Power, uid: number, onPower: (power: Power) => void): Answer {
  if (uid !== 0)
    return answer(
      1,
      '',
      'Failed to set wall message, ignoring: Access denied\nCall to Reboot failed: Access denied\n',
    );
  // After the answer, as a real reboot gives the caller a moment.
  setTimeout(() => onPower(what), 100);
  return answer(0);
}
