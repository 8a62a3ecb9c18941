import type { SlipwayError } from '../base/errors.ts';
import type { Span } from '../base/span.ts';
import type { Condition, Value } from '../expression/types.ts';

/** Named values in the order written. */
export type Variables = ReadonlyMap<string, Value>;

/** `become` and its kin as written; undefined fields are inherited from the play, then the inventory, then flags. */
export interface BecomeKeywords {
  readonly become?: Value | undefined;
  readonly user?: Value | undefined;
  readonly method?: Value | undefined;
  readonly flags?: Value | undefined;
}

export interface Loop {
  /** A list, or a template that gives one. `with_items` and `with_dict` are read as this, too. */
  readonly items: Value;
  /** `loop_control`. */
  readonly variable: string;
  readonly indexVariable?: string | undefined;
  readonly label?: Value | undefined;
  /** Seconds. */
  readonly pause?: Value | undefined;
  /** With `ansible_loop`. */
  readonly extended?: boolean | undefined;
  /** `ansible_loop` with `allitems`; true where it is not given. */
  readonly allItems?: boolean | undefined;
}

/** What is true of a task, a block or an include, after inheritance from the play and the blocks around it. */
export interface Keywords {
  readonly name?: Value | undefined;
  readonly tags: readonly string[];
  /** All must hold, outer ones first. */
  readonly when: readonly Condition[];
  readonly become: BecomeKeywords;
  /** Outer ones first; later keys win. */
  readonly environment: readonly Value[];
  readonly checkMode?: Value | undefined;
  readonly diff?: Value | undefined;
  readonly noLog?: Value | undefined;
  readonly ignoreErrors?: Value | undefined;
  readonly ignoreUnreachable?: Value | undefined;
  readonly anyErrorsFatal?: Value | undefined;
  readonly runOnce: boolean;
  readonly throttle?: Value | undefined;
  /** Seconds. */
  readonly timeout?: Value | undefined;
  readonly delegateTo?: Value | undefined;
  readonly delegateFacts?: boolean | undefined;
  readonly layers: VariableLayers;
}

/** Where a task's own variables come from; each list lowest precedence first. */
export interface VariableLayers {
  readonly roleDefaults: readonly Variables[];
  readonly roleVars: readonly Variables[];
  /** Blocks, then the task. */
  readonly vars: readonly Variables[];
  /** Parameters of roles and includes. */
  readonly params: readonly Variables[];
  /** Folder of the role that the task belongs to, for file lookups; undefined outside roles. */
  readonly rolePath?: string | undefined;
  readonly roleName?: string | undefined;
}

export interface Task extends Keywords {
  readonly kind: 'task';
  /** Unique in the run, stable between runs of the same files: `3.12`, with `.n` for included ones. */
  readonly id: string;
  readonly span: Span;
  readonly module: string;
  /** Arguments as a map Value; free-form text is already under its parameter. */
  readonly args: Value & { readonly kind: 'map' };
  readonly argsSpan: Span;
  /** Its arguments are wrong, as was said when they were read. */
  readonly faulty?: boolean;
  readonly loop?: Loop | undefined;
  readonly register?: string | undefined;
  readonly changedWhen: readonly Condition[];
  readonly failedWhen: readonly Condition[];
  readonly until: readonly Condition[];
  /** Parsed `that` and the like, by parameter name (the module's `conditions`). */
  readonly conditions: Readonly<Record<string, readonly Condition[]>>;
  readonly retries?: Value | undefined;
  /** Seconds. */
  readonly delay?: Value | undefined;
  /** Names or listen topics. */
  readonly notify: readonly Value[];
  /** Handlers only. */
  readonly listen: readonly string[];
}

export interface Block extends Keywords {
  readonly kind: 'block';
  readonly id: string;
  readonly span: Span;
  readonly tasks: readonly TaskNode[];
  readonly rescue: readonly TaskNode[];
  readonly always: readonly TaskNode[];
}

/** Something that becomes tasks only when a host gets there (its name may be a template, it may loop). */
export interface Include extends Keywords {
  readonly kind: 'include';
  readonly id: string;
  readonly span: Span;
  readonly what: 'tasks' | 'role' | 'vars';
  readonly target: Value;
  readonly loop?: Loop | undefined;
  readonly register?: string | undefined;
  /** Loads (once per path) what `target` came to. Tasks for 'tasks' and 'role', variables for 'vars'. */
  readonly load: (target: string) => IncludedTasks;
  /** As `load`, but gives what could be read, with what is wrong. */
  readonly read: (target: string) => IncludedTasks & { readonly errors: readonly SlipwayError[] };
}

export interface IncludedTasks {
  readonly tasks: readonly TaskNode[];
  readonly handlers: readonly Task[];
  /** include_vars only. */
  readonly variables?: Variables | undefined;
}

/** `meta: flush_handlers` and the like, which the engine does itself. */
export interface Meta extends Keywords {
  readonly kind: 'meta';
  readonly id: string;
  readonly span: Span;
  readonly action: 'flush_handlers' | 'end_play' | 'end_host' | 'reset_connection' | 'noop';
}

export type TaskNode = Task | Block | Include | Meta;

export interface Play {
  /** Position in the run, from 0. */
  readonly index: number;
  readonly name: string;
  readonly span: Span;
  /** Host pattern; may be a template over extra variables. */
  readonly hosts: Value;
  readonly hostsSpan: Span;
  readonly strategy: 'free' | 'linear';
  /** Undefined: a barrier, the play waits for all before it. Else the plays it waits for. */
  readonly needs?: readonly Need[] | undefined;
  readonly order?: 'inventory' | 'reverse_inventory' | 'sorted' | 'reverse_sorted' | undefined;
  /** Batch sizes as written: 1, "30%", a list of these. */
  readonly serial?: Value | undefined;
  readonly maxFailPercentage?: Value | undefined;
  readonly gatherFacts: boolean;
  readonly vars: Variables;
  /** `remote_user`, `port` and `connection` as `ansible_...` variables; the inventory's win over them. */
  readonly connection?: Variables | undefined;
  /** What the roles of the play (not included ones) show to all its tasks; lowest precedence first. */
  readonly roleDefaults?: readonly Variables[] | undefined;
  readonly roleVars?: readonly Variables[] | undefined;
  /** Loaded and in order; a file named by a template is loaded when the host's variables are known. */
  readonly varsFiles: readonly VarsFile[];
  readonly varsPrompt: readonly Prompt[];
  /** pre_tasks, flush, roles, tasks, flush, post_tasks, flush: in this order, with the flushes as Meta nodes. */
  readonly tasks: readonly TaskNode[];
  readonly handlers: readonly Task[];
  readonly keywords: Keywords;
  /** Folder of the playbook file, for file lookups. */
  readonly folder: string;
}

export interface Need {
  readonly play: number;
  /** 'host': this host must have finished it; 'all': every host of it. */
  readonly scope: 'host' | 'all';
  /** No scope was written: the plan makes it 'host' where every host of this play is in the other one. */
  readonly auto?: boolean | undefined;
}

export interface VarsFile {
  readonly target: Value;
  readonly load: (path: string) => Variables;
  readonly span: Span;
}

export interface Prompt {
  readonly name: string;
  readonly prompt: string;
  readonly private: boolean;
  readonly default?: Value | undefined;
  readonly confirm: boolean;
}

export interface Playbook {
  readonly path: string;
  readonly plays: readonly Play[];
}
