import { assignments, exported, kernelOf, type Report } from './sections.ts';

/** Names, kernel and architecture. */
export function kernelFacts(report: Report): Record<string, unknown> {
  const { machine, nodename, kernel, version } = kernelOf(report);
  const fqdn = fullName(report, nodename);
  const architecture = /^i[3-6]86$/.test(machine) ? 'i386' : machine;
  const wide = /64$|^s390x$|^ppc64le$|^riscv64$/.test(machine);
  return {
    system: 'Linux',
    kernel,
    kernel_version: version,
    machine,
    architecture,
    userspace_bits: wide ? '64' : '32',
    userspace_architecture: architecture,
    nodename,
    hostname: nodename.split('.')[0],
    fqdn,
    domain: fqdn.includes('.') ? fqdn.slice(fqdn.indexOf('.') + 1) : '',
    machine_id: report.first('/etc/machine-id') ?? '',
    boot_id: report.first('/proc/sys/kernel/random/boot_id') ?? '',
    cmdline: commandLine(report.first('/proc/cmdline') ?? ''),
    fips: report.first('/proc/sys/crypto/fips_enabled') === '1',
  };
}

/** The canonical name in /etc/hosts. DNS is not asked: a dead server would cost every run seconds. */
function fullName(report: Report, nodename: string): string {
  if (nodename.includes('.')) return nodename;
  for (const line of report.file('/etc/hosts')) {
    const names = line.replace(/#.*$/, '').trim().split(/\s+/).slice(1);
    if (!names.includes(nodename)) continue;
    const long = names.find((name) => name.startsWith(`${nodename}.`));
    if (long !== undefined) return long;
  }
  const domain = report.first('/proc/sys/kernel/domainname');
  return domain !== undefined && domain !== '(none)' ? `${nodename}.${domain}` : nodename;
}

function commandLine(text: string): Record<string, string | boolean> {
  const words = text.split(/\s+/).filter((word) => word !== '');
  return Object.fromEntries(
    words.map((word) => {
      const at = word.indexOf('=');
      return at === -1 ? [word, true] : [word.slice(0, at), word.slice(at + 1)];
    }),
  );
}

/** The user that the probe ran as, and its environment. */
export function userFacts(report: Report): Record<string, unknown> {
  const id = /^uid=(\d+)(?:\(([^)]*)\))? gid=(\d+)(?:\(([^)]*)\))?/.exec(report.lines('id')[0] ?? '');
  const [uid, gid] = [Number(id?.[1] ?? -1), Number(id?.[3] ?? -1)];
  const rows = [...report.file('/etc/passwd'), ...report.lines('passwd')].map((line) => line.split(':'));
  const [name, , , , gecos, home, shell] = rows.find((row) => row[2] === String(uid)) ?? [];
  const env = exported(report.lines('env'));
  return {
    user_id: name || id?.[2] || String(uid),
    user_uid: uid,
    user_gid: gid,
    user_gecos: gecos ?? '',
    user_dir: home ?? env['HOME'] ?? '',
    user_shell: shell ?? env['SHELL'] ?? '',
    real_user_id: uid,
    effective_user_id: uid,
    real_group_id: gid,
    effective_group_id: gid,
  };
}

export function securityFacts(report: Report): Record<string, unknown> {
  const config = assignments(report.file('/etc/selinux/config'));
  const enforce = report.first('/sys/fs/selinux/enforce');
  const selinux =
    enforce === undefined
      ? { status: 'disabled' }
      : {
          status: 'enabled',
          mode: enforce === '1' ? 'enforcing' : 'permissive',
          config_mode: config['SELINUX'] ?? 'unknown',
          type: config['SELINUXTYPE'] ?? 'unknown',
          policyvers: Number(report.first('/sys/fs/selinux/policyvers') ?? 0),
        };
  const keys: Record<string, unknown> = {};
  for (const path of report.paths('/etc/ssh/ssh_host_')) {
    const kind = /ssh_host_(\w+)_key\.pub$/.exec(path)?.[1];
    const [type, key] = (report.first(path) ?? '').split(' ');
    if (kind === undefined || key === undefined) continue;
    keys[`ssh_host_key_${kind}_public`] = key;
    keys[`ssh_host_key_${kind}_public_keytype`] = type;
  }
  return {
    selinux,
    apparmor: {
      status: report.first('/sys/module/apparmor/parameters/enabled') === 'Y' ? 'enabled' : 'disabled',
    },
    ...keys,
  };
}
