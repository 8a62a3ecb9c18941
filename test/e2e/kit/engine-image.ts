import { createHash } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import { baseImage, docker, type Need } from './skip.ts';

// Nothing runs by itself: a suite says what it wants (`startEngines`).
const INSTALL = 'DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends';

const RECIPES = {
  /** Debian 12's: Docker 20.10, containerd 1.6. */
  bookworm: (base: string) => `FROM ${base}
RUN apt-get update \\
  && ${INSTALL} docker.io containerd docker-registry openssl \\
  && apt-get clean \\
  && systemctl disable docker.service docker.socket containerd.service docker-registry.service
CMD ["/lib/systemd/systemd"]
`,
  /** Debian 13's on the same base: Docker 26.1, containerd 1.7. */
  trixie: (base: string) => `FROM ${base}
RUN apt-get update \\
  && ${INSTALL} docker-registry \\
  && sed -n 's/bookworm/trixie/p' /etc/apt/sources.list >/etc/apt/sources.list.d/trixie.list \\
  && apt-get update \\
  && ${INSTALL} docker.io docker-cli containerd \\
  && rm /etc/apt/sources.list.d/trixie.list \\
  && apt-get clean \\
  && systemctl disable docker.service docker.socket containerd.service docker-registry.service
CMD ["/lib/systemd/systemd"]
`,
};

/** The Debian release that an engine comes from. */
export type Release = keyof typeof RECIPES;

/** The image of nodes with an engine: the suite's base image, and Debian's Docker, containerd and registry in it. */
export function engineImage(release: Release = 'bookworm'): string {
  const base = baseImage();
  const { stdout } = spawnSync('docker', ['image', 'inspect', '--format', '{{.Id}}', base], {
    encoding: 'utf8',
  });
  const hash = createHash('sha256')
    .update(`${RECIPES[release](base)}\0${stdout.trim()}`)
    .digest('hex');
  return `slipway-e2e-engine:${hash.slice(0, 12)}`;
}

/** A Docker engine here, and the image of nodes with an engine of their own, which is made where it is missing. */
export const engines: Need = () => enginesOf('bookworm')();

/** The same with the engine of a release. */
export const enginesOf =
  (release: Release): Need =>
  () => {
    const missing = docker();
    if (missing !== undefined) return missing;
    const image = engineImage(release);
    if (spawnSync('docker', ['image', 'inspect', image], { stdio: 'ignore' }).status === 0) return undefined;
    console.log(`building ${image}, nodes with Docker and containerd of ${release} (once) …`);
    const built = spawnSync('docker', ['build', '-q', '-t', image, '-'], {
      input: RECIPES[release](baseImage()),
      encoding: 'utf8',
    });
    if (built.status === 0) return undefined;
    const why = `${built.stderr}\n${built.stdout}`.trim().split('\n').slice(-3).join(' ');
    return `no nodes with an engine: docker.io, containerd and docker-registry of ${release} could not be installed (${why})`;
  };
