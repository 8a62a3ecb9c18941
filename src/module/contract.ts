import type { Static, TObject, TSchema } from 'typebox';
import type { Output } from '../transport/types.ts';
import type { Host, Local } from './host.ts';
import type { Doer, Effect, Outlook, Subject, Unclear } from './outlook.ts';
import type { Program } from './program.ts';

/** One difference, for `--diff`. Unified diffs are made from `before`/`after` by the views. */
export interface Difference {
  /** What differs: a path, or the name of a setting ("mode", "enabled"). */
  readonly subject: string;
  /** Absent means that there is nothing yet. */
  readonly before?: string | undefined;
  /** Absent means that it will be removed. */
  readonly after?: string | undefined;
  /** What it becomes is decided only when it is done; `after` says how. */
  readonly open?: boolean;
  /** `content` is shown line by line, `value` as "before -> after". */
  readonly kind?: 'content' | 'value';
}

export type Verdict<Change> =
  /** Nothing to do; `why` completes "already so: ...". */
  | { readonly verdict: 'same'; readonly why: string }
  /** `why` completes "would change: ..."; `change` is all that `apply` needs to know. */
  | {
      readonly verdict: 'change';
      readonly why: string;
      readonly diff: readonly Difference[];
      readonly change: Change;
      /**
       * Done each time it is asked for, and a probe cannot show it afterwards (a restart). The proof after `apply`
       * takes such a verdict for settled.
       */
      readonly always?: boolean;
    }
  /** The host cannot be brought there (a directory stands where a file should be); `hint` says what to do. */
  | { readonly verdict: 'impossible'; readonly why: string; readonly hint?: string | undefined };

export interface Example {
  /** Completes "Example: ...". */
  readonly title: string;
  /** One or more tasks in YAML. Run for real by the end-to-end suite, twice. */
  readonly yaml: string;
  /** sh that makes the host ready for it, where it is not (run before, by the suite only). */
  readonly given?: string;
  /** Why the suite cannot run it on a plain test host. */
  readonly skip?: string;
}

/** What every module tells about itself. `Params` is what the user writes, `Ready` what the pure functions get. */
export interface ModuleInfo<P extends TObject = TObject, R extends TObject = TObject> {
  readonly name: string;
  /** One sentence, for lists. */
  readonly summary: string;
  /** More, in Markdown: differences from Ansible, hazards. */
  readonly description?: string;
  readonly params: P;
  /** What `register` holds besides the common fields (`changed`, `failed`, `skipped`, `msg`, ...). */
  readonly returns: R;
  readonly examples: readonly Example[];
  /**
   * The parameter that a plain string stands for: `command: uptime` is `command: {cmd: uptime}`. With
   * `keyValue: true` (Ansible's `k=v` form) a string is first read as `key=value` words.
   */
  readonly freeForm?: { readonly param: string; readonly keyValue?: boolean };
  /** Parameters that Ansible's module has and this one has not, with what to write; completes an error. */
  readonly elsewhere?: Readonly<Record<string, string>>;
  /** Names of parameters whose values are secrets: redacted everywhere. */
  readonly secretParams?: readonly string[];
  /** Names of returns that are secrets. */
  readonly secretReturns?: readonly string[];
  /**
   * Parameters that name a variable, without mustaches (`debug: var`). The module gets `{name, value}`: the text as
   * written and what it stands for.
   */
  readonly variables?: readonly string[];
  /**
   * Parameters without which a change can still be foretold: a dry run that does not know them yet leaves them out, and
   * takes only a change for certain.
   */
  readonly tolerates?: readonly string[];
  /** Parameters that name a template on the controller. */
  readonly templates?: readonly string[];
  /** A step that may take long and must survive a lost connection. */
  readonly detached?: boolean;
}

/**
 * A module that describes a state. The engine calls `probe` and `read`, asks `compare`, and calls `apply` only when
 * there is a change and this is no dry run; then it probes again. All but `prepare` and an async `apply` are pure.
 */
export interface StateModule<P extends TObject, R extends TObject, Ready, Current, Change>
  extends ModuleInfo<P, R> {
  readonly kind: 'state';
  /** Reads what it needs on the controller (a source file, a template). Throws SlipwayError. */
  readonly prepare?: (params: Static<P>, local: Local) => Ready | Promise<Ready>;
  /** Read-only sh. Runs as the task's become user; must not fail because something is not there yet. */
  readonly probe: (ready: Ready) => Program;
  readonly read: (output: Output, ready: Ready) => Current;
  readonly compare: (current: Current, ready: Ready) => Verdict<Change>;
  /** sh that makes the change, or an async function where one host's shell is not enough. */
  readonly apply: (change: Change, ready: Ready) => Program | ((host: Host) => Promise<void>);
  /**
   * What `register` gets, from the state as it was last probed, from the change that was made (if any), and from what
   * `apply` printed where it is sh.
   */
  readonly result?: (current: Current, ready: Ready, done?: Change, said?: Output) => Static<R>;
  /** What `register` gets in a dry run that would change something; fields that it leaves out are unknown. */
  readonly forecast?: (change: Change, current: Current, ready: Ready) => Partial<Static<R>>;
  /** What a change may touch. A dry run that cannot tell the effects knows nothing more of it. */
  readonly touches?: (ready: Ready) => readonly Subject[];
  /** What the verdict hangs on besides what a change touches. */
  readonly reads?: (ready: Ready) => readonly Subject[];
  /** What a change leaves behind, for the tasks after it in a dry run. Absent: all that it touches is not known. */
  readonly effects?: (change: Change, current: Current, ready: Ready, doer: Doer) => readonly Effect[];
  /** What is so afterwards, whether it changes anything or not; for a forecast that cannot tell. */
  readonly settles?: (ready: Ready, doer: Doer) => readonly Effect[];
  /** The state as the tasks before would have left it. Absent: where they touch the same, the verdict is unknown. */
  readonly foresee?: (current: Current, ready: Ready, outlook: Outlook) => Current | Unclear;
  /** Facts of the host that the module knows after it ran. */
  readonly facts?: (result: Static<R>) => Record<string, unknown>;
}

/** A module that only reads: it runs in a dry run too and never reports a change. */
export interface QueryModule<P extends TObject, R extends TObject, Ready> extends ModuleInfo<P, R> {
  readonly kind: 'query';
  readonly prepare?: (params: Static<P>, local: Local) => Ready | Promise<Ready>;
  readonly probe: (ready: Ready) => Program;
  readonly read: (output: Output, ready: Ready) => Static<R>;
  /** In a dry run, whether `finish` would change anything. */
  readonly wouldFinish?: (
    result: Static<R>,
    ready: Ready,
    host: { readonly name: string },
    local: Local,
  ) => Promise<boolean>;
  /** Work on the controller after reading: save a fetched file. Skipped in a dry run. */
  readonly finish?: (
    result: Static<R>,
    ready: Ready,
    host: Host,
    local: Local,
  ) => Promise<Static<R> & { changed?: boolean }>;
  readonly facts?: (result: Static<R>) => Record<string, unknown>;
  /** What the answer hangs on. */
  readonly reads?: (ready: Ready) => readonly Subject[];
  /** The answer after the tasks before; single fields may be Unclear. Absent: all of it is, where they touch it. */
  readonly foresee?: (
    result: Static<R>,
    ready: Ready,
    outlook: Outlook,
  ) => Readonly<Record<string, unknown>> | Unclear;
}

/** What an action came to. `changed` defaults to true. */
export type ActionResult<R> = R & { readonly changed?: boolean; readonly msg?: string };

/** A module that does something each time it runs, because it has no state to compare. Never runs in a dry run. */
export interface ActionModule<P extends TObject, R extends TObject, Ready> extends ModuleInfo<P, R> {
  readonly kind: 'action';
  readonly prepare?: (params: Static<P>, local: Local) => Ready | Promise<Ready>;
  /**
   * Read-only sh that decides whether there is anything to do (`creates`, `removes`): exit 0 means run, anything else
   * means skip, and its first line of stdout says why. In a dry run only this is sent.
   */
  readonly guard?: (ready: Ready) => Program | undefined;
  /** What the guard would say after the tasks before (`runs`: what it says now). */
  readonly foresee?: (runs: boolean, ready: Ready, outlook: Outlook) => boolean | Unclear;
  /** What is known to be there afterwards. */
  readonly effects?: (ready: Ready) => readonly Effect[];
  /** All that it may touch. Absent: anything. */
  readonly touches?: (ready: Ready) => readonly Subject[];
  /** What `register` gets when the guard says (`why`) that there is nothing to do; default: `skipped`. */
  readonly passedOver?: (why: string, ready: Ready, check: boolean) => ActionResult<Static<R>>;
  readonly run: (ready: Ready) => Program | ((host: Host) => Promise<Output>);
  /** Fails exactly when the exit code is not 0, so that the next action may be sent behind it, guarded. */
  readonly failsByExit?: boolean;
  /** Turns the output into what `register` gets; throws SlipwayError('task.failed' | 'task.command') on failure. */
  readonly read: (output: Output, ready: Ready) => ActionResult<Static<R>>;
}

/** What a control module may ask the engine for. */
export interface ControlContext {
  readonly checkMode: boolean;
  /** How many `-v` were given. */
  readonly verbosity?: number;
  readonly host: string;
  readonly sleep: (milliseconds: number) => Promise<void>;
  /** Asks the person at the terminal; undefined when there is none. `secret` does not echo. */
  readonly ask: (question: string, options?: { readonly secret?: boolean }) => Promise<string | undefined>;
  /** Shows a line to the user under the task. */
  readonly say: (text: string) => void;
}

export interface ControlResult<R> {
  readonly result: R & { readonly changed?: boolean; readonly msg?: unknown };
  /** Variables for this host from here on (set_fact). */
  readonly setFacts?: Record<string, unknown>;
  /** Its `msg` is not shown. */
  readonly quiet?: boolean;
}

/** A module that runs on the controller and touches no host (`debug`, `assert`, `set_fact`). Runs in a dry run too. */
export interface ControlModule<P extends TObject, R extends TObject> extends ModuleInfo<P, R> {
  readonly kind: 'control';
  /**
   * Parameters that hold CEL conditions (`assert: that`). The engine evaluates them all and passes, for each parameter, a
   * list of `{text, holds}` in place of what was written.
   */
  readonly conditions?: readonly string[];
  /** Once for all hosts of the play, as Ansible's `pause` does. */
  readonly oncePerPlay?: boolean;
  readonly evaluate: (
    params: Static<P>,
    context: ControlContext,
  ) => ControlResult<Static<R>> | Promise<ControlResult<Static<R>>>;
}

// The type parameters differ from module to module; the engine treats them all alike.
/* oxlint-disable typescript/no-explicit-any */
export type Module =
  | StateModule<any, any, any, any, any>
  | QueryModule<any, any, any>
  | ActionModule<any, any, any>
  | ControlModule<any, any>;
/* oxlint-enable typescript/no-explicit-any */

type Definition<T extends { kind: string }> = Omit<T, 'kind'>;

/** Without `prepare`, `Ready` is the parameters themselves. */
export function defineState<P extends TObject, R extends TObject, Current, Change, Ready = Static<P>>(
  definition: Definition<StateModule<P, R, Ready, Current, Change>>,
): StateModule<P, R, Ready, Current, Change> {
  return { kind: 'state', ...definition };
}

export function defineQuery<P extends TObject, R extends TObject, Ready = Static<P>>(
  definition: Definition<QueryModule<P, R, Ready>>,
): QueryModule<P, R, Ready> {
  return { kind: 'query', ...definition };
}

export function defineAction<P extends TObject, R extends TObject, Ready = Static<P>>(
  definition: Definition<ActionModule<P, R, Ready>>,
): ActionModule<P, R, Ready> {
  return { kind: 'action', ...definition };
}

export function defineControl<P extends TObject, R extends TObject>(
  definition: Definition<ControlModule<P, R>>,
): ControlModule<P, R> {
  return { kind: 'control', ...definition };
}

export function same(why: string): { verdict: 'same'; why: string } {
  return { verdict: 'same', why };
}

export function change<Change>(why: string, diff: readonly Difference[], what: Change): Verdict<Change> {
  return { verdict: 'change', why, diff, change: what };
}

/** A change that is made each time and leaves nothing that a probe could see. */
export function always<Change>(why: string, diff: readonly Difference[], what: Change): Verdict<Change> {
  return { verdict: 'change', why, diff, change: what, always: true };
}

export function impossible(
  why: string,
  hint?: string,
): { verdict: 'impossible'; why: string; hint?: string | undefined } {
  return { verdict: 'impossible', why, hint };
}

export type { Output, TSchema };
