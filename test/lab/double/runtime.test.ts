import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { saveTar } from './image-tar.ts';
import { type LabHost, labHost, withRuntime } from './kit.ts';

let host: LabHost;
beforeAll(async () => {
  host = await withRuntime();
}, 20_000);
afterAll(() => host?.stop());

const ctr = (...args: string[]) => host.run('ctr', ['-n', 'k8s.io', 'images', ...args]);

describe('containerd', () => {
  it('prints the configuration of its generation', () => {
    expect(host.run('containerd', ['config', 'default']).stdout).toContain(
      "[plugins.'io.containerd.cri.v1.runtime'",
    );
    const old = host.run('containerd', ['config', 'default'], { version: '1.7.28' }).stdout;
    expect(old).toContain('version = 2\n');
    expect(old).toContain('sandbox_image = "registry.k8s.io/pause:3.8"');
    expect(host.run('containerd', ['--version']).stdout).toMatch(/^containerd \S+ v2\.1\.4\+slipway-lab /);
  });

  it('dumps what the file says', () => {
    const other = labHost();
    other.write('/etc/containerd/config.toml', 'version = 3\n');
    expect(other.run('containerd', ['config', 'dump']).stdout).toBe('version = 3\n');
    other.write('/etc/containerd/config.toml', 'version = 3\nnonsense\n');
    const broken = other.run('containerd', []);
    expect(broken.code).toBe(1);
    expect(broken.stderr).toContain('toml: line 2');
    other.stop();
  });

  it('imports a tar of docker save, tags, lists and removes', async () => {
    const digest = await saveTar(`${host.root}/images.tar`, ['registry.k8s.io/pause:3.10.1', 'busybox:1']);
    const imported = ctr('import', '/images.tar');
    expect(imported.code).toBe(0);
    expect(ctr('ls', '-q').stdout).toBe('docker.io/library/busybox:1\nregistry.k8s.io/pause:3.10.1\n');
    expect(ctr('ls', '-q', 'name==registry.k8s.io/pause:3.10.1').stdout).toBe(
      'registry.k8s.io/pause:3.10.1\n',
    );
    expect(ctr('tag', 'registry.k8s.io/pause:3.10.1', 'lab.test/pause:1').stdout).toBe('lab.test/pause:1\n');
    expect(ctr('tag', 'registry.k8s.io/pause:3.10.1', 'lab.test/pause:1').stderr).toBe(
      'ctr: image "lab.test/pause:1": already exists\n',
    );
    const listed = JSON.parse(host.run('crictl', ['images', '-o', 'json']).stdout).images as {
      id: string;
      repoTags: string[];
    }[];
    expect(listed.find((image) => image.repoTags.includes('registry.k8s.io/pause:3.10.1'))?.id).toBe(digest);
    expect(ctr('rm', 'lab.test/pause:1', 'nope:1')).toMatchObject({
      code: 1,
      stdout: 'lab.test/pause:1\n',
      stderr: 'ctr: image "nope:1": not found\n',
    });
    expect(ctr('ls', '-q').stdout).not.toContain('lab.test');
  });

  it('imports from a pipe', async () => {
    await saveTar(`${host.root}/piped.tar`, ['lab.test/piped:1']);
    const { code } = host.run('ctr', ['-n', 'k8s.io', 'images', 'import', '-'], {
      input: readFileSync(`${host.root}/piped.tar`),
    });
    expect(code).toBe(0);
    expect(ctr('ls', '-q').stdout).toContain('lab.test/piped:1\n');
    const images = JSON.parse(host.run('crictl', ['images', '-o', 'json']).stdout).images as {
      repoTags: string[];
    }[];
    expect(
      images.find((image) => image.repoTags.includes('lab.test/piped:1'))?.repoTags.length,
    ).toBeGreaterThan(1);
  });

  it('refuses a tar that is none', () => {
    host.write('/broken.tar', 'x'.repeat(1024));
    expect(ctr('import', '/broken.tar')).toMatchObject({
      code: 1,
      stderr: 'ctr: archive/tar: invalid tar header\n',
    });
  });

  it('pulls only with a network', () => {
    expect(host.run('crictl', ['pull', 'registry.k8s.io/pause:3.9']).code).toBe(0);
    host.write('/etc/slipway-lab/offline', '');
    expect(host.run('crictl', ['pull', 'registry.k8s.io/pause:3.8']).stderr).toContain('no such host');
  });
});

describe('crictl', () => {
  it('asks the socket, and says as the real one that nobody is there', () => {
    const info = JSON.parse(host.run('crictl', ['info']).stdout);
    expect(info.status.conditions).toMatchObject([
      { type: 'RuntimeReady', status: true },
      { type: 'NetworkReady', status: false },
    ]);
    expect(host.run('crictl', ['version']).stdout).toContain('RuntimeName:  containerd');
    const none = labHost();
    const refused = none.run('crictl', ['ps']);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('connect: no such file or directory');
    none.stop();
  });
});
