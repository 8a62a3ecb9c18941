import type { ErrorCode } from '../../../base/errors.ts';

/** Codes that no file causes: connections, steps on hosts, labs, bundles, saved plans, the command line, faults of ours. */
type Elsewhere =
  | `connect.${string}`
  | `bundle.${string}`
  | `lab.${string}`
  | 'plan.changed'
  | 'plan.drifted'
  | 'task.command'
  | 'task.timeout'
  | 'task.failed'
  | 'task.not-idempotent'
  | 'task.cancelled'
  | 'usage'
  | 'internal';

/** Codes of what is wrong with files. */
export type FindingCode = Exclude<ErrorCode, Elsewhere>;

/** The tasks of a play for all hosts, or files by path: `site.yml` is what is validated, against `hosts`. */
export type Files = string | Readonly<Record<string, string>>;

/** What `slipway doc CODE` says beyond the first sentence. A test validates both examples. */
export interface FindingDoc {
  readonly why: string;
  readonly broken: Files;
  readonly mended: Files;
  /** Tags that are asked for. */
  readonly tags?: { readonly broken: string; readonly mended: string };
}

export type FindingDocs<C extends FindingCode> = Readonly<Record<C, FindingDoc>>;
