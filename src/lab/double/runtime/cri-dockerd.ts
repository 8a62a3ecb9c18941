import { BUILD_TAG, identity } from '../host/identity.ts';
import { serveSocket } from './containerd.ts';

/** cri-dockerd: its version and its socket. The images behind it are those of the Docker of the host. */
export async function main(argv: readonly string[]): Promise<number> {
  if (argv.includes('--version')) {
    process.stdout.write(`cri-dockerd ${identity().version}${BUILD_TAG} (0000000)\n`);
    return 0;
  }
  return serveSocket('/run/cri-dockerd.sock', () => undefined);
}
