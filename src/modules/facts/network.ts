import type { Report } from './sections.ts';

interface Address4 {
  readonly address: string;
  readonly broadcast: string;
  readonly netmask: string;
  readonly network: string;
  readonly prefix: string;
}

interface Interface {
  readonly device: string;
  readonly v4: Address4[];
  readonly v6: { address: string; prefix: string; scope: string }[];
}

const dotted = (value: number) => [24, 16, 8, 0].map((shift) => (value >>> shift) & 255).join('.');
const number = (address: string) =>
  address.split('.').reduce((value, part) => ((value << 8) | Number(part)) >>> 0, 0);

function address4(address: string, prefix: number, broadcast?: string): Address4 {
  const mask = prefix === 0 ? 0 : (0xffffffff << (32 - prefix)) >>> 0;
  const network = (number(address) & mask) >>> 0;
  return {
    address,
    broadcast: broadcast ?? (prefix >= 31 ? '' : dotted((network | ~mask) >>> 0)),
    netmask: dotted(mask),
    network: dotted(network),
    prefix: String(prefix),
  };
}

export function networkFacts(report: Report): Record<string, unknown> {
  const interfaces = readInterfaces(report);
  const facts: Record<string, unknown> = {
    interfaces: interfaces.map(({ device }) => device),
    all_ipv4_addresses: interfaces.flatMap(({ v4 }) =>
      v4.map(({ address }) => address).filter((address) => !address.startsWith('127.')),
    ),
    all_ipv6_addresses: interfaces.flatMap(({ v6 }) =>
      v6.map(({ address }) => address).filter((address) => address !== '::1'),
    ),
    dns: dns(report.file('/etc/resolv.conf')),
    listening_tcp: listening([...report.file('/proc/net/tcp'), ...report.file('/proc/net/tcp6')]),
  };
  for (const one of interfaces) facts[one.device.replace(/[^A-Za-z0-9_]/g, '_')] = interfaceFact(report, one);
  facts['default_ipv4'] = defaultRoute(report, interfaces, 4);
  facts['default_ipv6'] = defaultRoute(report, interfaces, 6);
  return facts;
}

function readInterfaces(report: Report): Interface[] {
  const found = new Map<string, Interface>();
  for (const path of report.paths('/sys/class/net/')) {
    const device = path.split('/')[4]!;
    if (!found.has(device)) found.set(device, { device, v4: [], v6: [] });
  }
  const of = (device: string) => {
    const one = found.get(device) ?? { device, v4: [], v6: [] };
    found.set(device, one);
    return one;
  };
  for (const line of new Set(report.lines('links'))) {
    const fields = /^\d+:\s+(\S+)\s+(inet6?)\s+([0-9a-fA-F.:]+)(?:\s+peer\s+\S+?)?(?:\/(\d+))?\s(.*)$/.exec(
      line,
    );
    if (!fields) continue;
    const [, device, family, address, prefix, rest] = fields;
    const one = of(device!.replace(/@.*$/, ''));
    if (family === 'inet') {
      const broadcast = /\bbrd ([\d.]+)/.exec(rest!)?.[1] ?? '';
      one.v4.push(address4(address!, Number(prefix ?? 32), broadcast));
    } else {
      const scope = /\bscope (\w+)/.exec(rest!)?.[1] ?? 'global';
      one.v6.push({ address: address!, prefix: prefix ?? '128', scope });
    }
  }
  if (report.lines('links').length === 0) withoutIp(report, of);
  return [...found.values()];
}

/** A host without `ip`: the kernel's tables say the same, in hexadecimal. */
function withoutIp(report: Report, of: (device: string) => Interface): void {
  const routes = report
    .file('/proc/net/route')
    .slice(1)
    .map((line) => line.split(/\s+/))
    .map(([device, network, , , , , , mask]) => ({
      device: device!,
      network: little(network),
      mask: little(mask),
    }));
  const locals = new Set(report.lines('fib').flatMap((line) => /\|-- ([\d.]+)/.exec(line)?.[1] ?? []));
  for (const address of locals) {
    if (address.startsWith('127.')) {
      of('lo').v4.push(address4(address, 8));
      continue;
    }
    const route = routes
      .filter(({ mask }) => mask !== 0)
      .find(({ network, mask }) => (number(address) & mask) >>> 0 === network);
    if (!route) continue;
    of(route.device).v4.push(address4(address, Math.clz32(~route.mask)));
  }
  for (const line of report.file('/proc/net/if_inet6')) {
    const [hex, , prefix, scope, , device] = line.trim().split(/\s+/);
    if (!hex || !device) continue;
    const scopes: Record<string, string> = { '00': 'global', '10': 'host', '20': 'link' };
    of(device).v6.push({
      address: short6(hex),
      prefix: String(Number.parseInt(prefix!, 16)),
      scope: scopes[scope!] ?? 'global',
    });
  }
}

function little(hex: string | undefined): number {
  const bytes = (hex ?? '').match(/../g) ?? [];
  return Number.parseInt(bytes.reverse().join('') || '0', 16) >>> 0;
}

/** 32 hexadecimal digits as an address is written: the longest run of zeros becomes `::`. */
export function short6(hex: string): string {
  const words = (hex.match(/.{4}/g) ?? []).map((word) => word.replace(/^0+(?=.)/, '').toLowerCase());
  const runs = [...words.join(':').matchAll(/(?:^|:)(?:0(?::|$))+/g)].filter(
    (run) => run[0].match(/0/g)!.length > 1,
  );
  const longest = runs.sort((a, b) => b[0].length - a[0].length)[0];
  if (!longest) return words.join(':');
  const text = words.join(':');
  return `${text.slice(0, longest.index)}::${text.slice(longest.index + longest[0].length)}`;
}

function interfaceFact(report: Report, one: Interface): Record<string, unknown> {
  const value = (name: string) => report.first(`/sys/class/net/${one.device}/${name}`);
  const mac = value('address');
  const speed = Number(value('speed') ?? 0);
  const [first, ...others] = one.v4;
  return {
    device: one.device,
    ...(mac && { macaddress: mac }),
    mtu: Number(value('mtu') ?? 0),
    active: (Number.parseInt(value('flags') ?? '0', 16) & 1) === 1,
    type: typeOf(value),
    ...(speed > 0 && { speed }),
    ...(first && { ipv4: first }),
    ...(others.length > 0 && { ipv4_secondaries: others }),
    ...(one.v6.length > 0 && { ipv6: one.v6 }),
  };
}

function typeOf(value: (name: string) => string | undefined): string {
  if (value('bridge/stp_state') !== undefined) return 'bridge';
  if (value('bonding/mode') !== undefined) return 'bonding';
  const types: Record<string, string> = { '1': 'ether', '32': 'infiniband', '512': 'ppp', '772': 'loopback' };
  return types[value('type') ?? ''] ?? (value('type') === undefined ? 'unknown' : 'tunnel');
}

function defaultRoute(
  report: Report,
  interfaces: readonly Interface[],
  family: 4 | 6,
): Record<string, unknown> {
  const route = family === 4 ? (routeLine(report) ?? procRoute(report)) : procRoute6(report);
  if (!route) return {};
  const one = interfaces.find(({ device }) => device === route.device);
  const mac = report.first(`/sys/class/net/${route.device}/address`);
  const mtu = Number(report.first(`/sys/class/net/${route.device}/mtu`) ?? 0);
  const own =
    family === 4
      ? (one?.v4.find(({ address }) => address === route.source) ?? one?.v4[0])
      : (one?.v6.find(({ address }) => address === route.source) ??
        one?.v6.find(({ scope }) => scope === 'global'));
  return {
    interface: route.device,
    ...(route.gateway !== undefined && { gateway: route.gateway }),
    ...own,
    ...(own && family === 4 && { alias: route.device }),
    ...(mac && { macaddress: mac }),
    mtu,
    type: typeOf((name) => report.first(`/sys/class/net/${route.device}/${name}`)),
  };
}

interface Route {
  readonly device: string;
  readonly gateway?: string | undefined;
  readonly source?: string | undefined;
}

function routeLine(report: Report): Route | undefined {
  // The kernel lists the route that it takes (the least metric) first.
  const line = report.lines('links').find((text) => /^default .*dev \S+/.test(text));
  if (line === undefined) return undefined;
  return {
    device: / dev (\S+)/.exec(line)![1]!,
    gateway: / via (?:inet6? )?(\S+)/.exec(line)?.[1],
    source: / src (\S+)/.exec(line)?.[1],
  };
}

function procRoute(report: Report): Route | undefined {
  const line = report
    .file('/proc/net/route')
    .slice(1)
    .map((text) => text.split(/\s+/))
    .filter((fields) => fields[1] === '00000000' && fields[7] === '00000000')
    .sort((a, b) => Number(a[6]) - Number(b[6]))[0];
  return line && { device: line[0]!, gateway: dotted(little(line[2])) };
}

/** The default route of IPv6 in the kernel's table; one that is a refusal has the flag 0x200. */
function procRoute6(report: Report): Route | undefined {
  const best = report
    .file('/proc/net/ipv6_route')
    .map((text) => text.trim().split(/\s+/))
    .filter((fields) => /^0{32}$/.test(fields[0]!) && fields[1] === '00' && fields.length === 10)
    .filter((fields) => (Number.parseInt(fields[8]!, 16) & 0x200) === 0)
    .sort((a, b) => Number.parseInt(a[5]!, 16) - Number.parseInt(b[5]!, 16))[0];
  if (!best) return undefined;
  const gateway = /^0{32}$/.test(best[4]!) ? undefined : short6(best[4]!);
  return { device: best[9]!, gateway };
}

function dns(lines: readonly string[]): Record<string, unknown> {
  const facts: Record<string, unknown> = {};
  const nameservers: string[] = [];
  for (const line of lines) {
    const [key, ...values] = line
      .replace(/[#;].*$/, '')
      .trim()
      .split(/\s+/);
    if (key === 'nameserver' && values[0]) nameservers.push(values[0]);
    if (key === 'domain') facts['domain'] = values[0];
    if (key === 'search') facts['search'] = values;
    if (key === 'options')
      facts['options'] = Object.fromEntries(
        values.map((option) => {
          const [name, value] = option.split(':');
          return [name!, value ?? true];
        }),
      );
  }
  return nameservers.length > 0 ? { nameservers, ...facts } : facts;
}

function listening(lines: readonly string[]): { address: string; port: number }[] {
  const seen = new Map<string, { address: string; port: number }>();
  for (const line of lines) {
    const found = /^ *\d+: ([0-9A-F]+):([0-9A-F]{4}) [0-9A-F]+:0000 0A /.exec(line);
    if (!found) continue;
    const port = Number.parseInt(found[2]!, 16);
    const hex = found[1]!;
    const words = (hex.match(/.{8}/g) ?? []).map((word) => (word.match(/../g) ?? []).reverse().join(''));
    const address = hex.length === 8 ? dotted(little(hex)) : short6(words.join(''));
    seen.set(`${address} ${port}`, { address, port });
  }
  return [...seen.values()].sort((a, b) => a.port - b.port || (a.address < b.address ? -1 : 1));
}
