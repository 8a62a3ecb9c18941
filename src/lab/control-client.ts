import { closeSync, openSync } from 'node:fs';
import net from 'node:net';
import { CONTROL_SOCKET, type LabFolder } from './folder.ts';
import type { ControlReply, ControlRequest } from './supervisor/control.ts';

/** Asks the lab's supervisor; undefined when nobody answers. */
export async function ask(
  lab: LabFolder,
  request: ControlRequest,
  timeout = 120_000,
): Promise<ControlReply | undefined> {
  let folder: number;
  try {
    folder = openSync(lab.root, 'r');
  } catch {
    return undefined;
  }
  // Through the open folder the path is short; a socket's path may have no more than 107 bytes.
  const path =
    process.platform === 'linux'
      ? `/proc/self/fd/${folder}/${CONTROL_SOCKET}`
      : `${lab.root}/${CONTROL_SOCKET}`;
  return new Promise((resolve) => {
    const socket = net.connect(path);
    let text = '';
    const finish = (reply: ControlReply | undefined) => {
      socket.destroy();
      resolve(reply);
    };
    socket.setTimeout(timeout, () => finish(undefined));
    socket.on('connect', () => socket.write(`${JSON.stringify(request)}\n`));
    socket.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    socket.on('error', () => finish(undefined));
    socket.on('end', () => finish(text === '' ? undefined : (JSON.parse(text) as ControlReply)));
    socket.on('close', () => closeSync(folder));
  });
}
