import net from 'node:net';

/** How long the client has to be silent before it counts as waiting. */
const SILENCE = 200;

/** A way to a port of this machine on which it can be counted how often the client waited for the server. */
export interface CountedWay {
  readonly port: number;
  readonly waits: () => number;
  close(): void;
}

/** What the server says is held back until the client has nothing more to say, and is let go as a whole. */
export async function countWaits(port: number): Promise<CountedWay> {
  let waits = 0;
  const server = net.createServer({ noDelay: true }, (client) => {
    const upstream = net.connect({ host: '127.0.0.1', port, noDelay: true });
    let held: Buffer[] = [];
    const letGo = () => {
      if (held.length === 0) return;
      waits += 1;
      client.write(Buffer.concat(held));
      held = [];
    };
    const timer = setTimeout(letGo, SILENCE);
    client.on('data', (chunk) => {
      timer.refresh();
      upstream.write(chunk);
    });
    upstream.on('data', (chunk) => {
      held.push(chunk);
      timer.refresh();
    });
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      one.on('error', () => other.destroy());
      one.on('close', () => other.destroy());
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as net.AddressInfo).port,
    waits: () => waits,
    close: () => void server.close(),
  };
}
