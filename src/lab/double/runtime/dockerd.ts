import { read, remove, write } from '../host/files.ts';
import { messageOf } from '../host/exit.ts';
import { BUILD_TAG, identity, NOTICE } from '../host/identity.ts';
import { serveSocket } from './containerd.ts';
import { DOCKER_SOCKET, DOCKER_STATE, type DockerState } from './sockets.ts';

const CONFIG = '/etc/docker/daemon.json';

interface DaemonConfig {
  readonly 'exec-opts'?: readonly string[];
  readonly 'storage-driver'?: string;
}

/** What the daemon's file makes of it; throws where that is no JSON, which stops the real one too. */
function stateFrom(text: string | undefined): DockerState {
  const config = text === undefined || text.trim() === '' ? {} : (JSON.parse(text) as DaemonConfig);
  const cgroups = (config['exec-opts'] ?? []).find((option) => option.startsWith('native.cgroupdriver='));
  return {
    version: identity().version,
    cgroupDriver: cgroups?.split('=')[1] ?? 'systemd',
    storageDriver: config['storage-driver'] ?? 'overlay2',
  };
}

/** dockerd: its version, its configuration, its socket. */
export async function main(argv: readonly string[]): Promise<number> {
  if (argv.includes('--version') || argv.includes('-v')) {
    process.stdout.write(`Docker version ${identity().version}${BUILD_TAG}, build 0000000\n`);
    return 0;
  }
  try {
    write(DOCKER_STATE, JSON.stringify(stateFrom(read(CONFIG))));
  } catch (error) {
    process.stderr.write(
      `unable to configure the Docker daemon with file ${CONFIG}: ${messageOf(error)} (${NOTICE})\n`,
    );
    return 1;
  }
  process.stderr.write(
    `time="${new Date().toISOString()}" level=info msg="Daemon has completed initialization" note="${NOTICE}"\n`,
  );
  return serveSocket(DOCKER_SOCKET, () => remove(DOCKER_STATE));
}
