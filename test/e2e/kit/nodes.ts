import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { spawn } from 'node:child_process';
import os from 'node:os';
import path from 'node:path';
import { createNode, putFiles, removeLabelled } from '../../../src/lab/docker/containers.ts';
import { answers, connectDocker } from '../../../src/lab/docker/driver.ts';
import { nodeImage } from '../../../src/lab/docker/image.ts';
import { knownHostsLine, newKeyPair } from '../../../src/lab/keys.ts';
import { baseImage } from './skip.ts';

export interface NodeOptions {
  /** The image that the nodes are made from, where it is not the suite's. */
  readonly base?: string;
  /** What /bin/sh is on the nodes. */
  readonly shell?: 'dash' | 'bash' | 'busybox';
  /** As much as a container runtime inside needs: volumes and capabilities. */
  readonly containers?: boolean;
  /** More sh that makes the nodes ready, run as root. */
  readonly setup?: string;
}

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A systemd + OpenSSH host that a suite may do anything to. */
export interface TestNode {
  readonly name: string;
  /** Its container. */
  readonly id: string;
  /** Where its SSH server is published. */
  readonly address: string;
  readonly port: number;
  /** Its address on the nodes' network. */
  readonly ip: string;
  /** sh as root, past SSH: for preparing and judging. */
  root(script: string, input?: string): Promise<Ran>;
}

export interface TestNodes {
  readonly nodes: readonly TestNode[];
  readonly folder: string;
  /** Private key for root and the users below. */
  readonly key: string;
  readonly knownHosts: string;
  /** An inventory of all nodes in YAML, group `nodes`; written to the folder too. */
  readonly inventory: string;
  stop(): Promise<void>;
}

/** A user with sudo without a password, and one whose sudo asks for it. */
export const FREE_USER = 'free';
export const ASKING_USER = 'asks';
export const ASKING_PASSWORD = 'pw-asks';

const USERS = `
set -e
for user in ${FREE_USER} ${ASKING_USER}; do
  id "$user" >/dev/null 2>&1 || useradd -m -s /bin/bash "$user"
  install -d -m 700 -o "$user" -g "$user" "/home/$user/.ssh"
  install -m 600 -o "$user" -g "$user" /root/.ssh/authorized_keys "/home/$user/.ssh/authorized_keys"
done
echo '${ASKING_USER}:${ASKING_PASSWORD}' | chpasswd
printf '%s\\n' '${FREE_USER} ALL=(ALL:ALL) NOPASSWD: ALL' '${ASKING_USER} ALL=(ALL:ALL) ALL' > /etc/sudoers.d/slipway-test
chmod 440 /etc/sudoers.d/slipway-test
`;

const SHELLS = {
  dash: 'ln -sf dash /bin/sh',
  bash: 'ln -sf bash /bin/sh',
  busybox: 'ln -sf "$(command -v busybox)" /bin/sh',
};

let started = 0;

/** Starts nodes in parallel; they answer on SSH and systemd is up when this resolves. */
export async function startNodes(count: number, options: NodeOptions = {}): Promise<TestNodes> {
  const docker = await connectDocker();
  const folder = mkdtempSync(path.join(os.tmpdir(), 'slipway-e2e-nodes-'));
  started += 1;
  const label = `e2e-${process.pid}-${started}`;
  const base = options.base ?? process.env['SLIPWAY_LAB_BASE'] ?? baseImage();
  const image = await nodeImage(docker, base, () => undefined);
  const login = await newKeyPair('slipway-e2e');
  writeFileSync(path.join(folder, 'key'), login.privateKey, { mode: 0o600 });
  const stop = async () => {
    await removeLabelled(docker, label);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const made = await Promise.all(Array.from({ length: count }, (_, at) => one(`n${at + 1}`)));
    writeFileSync(path.join(folder, 'known_hosts'), made.map(({ line }) => line).join(''));
    const nodes = made.map(({ node }) => node);
    const inventory = inventoryOf(nodes, folder);
    writeFileSync(path.join(folder, 'inventory.yml'), inventory);
    return {
      nodes,
      folder,
      key: path.join(folder, 'key'),
      knownHosts: path.join(folder, 'known_hosts'),
      inventory,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }

  async function one(name: string): Promise<{ node: TestNode; line: string }> {
    const container = await createNode(docker, {
      image,
      name: `slipway-${label}-${name}`,
      hostname: name,
      lab: label,
      // Any free port: several suites may run at once.
      publish: { address: '127.0.0.1', port: 0 },
      volumes: options.containers ? ['/var/lib/docker', '/var/lib/containerd'] : [],
      capabilities: options.containers ? ['SYS_CHROOT', 'SETFCAP', 'AUDIT_WRITE'] : [],
    });
    const pair = await newKeyPair(name);
    await putFiles(container, [
      { path: '/etc/ssh/ssh_host_ed25519_key', mode: 0o600, content: pair.privateKey },
      { path: '/etc/ssh/ssh_host_ed25519_key.pub', mode: 0o644, content: `${pair.publicKey} ${name}\n` },
      { path: '/root/.ssh/authorized_keys', mode: 0o600, content: `${login.publicKey} e2e\n` },
    ]);
    await container.start();
    const { NetworkSettings: network } = await container.inspect();
    const port = Number(network.Ports['22/tcp']?.[0]?.HostPort);
    const root = (script: string, input = '') => dockerExec(container.id, script, input);
    const node: TestNode = {
      name,
      id: container.id,
      address: '127.0.0.1',
      port,
      ip: network.Networks['bridge']?.IPAddress ?? '',
      root,
    };
    await answers(node.address, port, `${name} did not come up`);
    // --wait: units that still start would look like changes later.
    const setup = await root(
      `${USERS}\n${SHELLS[options.shell ?? 'dash']}\n${options.setup ?? ''}\nsystemctl is-system-running --wait >/dev/null || :`,
    );
    if (setup.code !== 0) throw new Error(`${name} could not be made ready: ${setup.stderr}`);
    const line = knownHostsLine({
      name,
      index: 0,
      address: node.address,
      port,
      nodeIp: node.ip,
      hostKey: pair.publicKey,
    });
    return { node, line };
  }
}

function inventoryOf(nodes: readonly TestNode[], folder: string): string {
  const hosts = nodes.map(
    (node) =>
      `      ${node.name}: {ansible_host: ${node.address}, ansible_port: ${node.port}, node_ip: ${node.ip}}`,
  );
  return `nodes:
  vars:
    ansible_user: root
    ansible_ssh_private_key_file: ${folder}/key
    ansible_ssh_common_args: -o UserKnownHostsFile=${folder}/known_hosts
  hosts:
${hosts.join('\n')}
`;
}

function dockerExec(id: string, script: string, input: string): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn('docker', ['exec', '-i', id, '/bin/sh', '-c', script]);
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (stdout += chunk));
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code: code ?? 255, stdout, stderr }));
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
  });
}
