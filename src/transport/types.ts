import type { Duplex, Readable, Writable } from 'node:stream';

/** What a step printed and how it ended. Text is decoded as UTF-8 (invalid bytes become U+FFFD). */
export interface Output {
  /** Exit code; 128 + n for a signal n. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** True when stdout or stderr was longer than the limit; its head and tail are kept. */
  readonly truncated?: boolean;
  /** Of a step that was `timed`. */
  readonly clock?: Clock;
}

/** When a step ran, by the host. Its uptime tells how long, so that no change of the time of day counts. */
export interface Clock {
  /** Seconds since the host was started. */
  readonly begun: number;
  readonly ended: number;
  /** The host's local time (`2026-01-31T12:00:00.123456789`) when it had been up for so long. */
  readonly date: string;
  readonly at: number;
}

/** A command running on a host. Both outputs must be read, or `exit` never settles. */
export interface Channel {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Settles when the command has ended and both outputs are drained; rejects with `connect.lost`. */
  readonly exit: Promise<{ readonly code: number }>;
  /** Closes the channel; the command gets SIGHUP where the server sends it. */
  close(): void;
}

/** An open connection to a host: SSH, or this machine. */
export interface Connection {
  /** The host's name in the inventory. */
  readonly host: string;
  /**
   * Starts a command line (given to the login shell). Queues above the channel limit, unless it is `urgent` (ending
   * what runs must not wait for it).
   */
  open(command: string, options?: { readonly urgent?: boolean }): Promise<Channel>;
  /** A stream to a unix socket on the host (for the Docker API). */
  forwardUnix(path: string): Promise<Duplex>;
  /** Settles once, with the reason, when the connection is gone; undefined when it was closed by us. */
  readonly closed: Promise<Error | undefined>;
  close(): void;
}

/** How to become another user. */
export interface Become {
  readonly method: 'sudo' | 'su' | 'doas';
  readonly user: string;
  readonly password?: string | undefined;
  /** More flags for the method (`ansible_become_flags`). */
  readonly flags?: string | undefined;
  /** Give the method a controlling terminal; found out by itself where sudoers has `requiretty`. */
  readonly terminal?: boolean | undefined;
}

/** How to reach a host; made from inventory variables and flags. */
export interface HostAddress {
  /** Name in the inventory, for messages. */
  readonly name: string;
  readonly connection: 'ssh' | 'local';
  /** Undefined fields are looked up in ~/.ssh/config, then defaulted. */
  readonly host: string;
  readonly port?: number | undefined;
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  readonly privateKeyFile?: string | undefined;
  /** `user@host:port` hops, first one first (`ansible_ssh_common_args -J`, ProxyJump). */
  readonly jumps?: readonly string[] | undefined;
  /** `host-key-checking`: refuse unknown keys (yes), pin them (accept-new), or take any key (no; says so). */
  readonly hostKeyChecking?: 'yes' | 'accept-new' | 'no' | undefined;
  readonly knownHostsFile?: string | undefined;
  /** Milliseconds for the whole way to an authenticated connection. */
  readonly connectTimeout?: number | undefined;
}

/** What a transport may ask a person or the agent for. */
export interface Credentials {
  /** Asked for a key file, `again` where the answer before was wrong; undefined when there is nobody to ask. */
  readonly passphrase?: (keyFile: string, again: boolean) => Promise<string | undefined>;
  readonly password?: (userAtHost: string) => Promise<string | undefined>;
}

export interface Step {
  /** sh text, run in a subshell with stdin from /dev/null. */
  readonly script: string;
  /** Set around this step only. */
  readonly environment?: Readonly<Record<string, string>> | undefined;
  /** Steps with the same chain: after one has failed (non-zero exit), the rest are not run and give `undefined`. */
  readonly chain?: number | undefined;
  /** Runs although its chain has failed, and yet fails it: an item of a loop, behind which other steps wait. */
  readonly always?: boolean | undefined;
  readonly onOutput?: ((stream: 'stdout' | 'stderr', text: string) => void) | undefined;
  /** Milliseconds from the moment the step starts on the host. */
  readonly timeout?: number | undefined;
  /**
   * What it prints on stdout comes as a whole when it has ended: one message in place of one for each line. For text in
   * lines only, since a shell keeps it meanwhile: no NULs, and exactly one newline at the end.
   */
  readonly whole?: boolean | undefined;
  /** Whether its output tells when it ran. The date is asked for once a session; after that no program is started. */
  readonly timed?: boolean | undefined;
  /** Bytes kept of each stream (half head, half tail); default 1 MiB. */
  readonly limit?: number | undefined;
}

/**
 * One long-lived `sh` of one user on one connection. Steps given while others run are written at once and run in
 * order, so several steps cost one round trip.
 */
export interface Session {
  /**
   * @returns undefined when an earlier step of the same chain failed, so that this one was not run.
   * @throws {SlipwayError} connect.lost, connect.shell (the step killed the shell), task.timeout, task.cancelled
   */
  run(step: Step): Promise<Output | undefined>;
  /** Kills what is running now, with all that it started; the session stays usable. */
  cancel(): Promise<void>;
  /** How often a message was sent while nothing was in flight: the round trips that the work took. */
  readonly roundTrips: number;
  close(): void;
}

/** A host as the engine uses it: one connection, a session for each become user, transfers beside them. */
export interface Remote {
  readonly name: string;
  session(become: Become | undefined): Promise<Session>;
  /** Streams into a command's stdin over a channel of its own. `onProgress` gets bytes sent so far. */
  send(
    from: { readonly path: string } | { readonly bytes: Uint8Array } | { readonly stream: Readable },
    command: Step,
    become: Become | undefined,
    onProgress?: (bytes: number) => void,
  ): Promise<Output>;
  /** Streams a command's stdout into a file on the controller. */
  receive(
    command: Step,
    become: Become | undefined,
    toPath: string,
  ): Promise<{ output: Output; bytes: number }>;
  /**
   * A stream to a unix socket of the host, over the one connection: opened by the SSH server for the login user, else
   * (and where that is refused) by `via`, a command that joins its stdin and stdout with the socket. Ended by
   * `via.timeout` and `cancel`; destroyed with a SlipwayError that says why: connect.lost, task.timeout,
   * task.cancelled, or task.command when `via` failed.
   */
  dial(path: string, via: Step, become: Become | undefined): Promise<Duplex>;
  /** Kills all running steps of all sessions; milliseconds to wait at most. */
  cancel(grace: number): Promise<void>;
  /** Closes and connects anew, retrying until `timeout` milliseconds have passed. */
  reconnect(timeout: number): Promise<void>;
  readonly roundTrips: number;
  close(): void;
}

/** Opens hosts; the engine gets one of these and knows nothing of SSH. */
export interface Transport {
  /** @throws {SlipwayError} connect.* */
  connect(address: HostAddress, signal?: AbortSignal): Promise<Remote>;
  close(): void;
}
