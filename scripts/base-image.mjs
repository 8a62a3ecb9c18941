// The Debian root that test nodes are made from. Pulled where there is a registry, else made by debootstrap from the
// machine's own apt sources, so that it works behind a mirror and without a registry.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

export const BASE = process.env.SLIPWAY_TEST_IMAGE ?? 'slipway-base:bookworm';
const SUITE = 'bookworm';
const PACKAGES =
  'systemd,systemd-sysv,dbus,openssh-server,sudo,gnupg,iproute2,kmod,procps,cron,curl,busybox,iptables,xz-utils,unzip,ca-certificates';

const quiet = (program, args) => spawnSync(program, args, { encoding: 'utf8' });

/** Makes the image when it is missing. Returns why it could not be made, or undefined. */
export function ensureBaseImage() {
  if (quiet('docker', ['image', 'inspect', BASE]).status === 0) return undefined;
  const debootstrap = quiet('debootstrap', ['--version']).status === 0;
  if (process.getuid?.() === 0 && debootstrap) return bootstrap();
  console.log(`building ${BASE} from debian:${SUITE} …`);
  const dockerfile = `FROM debian:${SUITE}\nRUN apt-get update && apt-get install -y --no-install-recommends ${PACKAGES.replaceAll(',', ' ')}\nCMD ["/lib/systemd/systemd"]\n`;
  const built = spawnSync('docker', ['build', '-q', '-t', BASE, '-'], {
    input: dockerfile,
    stdio: ['pipe', 'inherit', 'pipe'],
    encoding: 'utf8',
  });
  if (built.status === 0) return undefined;
  const why = (built.stderr ?? '').trim().split('\n').at(-1);
  return `debian:${SUITE} cannot be pulled (${why}) and debootstrap is not installed, or this is not root`;
}

function bootstrap() {
  const mirror = aptMirror();
  console.log(`making ${BASE} by debootstrap from ${new URL(mirror).host} (about 80 s) …`);
  const root = mkdtempSync(path.join(os.tmpdir(), 'slipway-base-'));
  try {
    const made = spawnSync(
      'debootstrap',
      ['--variant=minbase', `--include=${PACKAGES}`, SUITE, root, mirror],
      { stdio: ['ignore', 'ignore', 'inherit'] },
    );
    if (made.status !== 0) return `debootstrap ended with exit code ${made.status}`;
    const imported = spawnSync(
      'sh',
      [
        '-c',
        'tar -C "$1" -c --exclude=./var/cache/apt/archives/* . | docker import --change \'CMD ["/lib/systemd/systemd"]\' - "$2"',
        'sh',
        root,
        BASE,
      ],
      { stdio: ['ignore', 'ignore', 'inherit'] },
    );
    return imported.status === 0 ? undefined : `docker import ended with exit code ${imported.status}`;
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/** The first mirror of this machine's apt that carries Debian itself. */
function aptMirror() {
  const folder = '/etc/apt/sources.list.d';
  const files = [
    '/etc/apt/sources.list',
    ...(existsSync(folder) ? readdirSync(folder).map((name) => `${folder}/${name}`) : []),
  ];
  for (const file of files) {
    if (!/\.(list|sources)$/.test(file) || !existsSync(file)) continue;
    for (const line of readFileSync(file, 'utf8').split('\n')) {
      const found = /^(?:URIs:|deb(?:\s+\[[^\]]*\])?)\s+(https?:\S+)/.exec(line.trim());
      if (found && /\/debian\/?$/.test(found[1])) return found[1];
    }
  }
  return 'http://deb.debian.org/debian';
}
