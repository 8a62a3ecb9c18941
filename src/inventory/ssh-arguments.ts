import { SlipwayError } from '../base/errors.ts';
import { asBoolean, expandPath } from './connection-values.ts';
import { splitWords } from './words.ts';

/** What we take from a line of `ssh` options (`ansible_ssh_common_args`). */
export interface SshArguments {
  readonly jumps?: readonly string[];
  readonly hostKeyChecking?: 'yes' | 'accept-new' | 'no';
  readonly knownHostsFile?: string;
  /** Milliseconds. */
  readonly connectTimeout?: number;
  readonly privateKeyFile?: string;
  readonly port?: number;
  readonly user?: string;
  /** Options that have no meaning here, as written. */
  readonly ignored: readonly string[];
}

type Draft = { -readonly [K in keyof SshArguments]: SshArguments[K] } & { ignored: string[] };

/** They concern how OpenSSH shares connections and prints; leaving them out changes nothing. */
const HARMLESS = new Set([
  'controlmaster',
  'controlpersist',
  'controlpath',
  'loglevel',
  'serveraliveinterval',
  'serveralivecountmax',
  'compression',
  'preferredauthentications',
  'batchmode',
  'tcpkeepalive',
  'identitiesonly',
]);

/** @throws {SlipwayError} for an option that cannot be left out: a ProxyCommand that is no plain `ssh -W` */
export function readSshArguments(text: string, where: string): SshArguments {
  const draft: Draft = { ignored: [] };
  let words: string[];
  try {
    words = splitWords(text).words.map((word) => word.text);
  } catch (cause) {
    throw new SlipwayError('schema.invalid-value', `${where}: ${(cause as Error).message}`, { cause });
  }
  for (let at = 0; at < words.length; at++) {
    const word = words[at]!;
    const flag = /^-([JoipllFWSbceDELmOQRw])(.*)$/s.exec(word);
    if (!flag) {
      if (!/^-[CqvTtAaxX46]+$/.test(word)) draft.ignored.push(word);
      continue;
    }
    const value = flag[2] || (words[++at] ?? '');
    if (flag[1] === 'o') readOption(value, draft, where);
    else readFlag(flag[1]!, value, draft);
  }
  return draft;
}

function readFlag(flag: string, value: string, draft: Draft): void {
  if (flag === 'J') draft.jumps = jumpsOf(value);
  else if (flag === 'i') draft.privateKeyFile = expandPath(value);
  else if (flag === 'p') draft.port = Number(value);
  else if (flag === 'l') draft.user = value;
  else draft.ignored.push(`-${flag} ${value}`);
}

function jumpsOf(value: string): readonly string[] {
  return value === 'none' ? [] : value.split(',').map((hop) => hop.trim().replace(/^ssh:\/\//, ''));
}

function readOption(text: string, draft: Draft, where: string): void {
  const match = /^\s*(\w+)\s*[=\s]\s*(.*)$/s.exec(text);
  const name = match?.[1]?.toLowerCase() ?? '';
  const value = (match?.[2] ?? '').replace(/^"(.*)"$/s, '$1');
  if (name === 'proxyjump') draft.jumps = jumpsOf(value);
  else if (name === 'proxycommand') draft.jumps = jumpOfCommand(value, where);
  else if (name === 'stricthostkeychecking') draft.hostKeyChecking = checking(value, where);
  else if (name === 'userknownhostsfile') draft.knownHostsFile = expandPath(value.split(/\s+/)[0]!);
  else if (name === 'connecttimeout') draft.connectTimeout = Number(value) * 1000;
  else if (name === 'identityfile') draft.privateKeyFile = expandPath(value);
  else if (name === 'port') draft.port = Number(value);
  else if (name === 'user') draft.user = value;
  else if (!HARMLESS.has(name)) draft.ignored.push(`-o ${text}`);
}

function checking(value: string, where: string): 'yes' | 'accept-new' | 'no' {
  if (value === 'accept-new') return 'accept-new';
  if (value === 'ask') return 'yes';
  const on = asBoolean(value);
  if (on === undefined)
    throw new SlipwayError('schema.invalid-value', `${where}: StrictHostKeyChecking cannot be \`${value}\``, {
      hint: 'Allowed: yes, no, accept-new, ask.',
    });
  return on ? 'yes' : 'no';
}

/** `ssh -W %h:%p [-q] [-p N] user@bastion` is a jump; any other program cannot be run here. */
function jumpOfCommand(command: string, where: string): readonly string[] {
  const words = splitWords(command).words.map((word) => word.text);
  let host: string | undefined;
  let port: string | undefined;
  let user: string | undefined;
  let forward = false;
  let plain = /(^|\/)ssh$/.test(words[0] ?? '');
  for (let at = 1; at < words.length; at++) {
    const word = words[at]!;
    if (word === '-W') forward = words[++at] === '%h:%p';
    else if (word === '-p') port = words[++at];
    else if (word === '-l') user = words[++at];
    else if (/^-[qATtx]+$/.test(word)) continue;
    else if (word.startsWith('-') || host !== undefined) plain = false;
    else host = word;
  }
  if (!plain || !forward || host === undefined)
    throw new SlipwayError(
      'playbook.not-supported',
      `${where}: this ProxyCommand is not supported: ${command}`,
      {
        hint: 'Name the hosts on the way with `-J user@bastion:port` (or `-o ProxyJump=...`).',
      },
    );
  const target = host.includes('@') || user === undefined ? host : `${user}@${host}`;
  return [port === undefined ? target : `${target}:${port}`];
}
