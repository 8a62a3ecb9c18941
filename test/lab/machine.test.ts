import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { hostAddress, repositoryAddress } from '../../src/lab/addresses.ts';
import { isRunning, labFolder, processId } from '../../src/lab/folder.ts';
import { hostFiles } from '../../src/lab/host-files.ts';
import { inventoryText } from '../../src/lab/inventory.ts';
import { knownHostsLine, newKeyPair } from '../../src/lab/keys.ts';
import { labDown, labStatus, labUp } from '../../src/lab/lab.ts';
import { toForget } from '../../src/lab/namespaces/bare.ts';
import { doubles } from '../../src/lab/namespaces/doubles/index.ts';
import { machineTrees, mountPoint } from '../../src/lab/namespaces/trees.ts';
import type { LabState } from '../../src/lab/types.ts';
import { createUnitTable } from '../../src/lab/systemd/unit-table.ts';
import { enabledLinks, readUnit, unitFileState } from '../../src/lab/systemd/units.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'slipway-lab-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('the files of a host', () => {
  test('no link leads out of its root', async () => {
    const root = path.join(folder, 'root');
    mkdirSync(path.join(root, 'run/x'), { recursive: true });
    mkdirSync(path.join(root, 'var'));
    writeFileSync(path.join(root, 'run/x/file'), 'inside');
    writeFileSync(path.join(folder, 'secret'), 'outside');
    symlinkSync('/run', path.join(root, 'var/run'));
    symlinkSync('../../../../secret', path.join(root, 'run/up'));
    symlinkSync('loop', path.join(root, 'loop'));
    const files = hostFiles(root);
    expect(await files.read('/var/run/x/file')).toBe('inside');
    expect(await files.read('/run/up')).toBeUndefined();
    expect(await files.read('/../secret')).toBeUndefined();
    expect(await files.read('/loop')).toBeUndefined();
    await files.write('/var/run/new/deep/file', 'x');
    expect(await files.read('/run/new/deep/file')).toBe('x');
  });

  test('the time at which unit files were read is left where systemd leaves it', async () => {
    const files = hostFiles(folder);
    const units = createUnitTable(files);
    expect(await files.exists('/run/systemd/systemd-units-load')).toBe(false);
    await units.forget();
    expect(await files.exists('/run/systemd/systemd-units-load')).toBe(true);
  });

  test('units are found as systemd finds them: /etc first, masks, aliases, drop-ins, enabled links', async () => {
    const files = hostFiles(folder);
    await files.write(
      '/lib/systemd/system/ssh.service',
      '[Service]\nExecStart=/a\n[Install]\nWantedBy=multi-user.target\nAlias=sshd.service\n',
    );
    expect(await unitFileState(files, await readUnit(files, 'ssh.service'))).toBe('disabled');
    await files.makeLink(
      '/etc/systemd/system/multi-user.target.wants/ssh.service',
      '/lib/systemd/system/ssh.service',
    );
    await files.makeLink('/etc/systemd/system/sshd.service', '/lib/systemd/system/ssh.service');
    await files.write('/etc/systemd/system/ssh.service.d/10-more.conf', '[Service]\nRestart=always\n');
    const unit = await readUnit(files, 'ssh.service');
    expect(unit.dropIns).toEqual(['/etc/systemd/system/ssh.service.d/10-more.conf']);
    expect(await unitFileState(files, unit)).toBe('enabled');
    expect(await enabledLinks(files, 'ssh.service')).toHaveLength(2);
    expect(await unitFileState(files, await readUnit(files, 'sshd.service'))).toBe('alias');
    await files.makeLink('/etc/systemd/system/ssh.service', '/dev/null');
    expect((await readUnit(files, 'ssh.service')).load).toBe('masked');
    expect((await readUnit(files, 'none.service')).load).toBe('not-found');
  });
});

describe('a bare host', () => {
  test('forgets what bootstraps clusters, and what cannot be without it', () => {
    const one = (name: string, depends = '', provides = '', status = 'install ok installed') =>
      `Package: ${name}\nStatus: ${status}\nProvides: ${provides}\nDepends: ${depends}\n`;
    const status = [
      one('libc6'),
      one('containerd', 'libc6 (>= 2), runc'),
      one('runc', 'libc6:amd64'),
      one('docker.io', 'containerd (>= 1.2), runc'),
      one('tool', 'docker.io | podman'),
      one('podman', 'libc6'),
      one('plugin', 'docker.io'),
      one('broken', 'never-there'),
      one('kubeadm', '', '', 'deinstall ok config-files'),
    ].join('\n');
    expect(toForget(status)).toEqual(['containerd', 'docker.io', 'plugin']);
    expect(toForget(status, ['podman'])).toEqual(['containerd', 'docker.io', 'plugin', 'podman', 'tool']);
  });

  test('has the trees that lie on file systems of their own, and none that are private', () => {
    const line = (at: string, kind: string) => `1 0 0:1 / ${at} rw,relatime - ${kind} dev rw`;
    const info = [
      line('/', 'ext4'),
      line('/usr', 'ext4'),
      line('/var', 'xfs'),
      line('/home', 'ext4'),
      line('/proc', 'proc'),
      line('/var/lib/docker', 'ext4'),
      line('/etc/hosts', 'ext4'),
      line('/odd\\040name', 'ext4'),
      line('/opt', 'nfs4'),
    ].join('\n');
    expect(machineTrees(info, (at) => at !== '/etc/hosts')).toEqual(['/usr', '/var']);
    expect(mountPoint(['/mnt/x/stage', '/usr/bin/node'], () => true)).toBe('/media');
    expect(mountPoint(['/a'], (at) => at === '/tmp')).toBe('/tmp');
  });
});

describe('the stand-ins', () => {
  test('each says what it is in its second line, by which the set-up knows it', () => {
    for (const mode of ['overlay', 'user', 'copy'] as const)
      for (const text of doubles(mode).values()) expect(text).toMatch(/^#!\/bin\/sh\n# Slipway lab: .+/);
  });
});

const state: LabState = {
  name: 'lab',
  driver: 'namespaces',
  kubernetes: 'simulated',
  kubernetesVersion: '1.34.1',
  nodes: [1, 2].map((index) => ({
    name: `n${index}`,
    index,
    address: `127.0.77.${index}`,
    port: 2222,
    nodeIp: `127.0.77.${index}`,
    hostKey: 'ssh-ed25519 AAAA',
  })),
  repository: {
    url: 'http://127.0.77.254:8077/deb/',
    keyUrl: 'http://127.0.77.254:8077/key.asc',
    fingerprint: 'AB',
    packages: [],
  },
  block: { prefix: '127.0.77', firstPort: 2222 },
  supervisor: { pid: 1, started: '1' },
};

describe('what a lab writes', () => {
  test('the inventory', () => {
    const text = inventoryText(labFolder('/a b'), state);
    expect(text).toMatch(/^# .*simulated/);
    const { all } = parse(text) as {
      all: { vars: Record<string, unknown>; children: Record<string, unknown> };
    };
    expect(all.vars).toMatchObject({
      slipway_lab: true,
      ansible_ssh_common_args: '-o UserKnownHostsFile="/a b/.slipway/lab/known_hosts"',
      kubernetes_repository_url: 'http://127.0.77.254:8077/deb/',
    });
    expect(all.children).toEqual({
      cluster: {
        children: {
          control_plane: {
            hosts: { n1: { ansible_host: '127.0.77.1', ansible_port: 2222, node_ip: '127.0.77.1' } },
          },
          workers: {
            hosts: { n2: { ansible_host: '127.0.77.2', ansible_port: 2222, node_ip: '127.0.77.2' } },
          },
        },
      },
    });
    expect(inventoryText(labFolder('/a'), { ...state, kubernetes: 'real' })).toContain('slipway_lab: false');
  });

  test('known_hosts lines and addresses', async () => {
    expect(knownHostsLine(state.nodes[0]!)).toBe('[127.0.77.1]:2222 ssh-ed25519 AAAA\n');
    expect(hostAddress(state.block, 3)).toEqual({ address: '127.0.77.3', port: 2222 });
    expect(repositoryAddress(state.block)).toEqual({ host: '127.0.77.254', port: 8077 });
    expect(hostAddress({ firstPort: 22_200 }, 3)).toEqual({ address: '127.0.0.1', port: 22_203 });
    const pair = await newKeyPair('x');
    expect(pair.publicKey).toMatch(/^ssh-ed25519 [A-Za-z0-9+/=]+$/);
    expect(pair.privateKey).toContain('BEGIN OPENSSH PRIVATE KEY');
  });
});

describe('a folder without a lab', () => {
  test('has no status, can be taken down, and refuses odd numbers of nodes', async () => {
    expect(await labStatus({ folder })).toBeUndefined();
    expect(await labDown({ folder })).toBe(false);
    for (const nodes of [0, 21, 1.5])
      await expect(labUp({ folder, nodes, driver: 'namespaces' })).rejects.toMatchObject({ code: 'usage' });
  });

  test.runIf(process.platform === 'linux')('a process is known by its start, not by its number alone', () => {
    const own = processId(process.pid)!;
    expect(isRunning(own)).toBe(true);
    expect(isRunning({ ...own, started: '0' })).toBe(false);
  });
});
