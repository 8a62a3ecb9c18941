import { numbers, type Report } from './sections.ts';

const mb = (kb: number | undefined) => Math.floor((kb ?? 0) / 1024);

export function memoryFacts(report: Report): Record<string, unknown> {
  const info = numbers(report.file('/proc/meminfo'));
  const total = mb(info['MemTotal']);
  const free = mb(info['MemFree']);
  const cached = mb((info['Buffers'] ?? 0) + (info['Cached'] ?? 0) + (info['MemFree'] ?? 0));
  const swapTotal = mb(info['SwapTotal']);
  const swapFree = mb(info['SwapFree']);
  return {
    memtotal_mb: total,
    memfree_mb: free,
    memavailable_mb: mb(info['MemAvailable']),
    swaptotal_mb: swapTotal,
    swapfree_mb: swapFree,
    memory_mb: {
      real: { total, used: total - free, free },
      nocache: { free: cached, used: total - cached },
      swap: {
        total: swapTotal,
        free: swapFree,
        used: swapTotal - swapFree,
        cached: mb(info['SwapCached']),
      },
    },
    swaps: report
      .file('/proc/swaps')
      .slice(1)
      .map((line) => line.trim().split(/\s+/))
      .filter((fields) => fields.length >= 5)
      .map(([name, type, size, used, priority]) => ({
        name: unescape(name!),
        type,
        size_kb: Number(size),
        used_kb: Number(used),
        priority: Number(priority),
      })),
  };
}

/** /proc writes blanks in names as octal. */
function unescape(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );
}

export function processorFacts(report: Report): Record<string, unknown> {
  const all = report.file('/proc/cpuinfo').map((line) => {
    const at = line.indexOf(':');
    return [line.slice(0, at).trim(), line.slice(at + 1).trim()] as const;
  });
  const values = (key: string) => all.filter(([name]) => name === key).map(([, value]) => value);
  const vcpus = Math.max(1, values('processor').filter((value) => /^\d+$/.test(value)).length);
  const sockets = Math.max(1, new Set(values('physical id')).size);
  const cores = Number(values('cpu cores')[0] ?? Math.max(1, Math.floor(vcpus / sockets)));
  const siblings = Number(values('siblings')[0] ?? cores);
  const processor = all
    .filter(([name]) =>
      ['processor', 'vendor_id', 'model name', 'Processor', 'cpu', 'machine'].includes(name),
    )
    .map(([, value]) => value);
  const hasSockets = values('physical id').length > 0;
  return {
    processor,
    processor_count: hasSockets ? sockets : vcpus,
    processor_cores: hasSockets ? cores : 1,
    processor_threads_per_core: hasSockets ? Math.max(1, Math.round(siblings / cores)) : 1,
    processor_vcpus: vcpus,
    processor_nproc: allowed(report) ?? vcpus,
  };
}

/** CPUs that a process may use: `0-3,6` is 5. */
function allowed(report: Report): number | undefined {
  const line = report.file('/proc/self/status').find((text) => text.startsWith('Cpus_allowed_list:'));
  if (line === undefined) return undefined;
  let count = 0;
  for (const range of line
    .slice(line.indexOf(':') + 1)
    .trim()
    .split(',')) {
    const [from, to] = range.split('-').map(Number);
    count += (to ?? from ?? 0) - (from ?? 0) + 1;
  }
  return count;
}

export const DMI = (
  'bios_date bios_vendor bios_version board_asset_tag board_name board_serial board_vendor board_version ' +
  'chassis_asset_tag chassis_serial chassis_vendor chassis_version ' +
  'product_name product_serial product_uuid product_version'
).split(' ');

export function dmiFacts(report: Report): Record<string, unknown> {
  const facts: Record<string, unknown> = {};
  for (const name of DMI) facts[name] = report.first(`/sys/class/dmi/id/${name}`) ?? 'NA';
  facts['system_vendor'] = report.first('/sys/class/dmi/id/sys_vendor') ?? 'NA';
  return facts;
}

export function mountFacts(report: Report): Record<string, unknown> {
  const sizes = new Map<string, { total: number; available: number }>();
  for (const line of report.lines('df')) {
    const found = /\s(\d+)\s+\d+\s+(\d+)\s+\S+\s+(\/.*)$/.exec(line);
    if (found) sizes.set(found[3]!, { total: Number(found[1]) * 1024, available: Number(found[2]) * 1024 });
  }
  const mounts = report.file('/proc/self/mounts').flatMap((line) => {
    const [device, mount, fstype, options] = line.split(' ').map(unescape);
    const real = device?.startsWith('/') || /:\//.test(device ?? '') || mount === '/';
    if (!real || fstype === 'none' || fstype === undefined) return [];
    const size = sizes.get(mount!);
    return [
      {
        device,
        mount,
        fstype,
        options,
        ...(size && { size_total: size.total, size_available: size.available }),
      },
    ];
  });
  const uptime = Number((report.first('/proc/uptime') ?? '0').split(' ')[0]);
  const load = (report.first('/proc/loadavg') ?? '').split(' ').slice(0, 3).map(Number);
  return {
    mounts,
    uptime_seconds: Math.floor(uptime),
    loadavg: { '1m': load[0] ?? 0, '5m': load[1] ?? 0, '15m': load[2] ?? 0 },
  };
}

/** Which cgroup hierarchy the host has: kubeadm and the runtimes must agree with it. */
export function cgroupMode(report: Report): 'v1' | 'v2' | 'hybrid' | 'none' {
  const types = report
    .file('/proc/self/mounts')
    .map((line) => line.split(' '))
    .filter(([, mount]) => mount?.startsWith('/sys/fs/cgroup'));
  const v2 = types.some(([, , type]) => type === 'cgroup2');
  const v1 = types.some(([, , type]) => type === 'cgroup');
  if (v1) return v2 ? 'hybrid' : 'v1';
  return v2 ? 'v2' : 'none';
}
