import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { saveTar } from './image-tar.ts';
import { type LabHost, labHost, withDocker } from './kit.ts';

const DOWN =
  'Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?';
const LAYER = `sha256:${'a'.repeat(64)}`;
const PROBE = 'docker {{json .RepoTags}} {{.Id}} {{json .RootFS.Layers}}';

let host: LabHost;
beforeAll(async () => {
  host = await withDocker('{"exec-opts": ["native.cgroupdriver=cgroupfs"], "storage-driver": "vfs"}');
}, 20_000);
afterAll(() => host?.stop());

const docker = (...args: string[]) => host.run('docker', args);
const tags = () => docker('images', '--format', '{{.Repository}}:{{.Tag}}').stdout.trim().split('\n');

describe('dockerd', () => {
  it('words its version as the real one', () => {
    for (const program of ['docker', 'dockerd'])
      expect(host.run(program, ['--version']).stdout).toBe(
        'Docker version 28.2.2+slipway-lab, build 0000000\n',
      );
  });

  it('says what its file makes of it, and does not start with a broken one', () => {
    expect(docker('info', '--format', '{{.CgroupDriver}} {{.Driver}}').stdout).toBe('cgroupfs vfs\n');
    const broken = labHost();
    broken.write('/etc/docker/daemon.json', '{"log-driver": }');
    const ended = broken.run('dockerd', []);
    expect(ended.code).toBe(1);
    expect(ended.stderr).toContain('unable to configure the Docker daemon with file /etc/docker/daemon.json');
    expect(broken.has('/run/docker.sock')).toBe(false);
    broken.stop();
  });
});

describe('docker', () => {
  it('says as the real one that no daemon is there', () => {
    const none = labHost();
    const run = (...args: string[]) => none.run('docker', args);
    expect(run('images')).toMatchObject({ code: 1, stdout: '', stderr: `${DOWN}\n` });
    expect(run('version', '--format', 'ok')).toMatchObject({ code: 1, stderr: `${DOWN}\n` });
    expect(run('version').stdout).toContain('Client:');
    expect(run('info').stderr).toContain(`ERROR: ${DOWN}`);
    none.stop();
  });

  it('loads from a pipe and from a file, and inspects what it loaded', async () => {
    const id = await saveTar(`${host.root}/one.tar`, ['one:1', 'lab.test/one:1'], [LAYER]);
    const piped = host.run('docker', ['load'], { input: readFileSync(`${host.root}/one.tar`) });
    expect(piped).toMatchObject({ code: 0, stdout: 'Loaded image: one:1\nLoaded image: lab.test/one:1\n' });
    await saveTar(`${host.root}/two.tar`, ['docker.io/library/two:2']);
    expect(docker('load', '-i', '/two.tar')).toMatchObject({ code: 0, stdout: 'Loaded image: two:2\n' });
    const probed = docker('image', 'inspect', '--format', PROBE, 'one:1', 'nope:1');
    expect(probed).toMatchObject({
      code: 1,
      stdout: `docker ["one:1","lab.test/one:1"] ${id} ["${LAYER}"]\n`,
      stderr: 'Error response from daemon: No such image: nope:1\n',
    });
    const indexed = '{{json (index .RootFS "Layers")}} {{json (index . "Config")}}';
    expect(docker('image', 'inspect', '--format', indexed, 'one:1').stdout).toBe(`["${LAYER}"] null\n`);
    expect(docker('image', 'inspect', '--format', '{{index .RootFS}}', 'one:1').code).not.toBe(0);
    expect(tags().sort()).toEqual(['lab.test/one:1', 'one:1', 'two:2']);
    expect(docker('image', 'ls', 'one').stdout).toMatch(/^REPOSITORY +TAG .*\none +1 /);
  });

  it('shares its images with cri-dockerd and not with containerd', async () => {
    const socket = ['--runtime-endpoint', 'unix:///run/cri-dockerd.sock'];
    const listed = host.run('crictl', [...socket, 'images', '-o', 'json']).stdout;
    expect(listed).toContain('docker.io/library/two:2');
    expect(host.run('crictl', [...socket, 'version']).stdout).toContain('RuntimeVersion:  28.2.2');
    host.run('crictl', [...socket, 'pull', 'lab.test/pulled:1']);
    expect(tags()).toContain('lab.test/pulled:1');
    expect(host.run('crictl', [...socket, 'rmi', 'lab.test/pulled:1']).code).toBe(0);
    expect(tags()).not.toContain('lab.test/pulled:1');
    expect(host.has('/var/lib/containerd')).toBe(false);
  });

  it('tags, and removes a name at a time', async () => {
    const id = await saveTar(`${host.root}/three.tar`, ['three:3'], [LAYER, LAYER]);
    docker('load', '--input', '/three.tar');
    expect(docker('tag', 'three:3', 'lab.test/three:3').code).toBe(0);
    expect(docker('tag', 'nope', 'x:1').stderr).toBe(
      'Error response from daemon: No such image: nope:latest\n',
    );
    expect(docker('rmi', id.slice(7, 19)).stderr).toContain('must be forced');
    expect(docker('rmi', 'three:3').stdout).toBe('Untagged: three:3\n');
    expect(docker('image', 'rm', 'lab.test/three:3').stdout).toBe(
      `Untagged: lab.test/three:3\nDeleted: ${id}\n`,
    );
    expect(docker('rmi', 'three:3')).toMatchObject({ code: 1, stdout: '' });
  });

  it('refuses a tar that is none, and what it does not know', () => {
    host.write('/broken.tar', 'x'.repeat(1024));
    expect(docker('load', '-i', '/broken.tar')).toMatchObject({
      code: 1,
      stderr: 'Error response from daemon: archive/tar: invalid tar header\n',
    });
    expect(docker('load', '-i', '/absent.tar').stderr).toBe('open /absent.tar: no such file or directory\n');
    for (const words of [['run', 'busybox'], ['image', 'prune'], []]) {
      const refused = docker(...words);
      expect(refused.code).toBe(1);
      expect(refused.stderr).toContain('simulated');
    }
    expect(docker('images', '--format', '{{range .}}').stderr).toContain('simulated');
    expect(docker('images', '--format', '{{.Nope}}').stderr).toContain("can't evaluate field Nope");
  });
});
