import { homedir, userInfo } from 'node:os';
import { join } from 'node:path';
import { expandIncludes } from './include.ts';

/** What ~/.ssh/config and /etc/ssh/ssh_config say of a host; undefined where they say nothing. */
export interface HostConfig {
  readonly hostName: string | undefined;
  readonly user: string | undefined;
  readonly port: number | undefined;
  readonly identityFiles: readonly string[] | undefined;
  readonly identitiesOnly: boolean;
  /** Path of the agent's socket; `none` switches it off. */
  readonly identityAgent: string | undefined;
  /** Hops, first one first. */
  readonly proxyJump: readonly string[] | undefined;
  readonly userKnownHostsFiles: readonly string[] | undefined;
  readonly strictHostKeyChecking: 'yes' | 'accept-new' | 'no' | undefined;
  readonly hostKeyAlias: string | undefined;
  /** Milliseconds. */
  readonly connectTimeout: number | undefined;
  /** Milliseconds. */
  readonly aliveInterval: number | undefined;
}

export type LookUp = (host: string, user: string | undefined) => HostConfig;

/** Reads the user's SSH configuration once. `Match exec` is not run. */
export async function readSshConfig(
  files: readonly string[] = [join(homedir(), '.ssh', 'config'), '/etc/ssh/ssh_config'],
): Promise<LookUp> {
  const home = homedir();
  const local = userInfo().username;
  const text = files
    .map((file, index) => expandIncludes(file, index === 0 ? join(home, '.ssh') : '/etc/ssh', home))
    // A section of the first file must not go on into the second.
    .join('\nHost *\n');
  if (text.trim() === 'Host *') return (host, user) => hostConfig({}, host, user, local);
  const { default: SSHConfig } = await import('ssh-config');
  const config = SSHConfig.parse(text);
  return (host, user) => {
    const query = user === undefined ? { Host: host } : { Host: host, User: user };
    const found = config.compute(query, { ignoreCase: true, matchExec: false });
    return hostConfig(found, host, user, local);
  };
}

function hostConfig(
  found: Record<string, string | string[]>,
  host: string,
  given: string | undefined,
  local: string,
): HostConfig {
  const one = (name: string) => {
    const value = found[name];
    return Array.isArray(value) ? value[0] : value;
  };
  const all = (name: string) => {
    const value = found[name];
    return value === undefined ? undefined : [value].flat();
  };
  const hostName = one('hostname')?.replace(/%[%hn]/g, (token) => (token === '%%' ? '%' : host));
  const user = one('user');
  const port = number(one('port'));
  const path = (text: string) =>
    text
      .replace(/^~(?=\/|$)/, homedir())
      .replace(/\$\{(\w+)\}/g, (_, name: string) => process.env[name] ?? '')
      .replace(/%[%dhnpru]/g, (token) => {
        const tokens: Record<string, string> = { d: homedir(), h: hostName ?? host, n: host, u: local };
        tokens['p'] = String(port ?? 22);
        tokens['r'] = given ?? user ?? local;
        return token === '%%' ? '%' : (tokens[token[1]!] ?? '');
      });
  const jump = one('proxyjump');
  const agent = one('identityagent');
  return {
    hostName,
    user,
    port,
    identityFiles: all('identityfile')
      ?.filter((file) => file !== 'none')
      .map(path),
    identitiesOnly: one('identitiesonly')?.toLowerCase() === 'yes',
    identityAgent: agent === 'SSH_AUTH_SOCK' ? undefined : agent && path(agent),
    proxyJump:
      jump === undefined || jump.toLowerCase() === 'none'
        ? undefined
        : jump.split(',').map((hop) => hop.trim()),
    userKnownHostsFiles: all('userknownhostsfile')
      ?.flatMap((files) => files.split(/\s+/))
      .filter((file) => file !== 'none')
      .map(path),
    strictHostKeyChecking: checking(one('stricthostkeychecking')),
    hostKeyAlias: one('hostkeyalias'),
    connectTimeout: seconds(one('connecttimeout')),
    aliveInterval: seconds(one('serveraliveinterval')),
  };
}

function checking(value: string | undefined): HostConfig['strictHostKeyChecking'] {
  switch (value?.toLowerCase()) {
    case 'no':
    case 'off':
      return 'no';
    case 'accept-new':
      return 'accept-new';
    case 'yes':
      return 'yes';
    // `ask` is what we do anyway: nobody is there to be asked, so it is refused.
    default:
      return undefined;
  }
}

function number(text: string | undefined): number | undefined {
  const value = Number(text);
  return text === undefined || !Number.isInteger(value) || value <= 0 ? undefined : value;
}

function seconds(text: string | undefined): number | undefined {
  const value = number(text);
  return value === undefined ? undefined : value * 1000;
}
