// Where the hosts are, in the words of each contender. All of them log in with one key, as one user.
import { writeFileSync } from 'node:fs';
import path from 'node:path';

/**
 * @typedef {{ folder: string, user: string, key: string, knownHosts: string,
 *   hosts: readonly { name: string, address: string, port: number }[] }} Hosts
 */

/** Writes an inventory for Slipway and Ansible. */
export function writeInventory(file, { hosts, user, key, knownHosts }) {
  const lines = hosts.map(
    ({ name, address, port }) => `    ${name}: {ansible_host: ${address}, ansible_port: ${port}}`,
  );
  const text = `nodes:
  vars:
    ansible_user: ${user}
    ansible_ssh_private_key_file: ${key}
    ansible_ssh_common_args: -o UserKnownHostsFile=${knownHosts}
  hosts:
${lines.join('\n')}
`;
  writeFileSync(file, text);
  return file;
}

/** Writes the list that the floors read. */
export function writeList(file, { hosts, user, key, knownHosts }) {
  writeFileSync(file, JSON.stringify({ hosts, user, key, knownHosts }));
  return file;
}

/** The same hosts behind other ports, for a proxy. */
export function behind(given, ports, folder) {
  const hosts = given.hosts.slice(0, ports.length).map((host, at) => ({ ...host, port: ports[at] }));
  return { ...given, hosts, knownHosts: knownAt(given, hosts, folder) };
}

// A key belongs to address and port: the proxy's ports get lines of their own.
function knownAt(given, hosts, folder) {
  const file = path.join(folder, 'known_hosts');
  const lines = hosts.map(({ name, address, port }) => {
    const from = given.hosts.find((host) => host.name === name);
    return `[${address}]:${port} ${given.hostKeys.get(`[${from.address}]:${from.port}`)}`;
  });
  writeFileSync(file, `${lines.join('\n')}\n`);
  return file;
}

/** Host keys by the names under which known_hosts has them. */
export function readHostKeys(text) {
  return new Map(
    text
      .trimEnd()
      .split('\n')
      .map((line) => [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1)]),
  );
}
