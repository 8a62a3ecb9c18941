// The controller's way to the hosts as one line of limited speed that counts what goes out over it: a port for each host.
import net from 'node:net';

/**
 * @param hosts `{ address, port }`
 * @param rate bytes a second; 0: as fast as it goes
 */
export async function startUplink(hosts, rate) {
  let sent = 0;
  let free = 0;
  const open = new Set();

  /** Milliseconds until a chunk has gone over the line, behind all that was there before it. */
  const passage = (bytes) => {
    if (rate === 0) return 0;
    const now = performance.now();
    free = Math.max(now, free) + (bytes / rate) * 1000;
    return free - now;
  };

  function out(from, to) {
    from.on('data', (chunk) => {
      sent += chunk.length;
      from.pause();
      setTimeout(() => {
        if (to.writable && !to.write(chunk)) to.once('drain', () => from.resume());
        else from.resume();
      }, passage(chunk.length));
    });
    from.on('end', () => to.end());
  }

  function serve({ address, port }) {
    const server = net.createServer({ noDelay: true }, (client) => {
      const host = net.connect({ host: address, port, noDelay: true });
      out(client, host);
      host.pipe(client);
      for (const [one, other] of [
        [client, host],
        [host, client],
      ]) {
        open.add(one);
        one.on('error', () => other.destroy());
        one.on('close', () => {
          open.delete(one);
          other.destroy();
        });
      }
    });
    return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
  }

  const servers = await Promise.all(hosts.map(serve));
  return {
    ports: servers.map((server) => server.address().port),
    /** Bytes that went out so far. */
    sent: () => sent,
    async stop() {
      for (const socket of open) socket.destroy();
      await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
    },
  };
}
