import { type ChildProcess, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import type { PseudoTtyInfo, ServerChannel, Session } from 'ssh2';
import type { RunningHost } from '../namespaces/host.ts';
import type { SshSettings } from './ssh-server.ts';
import { type HostUser, hostUser, loginEnvironment } from './users.ts';

interface Terminal {
  rows: number;
  cols: number;
  readonly term: string;
  /** A file in the host that holds the terminal's name once it is there. */
  readonly file: string;
}

let terminals = 0;

/** Serves what a client asks for on one session channel: a command or a shell, with or without a terminal. */
export function serveSession(
  session: Session,
  host: RunningHost,
  login: string,
  settings: SshSettings,
): void {
  const given: Record<string, string> = {};
  let terminal: Terminal | undefined;
  let child: ChildProcess | undefined;

  session.on('pty', (accept, _reject, info) => {
    terminal = newTerminal(info);
    accept?.();
  });
  session.on('window-change', (accept, _reject, info) => {
    if (terminal) resize(host, terminal, info);
    accept?.();
  });
  session.on('env', (accept, reject, info) => {
    // As sshd's default AcceptEnv: a client must not set PATH or LD_PRELOAD.
    if (/^(LANG|LC_\w+|TZ|NO_COLOR|COLORTERM)$/.test(info.key)) {
      given[info.key] = info.val;
      accept?.();
    } else reject?.();
  });
  session.on('signal', (accept, _reject, info) => {
    if (child?.pid) signalGroup(child.pid, `SIG${info.name}` as NodeJS.Signals);
    accept?.();
  });
  const start = (channel: ServerChannel, command: string | undefined) => {
    run(channel, command).catch((error: Error) => {
      settings.log(`${host.config.name}: ssh: ${error.message}`);
      channel.stderr.write(`${error.message}\n`);
      channel.exit(127);
      channel.end();
    });
  };
  session.on('exec', (accept, _reject, info) => start(accept(), info.command));
  session.on('shell', (accept) => start(accept(), undefined));

  const run = async (channel: ServerChannel, command: string | undefined) => {
    const user = await hostUser(host.files, login);
    if (!user) throw new Error(`no user ${login} on this host`);
    const name = settings.mode === 'copy' ? (await host.files.read('/etc/hostname'))?.trim() : undefined;
    const env = { ...loginEnvironment(user, name), ...given, ...(terminal ? { TERM: terminal.term } : {}) };
    const argv = host.enter(commandLine(user, command, terminal), user);
    child = spawn(argv[0]!, argv.slice(1), { env, stdio: 'pipe', detached: true });
    attach(child, channel, terminal !== undefined);
  };
}

function newTerminal(info: PseudoTtyInfo): Terminal {
  terminals += 1;
  return {
    rows: info.rows,
    cols: info.cols,
    term: 'xterm-256color',
    file: `/run/slipway-lab/tty.${terminals}`,
  };
}

/** The user's login shell, as sshd starts it; with a terminal inside `script`, which makes one. */
function commandLine(user: HostUser, command: string | undefined, terminal: Terminal | undefined): string[] {
  const home = ['/bin/sh', '-c', 'cd "$HOME" 2>/dev/null; exec "$@"', 'sh'];
  if (!terminal) return [...home, user.shell, ...(command === undefined ? ['-l'] : ['-c', command])];
  const size = `stty rows ${terminal.rows} cols ${terminal.cols} 2>/dev/null; tty > ${terminal.file}`;
  const quoted = command === undefined ? '-l' : `-c '${command.replaceAll("'", "'\\''")}'`;
  const inner = `${size}; exec ${user.shell} ${quoted}`;
  return [...home, 'script', '-q', '-e', '-c', inner, '/dev/null'];
}

/** Joins a process and a channel the way sshd does: the exit code at once, the end when all output was read. */
function attach(child: ChildProcess, channel: ServerChannel, hasTerminal: boolean): void {
  const { stdin, stdout, stderr } = child;
  channel.pipe(stdin!);
  // A program that does not read all its input is no error; what still comes is thrown away.
  stdin!.on('error', () => (channel.unpipe(stdin!), channel.resume()));
  pump(stdout!, channel);
  if (!hasTerminal) pump(stderr!, channel.stderr);
  child.on('exit', (code, signal) => {
    if (signal === null) channel.exit(code ?? 255);
    else channel.exit(signal.slice(3), false, '');
  });
  // stderr has a buffer of its own; the end of the channel must come after it.
  child.on('close', () => channel.stderr.write('', () => channel.end()));
  child.on('error', (error) => {
    channel.stderr.write(`${error.message}\n`);
    channel.exit(127);
    channel.end();
  });
  channel.on('error', () => undefined);
  channel.on('close', () => {
    stdin!.destroy();
    // Nobody reads any more: a writer gets SIGPIPE, and a terminal's processes get SIGHUP.
    stdout!.destroy();
    stderr!.destroy();
    if (hasTerminal && child.pid) signalGroup(child.pid, 'SIGHUP');
  });
}

function pump(from: Readable, to: NodeJS.WritableStream): void {
  from.on('error', () => undefined);
  from.pipe(to, { end: false });
}

function resize(host: RunningHost, terminal: Terminal, info: { rows: number; cols: number }): void {
  terminal.rows = info.rows;
  terminal.cols = info.cols;
  const script = `read -r t < ${terminal.file} && exec stty -F "$t" rows ${info.rows} cols ${info.cols}`;
  const argv = host.enter(['/bin/sh', '-c', script]);
  spawn(argv[0]!, argv.slice(1), { stdio: 'ignore' }).on('error', () => undefined);
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // The group has ended already.
  }
}
