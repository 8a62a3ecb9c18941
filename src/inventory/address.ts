import { type Problems, SlipwayError } from '../base/errors.ts';
import type { Scope } from '../expression/types.ts';
import type { Become, HostAddress } from '../transport/types.ts';
import { type ConnectionValues, connectionValues, expandPath } from './connection-values.ts';
import { readSshArguments } from './ssh-arguments.ts';

/** What the command line says about connections; variables of a host win over it, as in Ansible. */
export interface ConnectionFlags {
  readonly connection?: string | undefined;
  readonly user?: string | undefined;
  readonly privateKeyFile?: string | undefined;
  readonly password?: string | undefined;
  /** Milliseconds. */
  readonly timeout?: number | undefined;
  readonly hostKeyChecking?: 'yes' | 'accept-new' | 'no' | undefined;
  readonly knownHostsFile?: string | undefined;
  /** `--ssh-common-args`. */
  readonly sshArguments?: string | undefined;
}

/**
 * How to reach a host, from its variables and the flags.
 * @param problems gets a warning for each ssh option that has no meaning here
 * @throws {SlipwayError} schema.wrong-type, schema.invalid-value, playbook.not-supported
 */
export function hostAddress(
  scope: Scope,
  name: string,
  flags: ConnectionFlags = {},
  problems?: Problems,
): HostAddress {
  const values = connectionValues(scope, name);
  const connection = connectionOf(values, flags);
  const given = ['ansible_ssh_common_args', 'ansible_ssh_extra_args', 'ansible_ssh_args'];
  const line = [...given.map((variable) => values.text(variable)), flags.sshArguments]
    .filter(Boolean)
    .join(' ');
  const ssh = readSshArguments(line, `ssh arguments of ${name}`);
  for (const ignored of ssh.ignored)
    problems?.warn(
      'schema.invalid-value',
      `ssh arguments of ${name}: \`${ignored}\` has no meaning here and is left out`,
    );
  const checked = values.boolean('ansible_ssh_host_key_checking', 'ansible_host_key_checking');
  const key = values.text('ansible_ssh_private_key_file', 'ansible_private_key_file') ?? flags.privateKeyFile;
  const seconds = values.number('ansible_ssh_timeout', 'ansible_timeout');
  const port = values.number('ansible_port', 'ansible_ssh_port') ?? ssh.port;
  if (port !== undefined && !(Number.isInteger(port) && port > 0 && port < 65536))
    throw new SlipwayError('schema.invalid-value', `\`ansible_port\` of ${name} is not a port: ${port}`);
  return {
    name,
    connection,
    host: values.text('ansible_host', 'ansible_ssh_host') ?? name,
    port,
    user: values.text('ansible_user', 'ansible_ssh_user') ?? ssh.user ?? flags.user,
    password: values.text('ansible_password', 'ansible_ssh_pass', 'ansible_ssh_password') ?? flags.password,
    privateKeyFile: key === undefined ? ssh.privateKeyFile : expandPath(key),
    jumps: ssh.jumps,
    hostKeyChecking:
      ssh.hostKeyChecking ?? (checked === undefined ? flags.hostKeyChecking : checked ? 'yes' : 'no'),
    knownHostsFile: ssh.knownHostsFile ?? flags.knownHostsFile,
    connectTimeout: seconds === undefined ? (ssh.connectTimeout ?? flags.timeout) : seconds * 1000,
  };
}

function connectionOf(values: ConnectionValues, flags: ConnectionFlags): 'ssh' | 'local' {
  const given = values.text('ansible_connection') ?? flags.connection;
  if (given === undefined) return 'ssh';
  const plain = given.replace(/^ansible\.builtin\./, '');
  if (['ssh', 'smart', 'paramiko', 'paramiko_ssh', 'openssh'].includes(plain)) return 'ssh';
  if (plain === 'local') return 'local';
  throw new SlipwayError(
    'playbook.not-supported',
    `the connection \`${given}\` of ${values.host} is not supported`,
    {
      hint: 'Set `ansible_connection` to ssh or local.',
    },
  );
}

/** `become` and its kin of a play or task, evaluated. */
export interface BecomeValues {
  readonly become?: unknown;
  readonly user?: unknown;
  readonly method?: unknown;
  readonly flags?: unknown;
}

export interface BecomeFlags {
  readonly become?: boolean | undefined;
  readonly user?: string | undefined;
  readonly method?: string | undefined;
  readonly password?: string | undefined;
}

const METHODS: readonly Become['method'][] = ['sudo', 'su', 'doas'];

/** A method by its name, with or without its collection; undefined for one that is not supported. */
export function becomeMethod(name: string): Become['method'] | undefined {
  return METHODS.find((each) => each === name.replace(/^ansible\.builtin\.|^community\.general\./, ''));
}

export const BECOME_METHODS: readonly string[] = METHODS;

/**
 * Which user a step becomes: the host's variables win over keywords, those over flags, as in Ansible.
 * @returns undefined where nobody is to be become
 * @throws {SlipwayError} schema.wrong-type, playbook.not-supported
 */
export function becomeOf(
  scope: Scope,
  name: string,
  keywords: BecomeValues = {},
  flags: BecomeFlags = {},
): Become | undefined {
  const values = connectionValues(scope, name);
  const written = connectionValues(recordOf(keywords), name);
  const wanted = values.boolean('ansible_become') ?? written.boolean('become') ?? flags.become ?? false;
  if (!wanted) return undefined;
  const method =
    values.text('ansible_become_method') ?? written.text('become_method') ?? flags.method ?? 'sudo';
  const known = becomeMethod(method);
  if (!known)
    throw new SlipwayError(
      'playbook.not-supported',
      `${name} wants \`become_method: ${method}\`, which is not supported`,
      {
        hint: `Use one of ${METHODS.join(', ')}.`,
      },
    );
  const password = ['ansible_become_password', 'ansible_become_pass'];
  return {
    method: known,
    user: values.text('ansible_become_user') ?? written.text('become_user') ?? flags.user ?? 'root',
    password:
      values.text(...password, `ansible_${known}_pass`, `ansible_${known}_password`) ?? flags.password,
    flags: values.text('ansible_become_flags') ?? written.text('become_flags'),
  };
}

function recordOf(keywords: BecomeValues): Scope {
  const record: Readonly<Record<string, unknown>> = {
    become: keywords.become,
    become_user: keywords.user,
    become_method: keywords.method,
    become_flags: keywords.flags,
  };
  return {
    get: (name) => record[name],
    has: (name) => record[name] !== undefined,
    names: () => Object.keys(record),
  };
}
