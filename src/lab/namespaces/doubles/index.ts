import type { NamespaceMode } from '../../types.ts';
import { iptables, modprobe, swapoff, swapon } from './kernel.ts';
import {
  detectVirt,
  hostname,
  hostnamectl,
  ip,
  journalctl,
  mount,
  systemctl,
  timedatectl,
  umount,
  uname,
} from './system.ts';

const POWER = ['reboot', 'shutdown', 'poweroff', 'halt'];
const TABLES = ['iptables', 'ip6tables'].flatMap((name) => [name, `${name}-save`, `${name}-restore`]);

/**
 * The programs in /usr/local/sbin of a lab host, by name. Each says in its first lines that it is the lab's.
 * What asks for the power (`reboot`) goes the way of systemctl: the lab restarts the host.
 */
export function doubles(mode: NamespaceMode): Map<string, string> {
  const found = new Map<string, string>([
    ['swapoff', swapoff],
    ['swapon', swapon],
    ['modprobe', modprobe],
    ['systemctl', systemctl],
    ['systemd-notify', systemctl],
    ['journalctl', journalctl],
    ['systemd-detect-virt', detectVirt],
    ['hostnamectl', hostnamectl],
    ['timedatectl', timedatectl],
    ['ip', ip],
  ]);
  for (const name of POWER) found.set(name, systemctl);
  for (const name of TABLES) found.set(name, iptables);
  if (mode !== 'copy') return found;
  return new Map([...found, ['hostname', hostname], ['uname', uname], ['mount', mount], ['umount', umount]]);
}
