import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateKey } from './sshd.ts';

/** A host with users of several kinds, for what must not be tried on the machine itself. */
export interface UsersHost {
  readonly port: number;
  /** Here passwords are taken by keyboard-interactive alone. */
  readonly interactivePort: number;
  readonly keyFile: string;
  readonly knownHosts: string;
  /** Runs sh as root in the container. */
  root(script: string): string;
  stop(): void;
}

export const IMAGE = 'slipway-base:bookworm';
const NAME = `transport-users-${process.pid}`;

/** Why there can be no container, or undefined. */
export function noContainer(): string | undefined {
  const result = spawnSync('docker', ['image', 'inspect', IMAGE], {
    stdio: ['ignore', 'ignore', 'pipe'],
    encoding: 'utf8',
  });
  return result.status === 0 ? undefined : (result.error?.message ?? result.stderr.trim());
}

/** Passwords are `pw-NAME`. */
const SETUP = String.raw`
set -e
printf '#!/bin/sh\nexec /bin/busybox sh "$@"\n' >/usr/local/bin/bbsh
printf '#!/bin/sh\necho "Welcome to profile noise"; echo "and on stderr" >&2; exec /bin/sh "$@"\n' >/usr/local/bin/noisy
chmod 755 /usr/local/bin/bbsh /usr/local/bin/noisy
add() { useradd -m -s "$2" "$1"; echo "$1:pw-$1" | chpasswd; install -d -m 700 -o "$1" /home/$1/.ssh; install -m 600 -o "$1" /tmp/key.pub /home/$1/.ssh/authorized_keys; }
add plain /bin/bash
add asks /bin/bash
add free /bin/sh
add box /usr/local/bin/bbsh
add noisy /usr/local/bin/noisy
add nothing /usr/sbin/nologin
add pty /bin/bash
add limited /bin/bash
add term /bin/sh
useradd -m -s /usr/sbin/nologin app
echo root:pw-root | chpasswd
cat >/etc/sudoers.d/test <<'END'
asks ALL=(ALL:ALL) ALL
free ALL=(ALL:ALL) NOPASSWD: ALL
box ALL=(ALL:ALL) NOPASSWD: ALL
noisy ALL=(ALL:ALL) NOPASSWD: ALL
pty ALL=(ALL:ALL) ALL
limited ALL=(app) NOPASSWD: ALL
Defaults:box !use_pty
Defaults:pty requiretty
term ALL=(ALL:ALL) NOPASSWD: ALL
Defaults:term requiretty, !use_pty
END
if apt-get update -qq >/dev/null 2>&1 && apt-get install -qqy tcsh fish doas >/dev/null 2>&1; then
  add csh /bin/tcsh; add fish /usr/bin/fish; add doer /bin/bash
  printf 'csh ALL=(ALL:ALL) ALL\nfish ALL=(ALL:ALL) ALL\n' >>/etc/sudoers.d/test
  printf 'permit nopass csh as root\npermit doer as root\n' >/etc/doas.conf
fi
mkdir -p /run/sshd
printf 'UsePAM yes\nPasswordAuthentication yes\nKbdInteractiveAuthentication yes\nPermitRootLogin yes\nMaxStartups 200\n' >/etc/ssh/sshd_config.d/test.conf
ssh-keygen -A >/dev/null
/usr/sbin/sshd
/usr/sbin/sshd -p 2222 -o PasswordAuthentication=no
`;

export function startUsersHost(): UsersHost {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-users-'));
  const keyFile = join(folder, 'key');
  generateKey(keyFile);
  const docker = (...args: string[]) =>
    execFileSync('docker', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
  docker(
    'run',
    '-d',
    '--rm',
    '--init',
    '--name',
    NAME,
    '-p',
    '127.0.0.1::22',
    '-p',
    '127.0.0.1::2222',
    IMAGE,
    'sleep',
    'infinity',
  );
  const stop = () => {
    spawnSync('docker', ['rm', '-f', NAME], { stdio: 'ignore' });
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    docker('cp', `${keyFile}.pub`, `${NAME}:/tmp/key.pub`);
    const root = (script: string) =>
      execFileSync('docker', ['exec', '-i', NAME, 'sh'], {
        input: script,
        encoding: 'utf8',
        stdio: ['pipe', 'pipe', 'inherit'],
      });
    root(SETUP);
    const published = (inside: number) =>
      Number(docker('port', NAME, `${inside}/tcp`).trim().split(':').at(-1));
    const [port, interactivePort] = [published(22), published(2222)];
    const knownHosts = join(folder, 'known_hosts');
    const key = root('cut -d" " -f1,2 /etc/ssh/ssh_host_ed25519_key.pub');
    writeFileSync(knownHosts, `[127.0.0.1]:${port},[127.0.0.1]:${interactivePort} ${key}`);
    return { port, interactivePort, keyFile, knownHosts, root, stop };
  } catch (error) {
    stop();
    throw error;
  }
}
