// The two floors as contenders.
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { measure } from './measure.mjs';
import { writeList } from './hosts.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));

export function floorSsh(script, given, command) {
  const { user, key, knownHosts } = given;
  const hosts = given.hosts.map(({ address, port }) => `${address}:${port}`);
  return () =>
    measure('/bin/sh', [path.join(here, 'floor-ssh.sh'), script, user, key, knownHosts, command, ...hosts]);
}

export function floorNode(script, given, command, folder) {
  const list = writeList(path.join(folder, 'hosts.json'), given);
  return () => measure(process.execPath, [path.join(here, 'floor-node.mjs'), script, list, command]);
}
