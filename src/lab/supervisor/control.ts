import net from 'node:net';

/** What the supervisor can be asked over its control socket: one JSON line each way. */
export type ControlRequest =
  | { readonly ask: 'status' }
  | { readonly ask: 'stop' }
  | { readonly ask: 'add'; readonly hosts: readonly unknown[] };

export type ControlReply =
  | { readonly ok: true; readonly hosts: readonly string[] }
  | { readonly ok: false; readonly message: string };

export function serveControl(
  socketName: string,
  answer: (request: ControlRequest) => Promise<ControlReply>,
): Promise<net.Server> {
  const server = net.createServer((socket) => {
    let text = '';
    socket.on('error', () => undefined);
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      if (!text.includes('\n')) return;
      const request = JSON.parse(text.slice(0, text.indexOf('\n'))) as ControlRequest;
      answer(request).then(
        (reply) => socket.end(`${JSON.stringify(reply)}\n`),
        (error: Error) => socket.end(`${JSON.stringify({ ok: false, message: error.message })}\n`),
      );
    });
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(socketName, () => resolve(server));
  });
}
