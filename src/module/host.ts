import type { Duplex, Readable } from 'node:stream';
import type { Output } from '../transport/types.ts';
import type { Program } from './program.ts';

export interface RunOptions {
  /** Called with each piece of output as it comes (already decoded; not sanitised). */
  readonly onOutput?: (stream: 'stdout' | 'stderr', text: string) => void;
  /** Milliseconds; then the step and all that it started is killed and `task.timeout` thrown. */
  readonly timeout?: number;
  /** Accept any exit code instead of throwing `task.command`. */
  readonly anyExit?: boolean;
  /** Survives a lost connection: the engine re-attaches. */
  readonly detached?: boolean;
}

/** Bytes on the controller that are to be sent: a file's path, the content itself, or a stream of known size. */
export type Content =
  | { readonly path: string; readonly size: number }
  | { readonly bytes: Uint8Array }
  | { readonly stream: Readable; readonly size: number };

export interface SendOptions extends RunOptions {
  /** Gets the bytes sent so far, and leaves the line in the view to whoever counts several transfers. */
  readonly onSent?: (bytes: number) => void;
}

/** A host as an imperative `apply` sees it: the same session, become user and environment as the task's. */
export interface Host {
  readonly name: string;
  /** Runs sh. @throws {SlipwayError} `task.command` on a non-zero exit unless `anyExit`. */
  run(program: Program, options?: RunOptions): Promise<Output>;
  /**
   * Streams content into `program`'s stdin (`cat > tmp`, `docker load`), in order, without holding it in memory, and
   * reports progress in bytes by itself.
   */
  send(content: Content, program: Program, options?: SendOptions): Promise<Output>;
  /** Streams `program`'s stdout into a file on the controller. Returns bytes written. */
  receive(program: Program, toPath: string, options?: RunOptions): Promise<number>;
  /**
   * A stream to a unix socket of the host, over its one connection. `via` is a program that joins its stdin and stdout
   * with the socket (`docker system dial-stdio`): it is run where the login user may not do it, as the task's user.
   * The stream ends with the task's timeout and with the run, and is destroyed with a SlipwayError that says why.
   */
  dial(socket: string, via: Program, options?: Pick<RunOptions, 'timeout'>): Promise<Duplex>;
  /** Another host of the inventory by name, with the same become settings. */
  on(host: string): Host;
  /** The same host as the user who logs in, without become. */
  login(): Host;
  /**
   * What the hosts of a play that do this task share, for those that help each other: made by the one that comes first.
   * Hosts come to a task when they do (`strategy: free`), and some never.
   */
  together<T>(make: () => T): T;
  /**
   * Done when the play is over for all of its hosts, also where the task failed or the run was interrupted: for what
   * others may need as long as that.
   */
  afterwards(work: (host: Host) => Promise<void>): void;
  /** What is being done, for the task's line in the view; `fraction` is 0 to 1. */
  progress(text: string, fraction?: number): void;
  /** Closes the connection and waits until the host answers again (after a reboot). Milliseconds. */
  reconnect(options: { readonly timeout: number }): Promise<void>;
  /** Resolves with what others bring about, or rejects at once when the run is cancelled. */
  until<T>(event: Promise<T>): Promise<T>;
  /** Resolves after some milliseconds, or rejects at once when the run is cancelled. */
  sleep(milliseconds: number): Promise<void>;
}

/** The controller, as `prepare` sees it. Paths are looked up as Ansible does: role's folder first, then the playbook's. */
export interface Local {
  /** Where `name` is found: in `folder` ("files", "templates") of the role and the playbook, beside them, or absolute. */
  find(name: string, folder: 'files' | 'templates' | 'tasks' | 'vars' | '.'): Promise<string>;
  /** Stat of a path on the controller: undefined where nothing is. */
  stat(path: string): Promise<
    | {
        readonly size: number;
        readonly directory: boolean;
        readonly mode: number;
        /** When it was last written, in milliseconds, where that is known. */
        readonly written?: number;
      }
    | undefined
  >;
  /** Where a symbolic link leads; undefined for all else. */
  link(path: string): Promise<string | undefined>;
  /** Paths of all files below a directory, relative to it, sorted. */
  list(path: string): Promise<readonly string[]>;
  read(path: string): Promise<Uint8Array>;
  /** A file's bytes as they are needed, for one too big to hold: all, or from `start` up to, not with, `end`. */
  open(path: string, range?: { readonly start: number; readonly end: number }): Readable;
  /** Lower-case hex, streamed, so a large file is not held in memory. */
  sha256(path: string): Promise<string>;
  write(path: string, bytes: Uint8Array, mode?: number): Promise<void>;
  /** Renders a template file with the variables of this task and host. */
  render(path: string, extra?: Readonly<Record<string, unknown>>): Promise<string>;
  /** Whether a text holds a value that is to be redacted. */
  isSecret(text: string): boolean;
  /** The folder in which relative results (`fetch: dest`) land: where the command was started. */
  readonly workingDirectory: string;
}
