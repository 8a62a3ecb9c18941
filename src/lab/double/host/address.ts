import { networkInterfaces, hostname } from 'node:os';
import { read } from './files.ts';
import { LAB_DIR } from './paths.ts';

/** The one address of a host that shares its network with others (a namespace lab); undefined on a host of its own. */
export function ownAddress(): string | undefined {
  const text = read(`${LAB_DIR}/address`)?.trim();
  return text === undefined || text === '' ? undefined : text;
}

/** The interface of the default route, from /proc/net/route. */
function defaultInterface(): string | undefined {
  const lines = (read('/proc/net/route') ?? '').split('\n').slice(1);
  return lines.map((line) => line.split('\t')).find((f) => f[1] === '00000000' && f[7] === '00000000')?.[0];
}

/** The address that a component advertises when it is not told: the lab's, else that of the default route. */
export function defaultAddress(): string {
  const own = ownAddress();
  if (own !== undefined) return own;
  const all = networkInterfaces();
  const first = defaultInterface();
  const names = [...(first === undefined ? [] : [first]), ...Object.keys(all)];
  for (const name of names) {
    const found = all[name]?.find((address) => address.family === 'IPv4' && !address.internal);
    if (found !== undefined) return found.address;
  }
  return '127.0.0.1';
}

/** Node names are host names in small letters. */
export function nodeName(): string {
  return (
    process.env['SLIPWAY_LAB_HOSTNAME'] ??
    read(`${LAB_DIR}/hostname`) ??
    read('/proc/sys/kernel/hostname') ??
    hostname()
  )
    .trim()
    .toLowerCase();
}
