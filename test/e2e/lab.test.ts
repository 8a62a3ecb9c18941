import { execFile, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { baseImage, docker, type Need, program, root, suite } from './kit/skip.ts';

// The lab as a user has it: through the command line, in each of the ways in which hosts can be made.
const project = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');
const slipway = path.join(project, 'bin/slipway.cjs');
const nativeCrypto = path.join(project, 'node_modules/ssh2/lib/protocol/crypto/build/Release/sshcrypto.node');

interface Ran {
  readonly code: number;
  readonly out: string;
}

/** Where the commands of a lab run: on this machine, as another user, or in a container. */
interface Place {
  run(...args: string[]): Promise<Ran>;
  /** sh on the machine that holds the lab. */
  machine(script: string): Promise<Ran>;
}

function place(prefix: readonly string[], folder: string): Place {
  const start = (args: readonly string[]) =>
    new Promise<Ran>((resolve) => {
      const [name, ...rest] = [...prefix, ...args];
      execFile(
        name!,
        rest,
        { cwd: prefix[0] === 'docker' ? undefined : folder, maxBuffer: 64e6 },
        (error, stdout, stderr) =>
          resolve({
            code: typeof error?.code === 'number' ? error.code : error ? 255 : 0,
            out: stdout + stderr,
          }),
      );
    });
  return {
    run: (...args) => start(['node', slipway, ...args]),
    machine: (script) => start(['sh', '-c', script]),
  };
}

const ssh = (at: Place, node: string, script: string) => at.run('lab', 'ssh', node, script);

const INSTALL = `
set -e
. /etc/os-release
url=$1
mkdir -p /etc/apt/keyrings
/usr/lib/slipway-lab/node -e 'fetch(process.argv[1]).then((r) => r.text()).then((t) => process.stdout.write(t))' "$url/key.asc" > /etc/apt/keyrings/lab.asc
printf 'Types: deb\\nURIs: %s/deb/\\nSuites: /\\nSigned-By: /etc/apt/keyrings/lab.asc\\n' "$url" > /etc/apt/sources.list.d/lab.sources
apt-get update -o Dir::Etc::sourceparts=- -o Dir::Etc::sourcelist=/etc/apt/sources.list.d/lab.sources -o APT::Update::Error-Mode=any
DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends kubeadm kubelet kubectl containerd
`;

/** The supervisor of a lab and all that descends from it. */
async function family(at: Place): Promise<number[]> {
  const state = JSON.parse((await at.machine('cat .slipway/lab/state.json')).out) as {
    supervisor: { pid: number };
  };
  const rows = (await at.machine('ps -eo pid=,ppid=')).out.trim().split('\n');
  const parents = new Map(rows.map((row) => row.trim().split(/\s+/).map(Number) as [number, number]));
  const found = [state.supervisor.pid];
  for (const pid of found)
    for (const [child, parent] of parents) if (parent === pid && !found.includes(child)) found.push(child);
  return found;
}

function behaves(place: () => Place, mode: 'overlay' | 'user' | 'copy') {
  let repository = '';
  test('three hosts come up, and once more is no change', async () => {
    const at = place();
    expect(await at.run('lab', 'up', '--nodes', '3', '--driver', 'namespaces')).toMatchObject({
      code: 0,
      out: expect.stringContaining('3 hosts are up'),
    });
    const status = await at.run('lab', 'status');
    expect(status.out).toContain(`(${mode})`);
    expect(status.out).toContain('simulated Kubernetes');
    const before = await at.machine('cat .slipway/lab/state.json');
    expect((await at.run('lab', 'up', '--nodes', '3')).code).toBe(0);
    expect((await at.machine('cat .slipway/lab/state.json')).out).toBe(before.out);
    repository = (JSON.parse(before.out) as { repository: { url: string } }).repository.url.replace(
      /\/deb\/$/,
      '',
    );
    expect((await at.machine('stat -c %a .slipway/lab/id_ed25519 .slipway/lab')).out).toBe('600\n700\n');
  });

  test('hosts differ where hosts must, and are bare', async () => {
    const at = place();
    const ids = async (node: string) =>
      (
        await ssh(
          at,
          node,
          'cat /etc/machine-id /sys/class/dmi/id/product_uuid; hostname; ip -o -4 addr; cat /sys/class/net/*/address | sort -u | tail -1',
        )
      ).out;
    const [one, two] = await Promise.all([ids('n1'), ids('n2')]);
    expect(one).toContain('\nn1\n');
    const own = one
      .trim()
      .split('\n')
      .filter((line) => !line.includes(' lo '));
    expect(own.filter((line) => two.includes(line))).toEqual([]);
    const bare = await ssh(
      at,
      'n1',
      'cat /proc/sys/net/ipv4/ip_forward; tail -n +2 /proc/swaps; ls -A /home /var/lib/kubelet /etc/kubernetes 2>/dev/null; command -v kubeadm',
    );
    expect(bare.out).toMatch(/^0\n\/swap\.img\s+file/);
    expect(bare.out).not.toContain('kubeadm');
  });

  test('exit codes, stdin to the end, both outputs and megabytes come through', async () => {
    const at = place();
    expect((await ssh(at, 'n1', 'exit 7')).code).toBe(7);
    expect((await ssh(at, 'n1', 'echo out; echo err >&2')).out).toBe('out\nerr\n');
    const big = await ssh(at, 'n2', 'head -c 20000000 /dev/zero | tr "\\0" x');
    expect(big.out.length).toBe(20_000_000);
  });

  test('what would reach the kernel stays in the host', async () => {
    const at = place();
    const facts =
      'cat /proc/sys/net/ipv4/ip_forward /proc/swaps /etc/hostname; ls /sys/module; hostname; sysctl -n vm.swappiness';
    const before = await at.machine(facts);
    const done = await ssh(
      at,
      'n1',
      `set -e
      swapoff -a; modprobe br_netfilter; sysctl -qw net.ipv4.ip_forward=1 vm.swappiness=7; hostnamectl set-hostname other
      iptables -N KUBE-TEST; iptables -A KUBE-TEST -p tcp -j ACCEPT; iptables-save | grep -c KUBE-TEST
      tail -n +2 /proc/swaps | wc -l; cat /proc/sys/net/bridge/bridge-nf-call-iptables; hostname`,
    );
    expect(done).toEqual({ code: 0, out: '2\n0\n1\nother\n' });
    expect((await at.machine(facts)).out).toBe(before.out);
    expect((await at.machine('iptables-save 2>/dev/null | grep -c KUBE-TEST')).out).toBe('0\n');
    expect((await ssh(at, 'n2', 'hostname; cat /proc/sys/net/ipv4/ip_forward')).out).toBe('n2\n0\n');
    expect((await ssh(at, 'n1', 'modprobe never_heard_of')).out).toContain('not found in directory');
    // Packages with an init script ask for it when they are installed; it is a link to systemctl.
    expect(await ssh(at, 'n1', 'runlevel')).toEqual({ code: 0, out: 'N 5\n' });
  });

  test('apt takes packages from the signed repository, and their services run', async () => {
    const at = place();
    const done = await ssh(at, 'n1', `set -- ${repository}\n${INSTALL}`);
    if (done.code !== 0) throw new Error(done.out);
    expect(
      (
        await ssh(
          at,
          'n1',
          'kubeadm version -o short; systemctl is-active containerd; dpkg -V kubeadm && echo verified',
        )
      ).out,
    ).toContain('v1.34.1\nactive\nverified\n');
    const forged = await ssh(
      at,
      'n2',
      `mkdir -p /etc/apt/keyrings && sed 's/^m/n/' /usr/share/keyrings/debian-archive-keyring.gpg > /etc/apt/keyrings/other.gpg
      printf 'Types: deb\\nURIs: ${repository}/deb/\\nSuites: /\\nSigned-By: /etc/apt/keyrings/other.gpg\\n' > /etc/apt/sources.list.d/lab.sources
      apt-get update -o Dir::Etc::sourceparts=- -o Dir::Etc::sourcelist=/etc/apt/sources.list.d/lab.sources -o APT::Update::Error-Mode=any`,
    );
    expect(forged.code).not.toBe(0);
    expect(forged.out).toMatch(/NO_PUBKEY|not signed|couldn't be verified|unsupported/i);
  });

  test('services: started, kept up, stopped, masked; definitions change by daemon-reload', async () => {
    const at = place();
    await ssh(
      at,
      'n3',
      'printf "[Unit]\\nDescription=a demo\\n[Service]\\nEnvironment=\\"A=b c\\"\\nExecStart=/bin/sh -c \\"echo hello \\$A; exec sleep 987\\"\\nRestart=always\\nRestartSec=50ms\\n[Install]\\nWantedBy=multi-user.target\\n" > /etc/systemd/system/demo.service',
    );
    const started = await ssh(
      at,
      'n3',
      'systemctl enable --now demo; systemctl is-active demo; systemctl is-enabled demo nope; journalctl -u demo -n 5',
    );
    expect(started.out).toContain('Created symlink /etc/systemd/system/multi-user.target.wants/demo.service');
    expect(started.out).toMatch(/active\nenabled\n/);
    expect(started.out).toContain('hello b c');
    const again = await ssh(
      at,
      'n3',
      'p=$(systemctl show -P MainPID demo); kill -9 $p; n=0; until [ $n -gt 100 ] || { systemctl is-active -q demo && [ "$(systemctl show -P MainPID demo)" != $p ]; }; do n=$((n+1)); sleep 0.05; done; systemctl show -p ActiveState -p NRestarts demo',
    );
    expect(again.out).toContain('NRestarts=1\nActiveState=active\n');
    const changed = await ssh(
      at,
      'n3',
      'mkdir -p /etc/systemd/system/demo.service.d; printf "[Unit]\\nDescription=new\\n" > /etc/systemd/system/demo.service.d/x.conf; systemctl show -p Description -p NeedDaemonReload demo; systemctl daemon-reload; systemctl show -p Description -p NeedDaemonReload demo',
    );
    expect(changed.out).toBe(
      'Description=a demo\nNeedDaemonReload=yes\nDescription=new\nNeedDaemonReload=no\n',
    );
    const stopped = await ssh(
      at,
      'n3',
      'systemctl disable --now demo 2>/dev/null; systemctl is-active demo; rm /etc/systemd/system/demo.service; systemctl mask demo; systemctl start demo; echo $?; systemctl is-enabled demo',
    );
    expect(stopped.out).toContain('inactive\n1\nmasked\n');
    expect(
      (await ssh(at, 'n3', "cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' ' ' | grep -c 'sleep 9[8]7'"))
        .out,
    ).toBe('0\n');
  });

  test('a restart keeps the files and what is enabled, and loses the rest', async () => {
    const at = place();
    const boot = async () => (await ssh(at, 'n2', 'cat /proc/sys/kernel/random/boot_id')).out.trim();
    const before = await boot();
    await ssh(
      at,
      'n2',
      'echo kept > /etc/kept; echo gone > /run/gone; echo net.ipv4.ip_forward=1 > /etc/sysctl.d/x.conf; swapoff -a; printf "[Service]\\nExecStart=/bin/sleep 988\\n[Install]\\nWantedBy=multi-user.target\\n" > /etc/systemd/system/stay.service; systemctl enable stay; reboot',
    );
    await expect
      .poll(boot, { timeout: 20_000, interval: 100 })
      .toMatch(new RegExp(`^(?!${before})[0-9a-f-]{36}$`));
    const after = await ssh(
      at,
      'n2',
      'cat /etc/kept; ls /run/gone; systemctl is-active stay; cat /proc/sys/net/ipv4/ip_forward; tail -n +2 /proc/swaps | wc -l',
    );
    expect(after.out).toMatch(/^kept\n/);
    expect(after.out).toContain('active\n1\n1\n');
    expect(after.out).toContain('No such file');
  });

  test('a lab that is killed is cleaned up by the next one, and down leaves nothing', async () => {
    const at = place();
    const pid = (
      JSON.parse((await at.machine('cat .slipway/lab/state.json')).out) as { supervisor: { pid: number } }
    ).supervisor.pid;
    await at.machine(`kill -9 ${pid}`);
    expect((await at.run('lab', 'status')).code).toBe(2);
    const up = await at.run('lab', 'up', '--nodes', '1');
    expect(up).toMatchObject({ code: 0, out: expect.stringContaining('cleaning up') });
    expect((await at.run('lab', 'up', '--nodes', '2')).code).toBe(0);
    expect((await ssh(at, 'n2', 'hostname')).out).toBe('n2\n');
    const processes = await family(at);
    expect(processes.length).toBeGreaterThan(2);
    expect((await at.run('lab', 'down')).code).toBe(0);
    expect(
      (
        await at.machine(
          `ls -A .slipway/lab 2>/dev/null; ps -o stat=,pid= -p ${processes.join(',')} | grep -v '^Z'`,
        )
      ).out,
    ).toBe('');
  });
}

const built: Need = () =>
  existsSync(path.join(project, 'dist/lab-supervisor.cjs'))
    ? undefined
    : 'there is no build: run `npm run build`';
const namespaces: Need = () =>
  spawnSync('unshare', ['--mount', '--pid', '--fork', 'true']).status === 0
    ? undefined
    : 'no mount namespaces here';
const userNamespaces: Need = () =>
  spawnSync('setpriv', [
    '--reuid=65534',
    '--regid=65534',
    '--clear-groups',
    'unshare',
    '--user',
    '--map-root-user',
    'true',
  ]).status === 0
    ? undefined
    : 'no user namespaces for ordinary users here';

suite('a lab made by root', [built, root, namespaces], () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'slipway-lab-'));
  const at = place([], folder);
  behaves(() => at, 'overlay');
  describe('with the client of OpenSSH', () => {
    test.runIf(program('ssh')() === undefined)(
      'host key, key, terminal, streams and forwards are as OpenSSH wants them',
      async () => {
        await at.run('lab', 'up', '--nodes', '1');
        const state = JSON.parse(readFileSync(path.join(folder, '.slipway/lab/state.json'), 'utf8')) as {
          nodes: { address: string; port: number }[];
        };
        const { address, port } = state.nodes[0]!;
        const options = [
          '-F',
          'none',
          '-i',
          '.slipway/lab/id_ed25519',
          '-o',
          'UserKnownHostsFile=.slipway/lab/known_hosts',
          '-o',
          'StrictHostKeyChecking=yes',
          '-o',
          'IdentitiesOnly=yes',
          '-p',
          String(port),
        ];
        // The first value of an option counts.
        const wrong = (...args: string[]) =>
          spawnSync('ssh', ['-o', 'UserKnownHostsFile=known_wrong', ...options, ...args], { cwd: folder });
        const client = (...args: string[]) =>
          spawnSync('ssh', [...options, ...args], { cwd: folder, encoding: 'utf8', input: '' });
        expect(client(`root@${address}`, 'id -u')).toMatchObject({ status: 0, stdout: '0\n' });
        expect(client('-tt', `root@${address}`, 'test -t 0 && test -t 1 && echo terminal').stdout).toContain(
          'terminal',
        );
        expect(client(`nosuchuser@${address}`, 'true').status).toBe(255);
        writeFileSync(
          path.join(folder, 'known_wrong'),
          `[${address}]:${port} ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n`,
        );
        expect(wrong(`root@${address}`, 'true').status).toBe(255);
        const file = path.join(folder, 'big');
        writeFileSync(file, Buffer.alloc(50_000_000, 'abcdefgh'));
        const sum = spawnSync('sha256sum', [file], { encoding: 'utf8' }).stdout.split(' ')[0];
        const sent = spawnSync(
          'sh',
          ['-c', `ssh ${options.join(' ')} root@${address} 'cat > /tmp/f; sha256sum < /tmp/f' < ${file}`],
          { cwd: folder, encoding: 'utf8' },
        );
        expect(sent.stdout).toContain(sum);
        await at.run('lab', 'down');
      },
    );
  });
  // A bundled ssh2 that does not find it does without, and says nothing.
  test.runIf(existsSync(nativeCrypto))('the bundle has the native crypto of ssh2', async () => {
    await at.run('lab', 'up', '--nodes', '1');
    writeFileSync(
      path.join(folder, 'loaded.cjs'),
      "process.on('exit', () => console.log(process.report.getReport().sharedObjects.join('\\n')));",
    );
    const exec = `${slipway} exec all -i .slipway/lab/inventory.yml -- true`;
    expect(await at.machine(`NODE_OPTIONS='--require ./loaded.cjs' node ${exec}`)).toMatchObject({
      code: 0,
      out: expect.stringContaining(nativeCrypto),
    });
    await at.run('lab', 'down');
  });
  afterAll(async () => {
    await at.run('lab', 'down');
    rmSync(folder, { recursive: true, force: true });
  });
});

suite('a lab made by an ordinary user', [built, root, userNamespaces], () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'slipway-lab-'));
  const at = place(
    ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', 'env', `HOME=${folder}`],
    folder,
  );
  beforeAll(() => void spawnSync('chown', ['65534:65534', folder]));
  behaves(() => at, 'user');
  afterAll(async () => {
    await at.run('lab', 'down');
    rmSync(folder, { recursive: true, force: true });
  });
});

suite('a lab in a plain container, without the right to mount', [built, docker], () => {
  const name = `slipway-lab-plain-${process.pid}`;
  const at = place(['docker', 'exec', '-w', '/lab', name], '/');
  beforeAll(async () => {
    const modules = path.join(project, 'node_modules');
    const binds = [
      project,
      ...(statSync(modules).isDirectory()
        ? [spawnSync('realpath', [modules], { encoding: 'utf8' }).stdout.trim()]
        : []),
    ];
    const args = [...new Set(binds)].flatMap((one) => ['-v', `${one}:${one}:ro`]);
    const started = spawnSync(
      'docker',
      ['run', '-d', '--init', '--name', name, ...args, baseImage(), 'sleep', '3600'],
      { encoding: 'utf8' },
    );
    expect(started).toMatchObject({ status: 0 });
    expect(spawnSync('docker', ['cp', process.execPath, `${name}:/usr/local/bin/node`]).status).toBe(0);
    spawnSync('docker', ['exec', name, 'mkdir', '/lab']);
  });
  behaves(() => at, 'copy');
  afterAll(() => void spawnSync('docker', ['rm', '-f', name]));
});

suite('a lab of containers', [built, docker], () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'slipway-lab-'));
  const at = place([], folder);
  test('nodes with systemd, the repository in reach, nothing left behind', async () => {
    const up = await at.run('lab', 'up', '--nodes', '2', '--driver', 'docker', '--base', baseImage());
    expect(up).toMatchObject({ code: 0 });
    const state = JSON.parse(readFileSync(path.join(folder, '.slipway/lab/state.json'), 'utf8')) as {
      repository: { url: string };
    };
    const done = await ssh(
      at,
      'n1',
      `systemctl is-system-running; set -- ${state.repository.url.replace(/\/deb\/$/, '')}\n${INSTALL}\nsystemctl is-active containerd; sysctl -w net.ipv4.ip_forward=1; tail -n +2 /proc/swaps | wc -l`,
    );
    expect(done).toMatchObject({ code: 0 });
    expect(done.out).toMatch(/^running\n/);
    expect(done.out).toMatch(/active\nnet\.ipv4\.ip_forward = 1\n0\n/);
    expect((await at.run('exec', 'all', '-i', '.slipway/lab/inventory.yml', '--', 'hostname')).code).toBe(0);
    expect((await at.run('lab', 'down')).code).toBe(0);
    const left = spawnSync('docker', ['ps', '-aq', '--filter', `label=slipway.lab=${folder}/.slipway/lab`], {
      encoding: 'utf8',
    });
    expect(left.stdout).toBe('');
    expect(existsSync(path.join(folder, '.slipway/lab'))).toBe(false);
  });
  afterAll(async () => {
    await at.run('lab', 'down');
    rmSync(folder, { recursive: true, force: true });
  });
});
