import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type Docker from 'dockerode';
import { SlipwayError } from '../../base/errors.ts';

const DEFAULT_BASE = 'debian:bookworm';

/** The folder with the node's Dockerfile: above the bundle, or above the sources. */
export function dockerFolder(): string {
  let folder = path.dirname(fileURLToPath(import.meta.url));
  while (!existsSync(path.join(folder, 'docker', 'Dockerfile'))) {
    const up = path.dirname(folder);
    if (up === folder) throw new SlipwayError('lab.failed', 'the folder docker/ of Slipway is not there');
    folder = up;
  }
  return path.join(folder, 'docker');
}

/**
 * Builds the node's image when there is none for this Dockerfile and base. Returns its name.
 * @throws {SlipwayError} lab.failed, with the last lines of the build
 */
export async function nodeImage(
  docker: Docker,
  base: string | undefined,
  progress: (text: string) => void,
): Promise<string> {
  const from = base ?? process.env['SLIPWAY_LAB_BASE'] ?? DEFAULT_BASE;
  const folder = dockerFolder();
  const files = readdirSync(folder).filter((name) => statSync(path.join(folder, name)).isFile());
  const hash = createHash('sha256').update(`${from}\0${await baseId(docker, from)}`);
  for (const name of ['Dockerfile', 'setup.sh']) hash.update(readFileSync(path.join(folder, name)));
  const image = `slipway-lab-node:${hash.digest('hex').slice(0, 12)}`;
  const present = await docker
    .getImage(image)
    .inspect()
    .then(
      () => true,
      () => false,
    );
  if (present) return image;
  progress(`building the node's image from ${from} (once)`);
  const { pack } = await import('tar-stream');
  const context = pack();
  for (const name of files) context.entry({ name }, readFileSync(path.join(folder, name)));
  context.finalize();
  const stream = await docker.buildImage(context as unknown as NodeJS.ReadableStream, {
    t: image,
    buildargs: { BASE: from },
    forcerm: true,
  });
  await follow(docker, stream, from, progress);
  return image;
}

async function baseId(docker: Docker, from: string): Promise<string> {
  return docker
    .getImage(from)
    .inspect()
    .then(
      (found) => found.Id,
      () => '',
    );
}

/** The engine reports a failed build as an event like any other, and ends the stream as if all was well. */
async function follow(
  docker: Docker,
  stream: NodeJS.ReadableStream,
  from: string,
  progress: (text: string) => void,
): Promise<void> {
  const lines: string[] = [];
  let failure: string | undefined;
  await new Promise<void>((resolve, reject) => {
    docker.modem.followProgress(
      stream,
      (error) => (error ? reject(error) : resolve()),
      (event: { stream?: string; status?: string; error?: string }) => {
        failure ??= event.error;
        const text = (event.stream ?? event.status ?? '').trim();
        if (text === '') return;
        lines.push(text);
        if (/^(Step|Setting up|Unpacking|Pulling)/.test(text)) progress(text.split('\n')[0]!);
      },
    );
  });
  if (failure === undefined) return;
  const pull = /pull|manifest|resolve|registry|lookup|timeout|not found/i.test(failure) && lines.length < 4;
  throw new SlipwayError('lab.failed', `the node's image could not be built: ${failure}`, {
    hint: pull
      ? `${from} cannot be pulled here: give a Debian root of your own with --base or SLIPWAY_LAB_BASE (docker/README.md).`
      : undefined,
    data: { lines: lines.slice(-40) },
  });
}
