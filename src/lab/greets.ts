import net from 'node:net';

/** Whether an SSH server greets there: a proxy in front of a host that is off takes connections, too, and says nothing. */
export function greets(address: string, port: number, patience = 2000): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(port, address);
    const finish = (result: boolean) => (socket.destroy(), resolve(result));
    socket.setTimeout(patience, () => finish(false));
    socket.once('data', (data) => finish(String(data).startsWith('SSH-')));
    socket.once('error', () => finish(false));
    socket.once('close', () => finish(false));
  });
}
