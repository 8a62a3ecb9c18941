import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { probeImages } from '../../../src/modules/docker/image-probe.ts';
import { readImages } from '../../../src/modules/docker/image-state.ts';
import { localHost, shells } from '../../kit/local-shell.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'probe-'));
afterAll(() => rmSync(folder, { recursive: true }));

const digest = (letter: string) => `sha256:${letter.repeat(64)}`;
const QUESTION = {
  runtime: 'docker' as const,
  namespace: 'k8s.io',
  names: ['docker.io/library/app:1', 'docker.io/library/app:2'],
  right: [digest('1')],
  blobs: [digest('a'), digest('b')],
  platforms: false,
};

describe.each(shells)('what a host with Docker has, asked with %s', (name, shell) => {
  const programs = path.join(folder, name);
  mkdirSync(programs);
  const program = (file: string, text: string) =>
    writeFileSync(path.join(programs, file), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  const host = localHost({ ...shell, path: `${programs}:${shell.path ?? process.env['PATH']}` });

  /** As Docker 26.1 answers. */
  function docker(driver: string, id: string): void {
    program(
      'docker',
      `case "$1 $2" in
'image inspect') case $* in
  *layers*) echo 'layers ["${digest('c')}","${digest('d')}"]' ;;
  *) echo 'docker ["app:1"] ${id} ["${digest('c')}"] "2026-01-01T00:00:00Z" {"Cmd":["sh","-c","a b"],"Labels":null}' ;;
  esac ;;
'image ls') echo ${digest('e')} ;;
info*) echo '/var/lib/docker|[["driver-type","${driver}"]]' ;;
esac`,
    );
    program('ctr', `[ "$3 $4" = '-n moby' ] && printf '%s\\n' ${digest('b')} ${digest('f')}`);
  }

  const asked = async () => readImages(await host.run(probeImages(QUESTION)));

  it('images in containerd: its content store is asked, of which Docker tells nothing', async () => {
    docker('io.containerd.snapshotter.v1', digest('1'));
    const { store, blobs, stacks, images, room } = await asked();
    expect({ store, blobs: [...blobs], stacks }).toEqual({
      store: 'containerd',
      blobs: [digest('b')],
      stacks: undefined,
    });
    expect(images.get('docker.io/library/app:1')).toEqual({
      configs: [digest('1')],
      target: digest('1'),
      layers: [digest('c')],
      likeness: '["2026-01-01T00:00:00Z",["Cmd",["sh","-c","a b"]]]',
    });
    expect(room).toBeDefined();
  });

  it('images in containerd, which does not answer this user', async () => {
    docker('io.containerd.snapshotter.v1', digest('2'));
    program('ctr', 'echo "ctr: permission denied" >&2; exit 1');
    expect(await asked()).toMatchObject({ store: 'containerd', blobs: new Set(), stacks: undefined });
  });

  it('the classic store: Docker tells its layers', async () => {
    docker('overlay2', digest('1'));
    expect(await asked()).toMatchObject({
      store: 'classic',
      blobs: new Set(),
      stacks: new Set([digest('c'), `${digest('c')},${digest('d')}`]),
    });
  });
});
