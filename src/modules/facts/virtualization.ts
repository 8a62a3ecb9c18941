import { kernelOf, type Report } from './sections.ts';

interface Guess {
  readonly type: string;
  readonly role: 'guest' | 'host' | 'NA';
}

/** Vendors and products of DMI, as hypervisors set them; the first that matches counts. */
const PRODUCTS: readonly (readonly [RegExp, string])[] = [
  [/^VMware/i, 'VMware'],
  [/VirtualBox|innotek/i, 'virtualbox'],
  [/^Microsoft Corporation.*Virtual Machine/is, 'VirtualPC'],
  [/Parallels/i, 'parallels'],
  [/OpenStack/i, 'openstack'],
  [/KubeVirt/i, 'KubeVirt'],
  [/RHEV Hypervisor|oVirt/i, 'RHEV'],
  [
    /Amazon EC2|Google Compute Engine|QEMU|KVM|DigitalOcean|Hetzner|Bochs|Nutanix|Alibaba Cloud|OpenNebula/i,
    'kvm',
  ],
  [/Xen/i, 'xen'],
  [/Apple Virtualization/i, 'apple'],
];

/** Whether the host is a container, a virtual machine, the host of some, or neither; in Ansible's words. */
export function virtualizationFacts(report: Report): Record<string, unknown> {
  const guess = container(report) ?? machine(report) ?? host(report) ?? { type: 'NA', role: 'NA' };
  return { virtualization_type: guess.type, virtualization_role: guess.role };
}

function container(report: Report): Guess | undefined {
  const there = report.lines('there');
  const named =
    there.find((line) => line.startsWith('container '))?.slice('container '.length) ??
    report.first('/run/systemd/container') ??
    report.first('/run/host/container-manager');
  const guest = (type: string): Guess => ({ type, role: 'guest' });
  const groups = report.file('/proc/1/cgroup').join('\n');
  if (there.includes('path /.dockerenv') || /\/docker[-/]/.test(groups) || named === 'docker')
    return guest('docker');
  if (there.includes('path /run/.containerenv') || named === 'podman') return guest('podman');
  if (/\/kubepods/.test(groups)) return guest('container');
  if (named !== undefined && named !== '') return guest(named);
  if (/\/lxc\//.test(groups)) return guest('lxc');
  if (there.includes('path /proc/vz') && !there.includes('path /proc/bc')) return guest('openvz');
  if (/microsoft/i.test(kernelOf(report).kernel)) return guest('wsl');
  return undefined;
}

function machine(report: Report): Guess | undefined {
  const dmi = ['sys_vendor', 'product_name', 'product_family', 'bios_vendor', 'chassis_vendor']
    .map((name) => report.first(`/sys/class/dmi/id/${name}`) ?? '')
    .join('\n');
  const found = PRODUCTS.find(([pattern]) => pattern.test(dmi));
  if (found) return { type: found[1], role: 'guest' };
  const hypervisor = report.first('/sys/hypervisor/type');
  if (hypervisor === 'xen') return { type: 'xen', role: 'guest' };
  const cpu = report.file('/proc/cpuinfo');
  if (
    cpu.some((line) => /^model name\s*:.*QEMU/.test(line)) ||
    cpu.some((line) => /(^|\s)hypervisor(\s|$)/.test(line))
  )
    return { type: 'kvm', role: 'guest' };
  return undefined;
}

function host(report: Report): Guess | undefined {
  return report.lines('there').includes('path /dev/kvm') ? { type: 'kvm', role: 'host' } : undefined;
}
