// One OpenSSH server on a high loopback port, with a configuration and a user of its own, that plays many hosts.
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { onCleanup } from './cleanup.mjs';

/** Why there can be none, or undefined. */
export function serverMissing() {
  if (process.getuid?.() !== 0) return 'this is not root, and only root can start sshd for another user';
  if (!existsSync('/usr/sbin/sshd')) return 'there is no /usr/sbin/sshd (openssh-server)';
  return undefined;
}

function must(program, args) {
  const { status, stderr, error } = spawnSync(program, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${error?.message ?? stderr.trim()}`);
}

/** @returns {Promise<import('./hosts.mjs').Hosts & { stop: () => Promise<void> }>} */
export async function startServer(count, outer) {
  const folder = path.join(outer, 'scale');
  const home = path.join(folder, 'home');
  mkdirSync(home, { recursive: true });
  chmodSync(outer, 0o711);
  const user = `slipway-bench-${process.pid}`;
  // `*`: no password fits, and yet the account does not count as locked, which sshd would refuse.
  must('useradd', ['--no-create-home', '--home-dir', home, '--shell', '/bin/sh', '--password', '*', user]);
  const undoUser = onCleanup(() => must('userdel', [user]));
  must('chown', [user, home]);
  for (const name of ['host', 'key'])
    must('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', path.join(folder, name)]);
  writeFileSync(path.join(folder, 'authorized_keys'), readFileSync(path.join(folder, 'key.pub')));
  const port = await freePort();
  const config = path.join(folder, 'sshd_config');
  writeFileSync(config, configText({ folder, port, user }));
  mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
  const server = spawn('/usr/sbin/sshd', ['-D', '-e', '-f', config], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  server.stderr.on('data', (text) => (said = `${said}${text}`.slice(-2000)));
  const undoServer = onCleanup(() => end(server, user));
  await answers(port, () => said);
  const [type, key] = readFileSync(path.join(folder, 'host.pub'), 'utf8').split(' ');
  const knownHosts = path.join(folder, 'known_hosts');
  writeFileSync(knownHosts, `[127.0.0.1]:${port} ${type} ${key}\n`);
  const hosts = Array.from({ length: count }, (_, at) => ({
    name: `h${at + 1}`,
    address: '127.0.0.1',
    port,
  }));
  const stop = async () => {
    await undoServer();
    await undoUser();
  };
  return { folder, home, user, key: path.join(folder, 'key'), knownHosts, hosts, stop };
}

function configText({ folder, port, user }) {
  return `Port ${port}
ListenAddress 127.0.0.1
HostKey ${folder}/host
PidFile none
AuthorizedKeysFile ${folder}/authorized_keys
AllowUsers ${user}
PasswordAuthentication no
KbdInteractiveAuthentication no
StrictModes no
UsePAM no
UseDNS no
PrintMotd no
LogLevel ERROR
MaxStartups 1000:30:2000
`;
}

function freePort() {
  return new Promise((resolve, reject) => {
    const probe = net.createServer().on('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

async function answers(port, said) {
  for (let tried = 0; tried < 100; tried++) {
    const up = await new Promise((resolve) => {
      const socket = net.connect(port, '127.0.0.1').on('error', () => resolve(false));
      socket.once('data', () => {
        socket.destroy();
        resolve(true);
      });
    });
    if (up) return;
    await sleep(100);
  }
  throw new Error(`sshd did not come up: ${said()}`);
}

// The user can only be removed when nothing of it runs any more.
async function end(server, user) {
  server.kill();
  for (let tried = 0; tried < 50; tried++) {
    if (spawnSync('ps', ['-u', user, '-o', 'pid=']).stdout.length === 0) return;
    await sleep(100);
    if (tried === 20) for (const pid of processesOf(user)) process.kill(pid, 'SIGKILL');
  }
}

const processesOf = (user) =>
  String(spawnSync('ps', ['-u', user, '-o', 'pid=']).stdout)
    .trim()
    .split(/\s+/)
    .filter(Boolean)
    .map(Number);
