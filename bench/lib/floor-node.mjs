// The floor with one Node process: ssh2, one script over one connection to each host, a few connecting at once.
// Usage: node floor-node.mjs SCRIPT HOSTS.json COMMAND
import { readFileSync } from 'node:fs';
import ssh2 from 'ssh2';

const AT_ONCE = 50;
const [scriptFile, listFile, command] = process.argv.slice(2);
const script = readFileSync(scriptFile);
const { hosts, user, key, knownHosts } = JSON.parse(readFileSync(listFile, 'utf8'));
const privateKey = ssh2.utils.parseKey(readFileSync(key));
const known = new Set(
  readFileSync(knownHosts, 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[2]),
);

function work({ address, port }) {
  return new Promise((resolve, reject) => {
    const client = new ssh2.Client();
    client.on('error', reject);
    client.on('ready', () =>
      client.exec(command, (error, channel) => {
        if (error) return reject(error);
        channel.on('close', (code) => {
          client.end();
          if (code === 0) resolve();
          else reject(new Error(`exit code ${code}`));
        });
        channel.resume();
        channel.stderr.resume();
        channel.end(script);
      }),
    );
    client.connect({
      host: address,
      port,
      username: user,
      authHandler: [{ type: 'publickey', username: user, key: privateKey }],
      hostVerifier: (hostKey) => known.has(hostKey.toString('base64')),
      algorithms: {
        kex: ['curve25519-sha256'],
        serverHostKey: ['ssh-ed25519'],
        cipher: ['aes128-gcm@openssh.com'],
      },
    });
  });
}

const waiting = [...hosts];
await Promise.all(
  Array.from({ length: Math.min(AT_ONCE, hosts.length) }, async () => {
    for (let host = waiting.shift(); host; host = waiting.shift()) await work(host);
  }),
);
