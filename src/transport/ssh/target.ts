import { userInfo } from 'node:os';
import { SlipwayError } from '../../base/errors.ts';
import { knownName } from '../known-hosts/check.ts';
import { DEFAULT_FILES, GLOBAL_FILES } from '../known-hosts/files.ts';
import type { TransportOptions } from '../options.ts';
import { DEFAULT_KEYS } from './keys.ts';
import type { HostAddress } from '../types.ts';
import type { HostConfig, LookUp } from './config.ts';

/** One hop, with all that is needed to connect to it. */
export interface Target {
  /** The host's name in the inventory; for a jump host how it was written. */
  readonly label: string;
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string | undefined;
  /** Key files that must be tried, in order; undefined: the usual ones in ~/.ssh. */
  readonly keyFiles: readonly string[] | undefined;
  readonly identitiesOnly: boolean;
  readonly agent: string | undefined;
  readonly knownHostsName: string;
  readonly knownHostsFiles: readonly string[];
  readonly checking: 'yes' | 'accept-new' | 'no';
  readonly aliveInterval: number;
}

/** Milliseconds for the whole way to an authenticated connection, where nobody says otherwise. */
const CONNECT_TIMEOUT = 30_000;
/** Three of these without an answer, and the connection counts as lost. */
const ALIVE_INTERVAL = 10_000;
/** Jump hosts that have jump hosts in their own configuration. */
const MOST_HOPS = 16;

export interface Route {
  /** Jump hosts first, the host itself last. */
  readonly hops: readonly Target[];
  readonly timeout: number;
}

/** Finds the way to a host: the inventory's word first, then ~/.ssh/config, then the defaults. */
export function routeTo(address: HostAddress, lookUp: LookUp, options: TransportOptions): Route {
  const config = lookUp(address.host, address.user);
  const jumps = address.jumps ?? config.proxyJump ?? [];
  const last = target(address.name, address, config, options);
  return {
    hops: [...jumpTargets(address, jumps, lookUp, options), last],
    timeout: address.connectTimeout ?? config.connectTimeout ?? CONNECT_TIMEOUT,
  };
}

function jumpTargets(
  address: HostAddress,
  jumps: readonly string[],
  lookUp: LookUp,
  options: TransportOptions,
  depth = 0,
): Target[] {
  if (depth > MOST_HOPS) {
    throw new SlipwayError('connect.unreachable', `${address.name}: its jump hosts lead back to each other`, {
      hint: 'Look for a circle of ProxyJump lines in ~/.ssh/config.',
    });
  }
  return jumps.flatMap((jump, index) => {
    const hop = parseJump(address.name, jump);
    const config = lookUp(hop.host, hop.user);
    const { hostKeyChecking, knownHostsFile } = address;
    const given = { ...hop, hostKeyChecking, knownHostsFile };
    const own = target(`jump host ${jump}`, given, config, options);
    // Only the first hop is reached from here, so only its own jumps count.
    const before = index === 0 && config.proxyJump ? config.proxyJump : [];
    // OpenSSH leaves the host's key out here, and people wonder: where nothing else is named for the jump host, it is
    // offered, too.
    const key = own.keyFiles ? undefined : address.privateKeyFile;
    const keyed = key === undefined ? own : { ...own, keyFiles: [key, ...DEFAULT_KEYS] };
    return [...jumpTargets(address, before, lookUp, options, depth + 1), keyed];
  });
}

/** `user@host:port`, `host`, `[::1]:22`, `ssh://user@host:port`. */
export function parseJump(name: string, text: string): { host: string; user?: string; port?: number } {
  const match = /^(?:ssh:\/\/)?(?:([^@]+)@)?(?:\[([^\]]+)\]|([^:@/]+))(?::(\d+))?\/?$/.exec(text.trim());
  const host = match?.[2] ?? match?.[3];
  if (!match || !host) {
    throw new SlipwayError('connect.dns', `${name}: "${text}" cannot be understood as a jump host`, {
      hint: 'Write user@host:port; several are separated by commas.',
    });
  }
  return { host, ...(match[1] && { user: match[1] }), ...(match[4] && { port: Number(match[4]) }) };
}

type Given = Pick<
  HostAddress,
  'host' | 'port' | 'user' | 'password' | 'privateKeyFile' | 'hostKeyChecking' | 'knownHostsFile'
>;

function target(label: string, given: Given, config: HostConfig, options: TransportOptions): Target {
  const host = config.hostName ?? given.host;
  const port = given.port ?? config.port ?? 22;
  const checking =
    given.hostKeyChecking ??
    (options.acceptNewHostKeys ? 'accept-new' : (config.strictHostKeyChecking ?? 'yes'));
  const files = given.knownHostsFile
    ? [given.knownHostsFile]
    : (options.knownHostsFiles ??
      (config.userKnownHostsFiles && [...config.userKnownHostsFiles, ...GLOBAL_FILES]));
  const agent = config.identityAgent ?? process.env['SSH_AUTH_SOCK'];
  return {
    label,
    host,
    port,
    user: given.user ?? config.user ?? userInfo().username,
    password: given.password,
    keyFiles: given.privateKeyFile
      ? [given.privateKeyFile, ...(config.identityFiles ?? [])]
      : config.identityFiles,
    identitiesOnly: config.identitiesOnly,
    agent: agent === 'none' || agent === '' ? undefined : agent,
    knownHostsName: config.hostKeyAlias ?? knownName(host, port),
    knownHostsFiles: files && files.length > 0 ? files : DEFAULT_FILES,
    checking,
    aliveInterval: config.aliveInterval ?? ALIVE_INTERVAL,
  };
}
