import { createServer } from 'node:net';
import { chmodSync } from 'node:fs';
import { makeDir, read, remove, write } from '../host/files.ts';
import { BUILD_TAG, identity, NOTICE } from '../host/identity.ts';
import { at } from '../host/paths.ts';
import { run } from '../host/run.ts';
import { defaultConfig } from './containerd-config.ts';
import { CONTAINERD_STATE } from './sockets.ts';

const CONFIG = '/etc/containerd/config.toml';
const SOCKET = '/run/containerd/containerd.sock';

function criDisabled(text: string): boolean {
  const list = /^\s*disabled_plugins\s*=\s*\[([^\]]*)\]/m.exec(text)?.[1] ?? '';
  return /["'](?:io\.containerd\.grpc\.v1\.)?cri["']/.test(list);
}

/** Listens on a unix socket until a signal, and says so to systemd; connections are taken and kept silent. */
export async function serveSocket(path: string, onEnd: () => void): Promise<never> {
  makeDir(path.replace(/\/[^/]*$/, ''));
  remove(path);
  const server = createServer((connection) => connection.on('error', () => undefined));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(at(path), resolve);
  });
  chmodSync(at(path), 0o660);
  const end = (): void => {
    remove(path);
    onEnd();
    process.exit(0);
  };
  process.on('SIGTERM', end);
  process.on('SIGINT', end);
  if (process.env['NOTIFY_SOCKET'] ?? process.env['SLIPWAY_UNIT']) run('systemd-notify', ['--ready']);
  return new Promise<never>(() => undefined);
}

async function serve(path: string): Promise<number> {
  const text = read(path) ?? '';
  // A broken file stops the real one too: a line that is no comment, table or assignment.
  const wrong = text
    .split('\n')
    .findIndex((line) => !/^\s*(?:$|#|\[.*\]\s*$|[^=]+=.*|[\]}],?\s*$|["'].*["'],?\s*$)/.test(line));
  if (wrong >= 0) {
    process.stderr.write(
      `containerd: failed to load TOML: ${path}: toml: line ${wrong + 1}: expected character =\n`,
    );
    return 1;
  }
  const { version } = identity();
  write(CONTAINERD_STATE, JSON.stringify({ pid: process.pid, version, criDisabled: criDisabled(text) }));
  process.stderr.write(
    `time="${new Date().toISOString()}" level=info msg="containerd successfully booted" note="${NOTICE}"\n`,
  );
  return serveSocket(SOCKET, () => remove(CONTAINERD_STATE));
}

/** containerd: its version, its configuration, its socket. */
export async function main(argv: readonly string[]): Promise<number> {
  const { version } = identity();
  const at = argv.findIndex((word) => word === '--config' || word === '-c');
  const path = at >= 0 ? (argv[at + 1] ?? CONFIG) : CONFIG;
  const words = argv.filter((word, i) => !word.startsWith('-') && (at < 0 || i !== at + 1));
  if (argv.includes('--version') || argv.includes('-v')) {
    process.stdout.write(
      `containerd github.com/containerd/containerd/v2 v${version}${BUILD_TAG} 0000000000000000000000000000000000000000\n`,
    );
    return 0;
  }
  if (words[0] === 'config') {
    if (words[1] === 'default') process.stdout.write(defaultConfig(version));
    else if (words[1] === 'dump') process.stdout.write(read(path) ?? defaultConfig(version));
    else process.stdout.write('usage: containerd config default|dump\n');
    return 0;
  }
  return serve(path);
}
