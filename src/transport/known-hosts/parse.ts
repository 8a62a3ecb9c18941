import { createHmac } from 'node:crypto';

/** One usable line of a known_hosts file. */
export interface KnownHost {
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
  readonly marker: 'revoked' | 'cert-authority' | undefined;
  /** Whether the line is about a host: `name`, or `[name]:port` where the port is not 22. */
  readonly matches: (host: string) => boolean;
  readonly type: string;
  /** The key, base64 as in the file. */
  readonly key: string;
}

/** Reads a known_hosts file. Lines that make no sense are passed over, as OpenSSH does. */
export function parseKnownHosts(text: string, file: string): KnownHost[] {
  return text.split('\n').flatMap((line, index) => {
    const words = line.trim().split(/[ \t]+/);
    if (!words[0] || words[0].startsWith('#')) return [];
    const marker = words[0].startsWith('@') ? words.shift()?.slice(1) : undefined;
    const [hosts, type, key] = words;
    if (!hosts || !type || !key || !/^[A-Za-z0-9+/]+=*$/.test(key)) return [];
    if (marker !== undefined && marker !== 'revoked' && marker !== 'cert-authority') return [];
    return [{ file, line: index + 1, marker, matches: matcher(hosts), type, key }];
  });
}

function matcher(hosts: string): (host: string) => boolean {
  if (hosts.startsWith('|1|')) return hashedMatcher(hosts);
  const patterns = hosts
    .split(',')
    .filter(Boolean)
    .map((pattern) => {
      const not = pattern.startsWith('!');
      return { not, matches: globMatcher((not ? pattern.slice(1) : pattern).toLowerCase()) };
    });
  return (host) => {
    const name = host.toLowerCase();
    const hits = patterns.filter((pattern) => pattern.matches(name));
    return hits.length > 0 && !hits.some((hit) => hit.not);
  };
}

/** `|1|salt|HMAC-SHA1(salt, name)`: the name cannot be read from the file. */
function hashedMatcher(hosts: string): (host: string) => boolean {
  const [, , salt = '', hash = ''] = hosts.split('|');
  const key = Buffer.from(salt, 'base64');
  return (host) => createHmac('sha1', key).update(host.toLowerCase()).digest('base64') === hash;
}

function globMatcher(pattern: string): (name: string) => boolean {
  if (!/[*?]/.test(pattern)) return (name) => name === pattern;
  // Runs of `*` are one `*`, so that no pattern takes exponential time.
  const source = pattern
    .replace(/\*+/g, '*')
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  const expression = new RegExp(`^${source}$`);
  return (name) => expression.test(name);
}
