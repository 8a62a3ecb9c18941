import { assignments, type Report } from './sections.ts';

/** Ansible's names for the IDs of os-release, and the family that each belongs to. */
const NAMES: Readonly<Record<string, readonly [string, string]>> = {
  debian: ['Debian', 'Debian'],
  ubuntu: ['Ubuntu', 'Debian'],
  raspbian: ['Debian', 'Debian'],
  linuxmint: ['Linux Mint', 'Debian'],
  pop: ['Pop!_OS', 'Debian'],
  kali: ['Kali', 'Debian'],
  devuan: ['Devuan', 'Debian'],
  rhel: ['RedHat', 'RedHat'],
  centos: ['CentOS', 'RedHat'],
  rocky: ['Rocky', 'RedHat'],
  almalinux: ['AlmaLinux', 'RedHat'],
  fedora: ['Fedora', 'RedHat'],
  ol: ['OracleLinux', 'RedHat'],
  amzn: ['Amazon', 'RedHat'],
  alpine: ['Alpine', 'Alpine'],
  arch: ['Archlinux', 'Archlinux'],
  manjaro: ['Manjaro', 'Archlinux'],
  sles: ['SLES', 'Suse'],
  'opensuse-leap': ['openSUSE Leap', 'Suse'],
  'opensuse-tumbleweed': ['openSUSE Tumbleweed', 'Suse'],
  'sle-micro': ['SL-Micro', 'Suse'],
  gentoo: ['Gentoo', 'Gentoo'],
  flatcar: ['Flatcar', 'Flatcar'],
  coreos: ['Coreos', 'Coreos'],
  photon: ['VMware Photon OS', 'RedHat'],
  azurelinux: ['Microsoft Azure Linux', 'RedHat'],
  void: ['Void', 'Void'],
  nixos: ['NixOS', 'NixOS'],
};

const LIKE: Readonly<Record<string, string>> = {
  debian: 'Debian',
  ubuntu: 'Debian',
  rhel: 'RedHat',
  fedora: 'RedHat',
  suse: 'Suse',
  arch: 'Archlinux',
  alpine: 'Alpine',
};

export function distributionFacts(report: Report): Record<string, unknown> {
  const os = assignments(report.file('/etc/os-release'));
  const id = os['ID'] ?? 'linux';
  const like = (os['ID_LIKE'] ?? '')
    .split(/\s+/)
    .map((word) => LIKE[word])
    .find(Boolean);
  const [name, family] = NAMES[id] ?? [os['NAME'] ?? 'Linux', like ?? os['NAME'] ?? 'Linux'];
  const version = versionOf(report, id, os['VERSION_ID']);
  const [major, minor] = version.split('.');
  return {
    distribution: name,
    distribution_version: version,
    distribution_major_version: major,
    ...(minor !== undefined && { distribution_minor_version: minor }),
    distribution_release: os['VERSION_CODENAME'] ?? /\(([^)]+)\)/.exec(os['VERSION'] ?? '')?.[1] ?? 'NA',
    distribution_file_path: '/etc/os-release',
    distribution_file_variety: family,
    distribution_file_parsed: true,
    os_family: family,
    lsb: {
      id: name,
      release: os['VERSION_ID'] ?? '',
      major_release: major,
      codename: os['VERSION_CODENAME'] ?? '',
      description: os['PRETTY_NAME'] ?? '',
    },
  };
}

/** Debian's own file knows the point release; os-release has only the major one. */
function versionOf(report: Report, id: string, given: string | undefined): string {
  const debian = report.first('/etc/debian_version');
  if (id === 'debian' && debian !== undefined && /^\d+(\.\d+)*$/.test(debian)) return debian;
  return given ?? debian ?? 'NA';
}

const MANAGERS: readonly (readonly [string, string])[] = [
  ['dnf5', 'dnf5'],
  ['dnf', 'dnf'],
  ['apt-get', 'apt'],
  ['zypper', 'zypper'],
  ['apk', 'apk'],
  ['pacman', 'pacman'],
  ['emerge', 'portage'],
  ['tdnf', 'tdnf'],
  ['microdnf', 'microdnf'],
  ['yum', 'yum'],
  ['xbps-install', 'xbps'],
  ['swupd', 'swupd'],
  ['opkg', 'opkg'],
  ['slackpkg', 'slackpkg'],
];

export function managerFacts(report: Report, family: unknown): Record<string, unknown> {
  const there = report.lines('there');
  const has = (line: string) => there.includes(line);
  const found = MANAGERS.filter(([command]) => has(`manager ${command}`)).map(([, name]) => name);
  // A Debian host may have dnf installed as a tool, and the other way round.
  const own = family === 'Debian' && found.includes('apt') ? 'apt' : found[0];
  return {
    pkg_mgr: has('path /run/ostree-booted') ? 'atomic_container' : (own ?? 'unknown'),
    service_mgr: serviceManager(report, has),
  };
}

function serviceManager(report: Report, has: (line: string) => boolean): string {
  const init = report.first('/proc/1/comm');
  if (has('path /run/systemd/system') || init === 'systemd') return 'systemd';
  if (has('path /run/openrc')) return 'openrc';
  if (init === 'runit-init' || init === 'runit') return 'runit';
  if (init === 's6-svscan') return 's6';
  const target = report.lines('there').find((line) => line.startsWith('init '));
  if (target?.endsWith('busybox') || init === 'procd') return init === 'procd' ? 'procd' : 'busybox';
  return init === 'init' ? 'sysvinit' : (init ?? 'service');
}
