// Adds a round-trip time where the kernel has no netem: a port for each target, every chunk held back each way.
// Usage: node delay-proxy.mjs MILLISECONDS-EACH-WAY ADDRESS:PORT...   Prints its ports as JSON, then serves.
import net from 'node:net';

const [delay, ...targets] = process.argv.slice(2);

function forward(from, to) {
  from.on('data', (chunk) => setTimeout(() => to.writable && to.write(chunk), Number(delay)));
  from.on('end', () => setTimeout(() => to.end(), Number(delay)));
  from.on('error', () => to.destroy());
  from.on('close', () => setTimeout(() => to.destroy(), Number(delay) + 50));
}

function serve(target) {
  const [host, port] = target.split(':');
  const server = net.createServer({ noDelay: true }, (client) => {
    const upstream = net.connect({ host, port: Number(port), noDelay: true });
    forward(client, upstream);
    forward(upstream, client);
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server.address().port)));
}

console.log(JSON.stringify(await Promise.all(targets.map(serve))));
