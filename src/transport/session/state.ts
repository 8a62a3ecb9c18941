import type { Output } from '../types.ts';
import type { Entry } from './entry.ts';
import type { Shell } from './open.ts';

/** What a session needs from the connection that it runs on. */
export interface SessionParts {
  /** The host's name, for messages. */
  readonly host: string;
  /** A new shell as the session's user. */
  open(): Promise<Shell>;
  /** Whether opening again may help, given why it failed (it wanted a terminal, and gets one then). */
  again(error: unknown): boolean;
  /** Runs a script over a channel of its own, as the same user, now. */
  execute(script: string): Promise<Output>;
  /** Puts a script too long for a frame into a file on the host; returns its path there. */
  stage(script: string): Promise<string>;
}

/** Why the running step is being ended. */
export interface Ending {
  readonly reason: 'timeout' | 'cancel';
  readonly target: Entry;
  /** What the kill script said: `gone`, `passed`, `left PID...`; undefined where it could not be run. */
  readonly verdict: Promise<string | undefined>;
}

export interface State {
  readonly parts: SessionParts;
  /** Random; with a counter it makes the tags of the steps. */
  readonly name: string;
  count: number;
  /** Unsettled steps in order; those written to the shell come first. */
  readonly entries: Entry[];
  readonly failedChains: Set<number>;
  shell: Shell | undefined;
  opening: boolean;
  ending: Ending | undefined;
  /** Settles when the last ending is over. */
  ended: Promise<void>;
  /** Settles when the shell's end has been dealt with. */
  gone: Promise<void>;
  flushing: boolean;
  closed: boolean;
  roundTrips: number;
}
