import type { Span } from './span.ts';

/**
 * Every error a user can meet has a code from this closed set. The prefix names the part that raised it; the
 * reference (`slipway doc CODE`, docs/generated/errors.md) is generated from this table.
 */
export const ERROR_CODES = {
  'file.missing': 'A file that the run needs does not exist or cannot be read.',
  'yaml.syntax': 'The file is not valid YAML.',
  'yaml.duplicate-key': 'A mapping has the same key twice.',
  'yaml.unquoted-template': 'A value starts with {{ and is not quoted, so YAML reads it as a mapping.',
  'yaml.unknown-tag': 'A YAML tag that Slipway does not know.',
  'ini.syntax': 'A line of an INI inventory cannot be understood.',
  'schema.unknown-key': 'A key that is not known at this place.',
  'schema.missing-key': 'A key that must be there is not.',
  'schema.wrong-type': 'A value has the wrong type or is not one of those allowed.',
  'schema.invalid-value': 'A value has the right type but cannot be accepted.',
  'template.syntax': 'A Handlebars template cannot be parsed.',
  'template.jinja': 'A template is written in Jinja2; the message shows how it is written here.',
  'template.unknown-helper': 'A template calls a helper that does not exist.',
  'template.undefined': 'A template uses a variable that is not defined for this host.',
  'template.render': 'A template could not be rendered.',
  'condition.syntax': 'A CEL condition cannot be parsed.',
  'condition.type': 'A CEL condition has operands of the wrong type or is not boolean.',
  'condition.undefined': 'A condition uses a variable that is not defined for this host.',
  'condition.evaluate': 'A condition could not be evaluated.',
  'variable.cycle': 'A variable is defined by itself.',
  'variable.maybe-undefined':
    'A variable, or a field of a register, that may not be there: the task that sets it may be skipped, or a condition is not known yet. Guard it with `when`, `has()` or `default`.',
  'variable.unread': 'A variable that nothing reads is called nearly as one that is read.',
  'inventory.pattern': 'A host pattern cannot be understood.',
  'inventory.no-hosts': 'A host pattern selects no host.',
  'inventory.cycle': 'A group is a child of itself.',
  'inventory.script': 'An executable inventory failed or did not print what it should.',
  'playbook.unknown-module': 'A task names a module that does not exist.',
  'playbook.no-module': 'A task names no module, or more than one.',
  'playbook.unknown-role': 'A role cannot be found.',
  'playbook.unknown-handler': 'A task notifies a handler that does not exist.',
  'playbook.unused-handler': 'Nothing notifies a handler, so it never runs.',
  'playbook.unknown-host': 'A task is delegated to a host that the inventory does not have.',
  'playbook.two-owners':
    'Two tasks give one file different contents on the same host, so each run changes it twice.',
  'playbook.unknown-play': 'A `needs` names a play that does not exist or comes later.',
  'playbook.cycle': 'An import or include leads back to itself.',
  'playbook.not-supported':
    'Something that Ansible has and Slipway does not; the message says what to write instead.',
  'plan.changed': 'What a saved plan was made from is no longer the same, or the plan is too old.',
  'plan.drifted': 'A host is no longer as it was when the plan was made.',
  'plan.no-match': 'A tag, limit or task name selects nothing.',
  'connect.dns': 'The name of a host cannot be resolved.',
  'connect.refused': 'Nothing listens on the port.',
  'connect.timeout': 'The host did not answer in time.',
  'connect.unreachable': 'There is no route to the host.',
  'connect.host-key': 'The key of the host is unknown or has changed.',
  'connect.auth': 'The host accepted none of the credentials.',
  'connect.become': 'The other user could not be become.',
  'connect.protocol': 'The other side does not speak SSH as expected.',
  'connect.lost': 'The connection was lost midway.',
  'connect.shell': 'No usable POSIX shell could be started on the host.',
  'task.command': 'A command on the host failed.',
  'task.timeout': 'A step took longer than its `timeout`.',
  'task.failed': 'A task failed.',
  'task.invalid': 'The arguments of a task are wrong for this host.',
  'task.not-idempotent': 'A module changed something and then still found a difference.',
  'task.cancelled': 'A step was stopped because the run was interrupted.',
  'bundle.failed': 'An image or a package for a bundle could not be had.',
  'lab.unsupported': 'A lab cannot be made on this machine in this way.',
  'lab.failed': 'A lab host could not be started.',
  usage: 'The command line is wrong.',
  internal: 'A fault of Slipway itself. Please report it.',
} as const;

export type ErrorCode = keyof typeof ERROR_CODES;

export interface ErrorDetails {
  /** Where in the user's files the cause stands. */
  readonly span?: Span | undefined;
  /** What to do about it: one sentence, an imperative. */
  readonly hint?: string | undefined;
  /** Facts for machines and for `-v`: full stderr, exit code, allowed values. Never secrets. */
  readonly data?: Readonly<Record<string, unknown>> | undefined;
  /** The hosts that it was found for, where it may hold for some only. */
  readonly hosts?: HostsConcerned | undefined;
  readonly cause?: unknown;
}

export interface HostsConcerned {
  readonly names: readonly string[];
  /** How many were looked at. */
  readonly of: number;
}

/**
 * The one error type that crosses layers. `message` is one sentence that names the wrong value; `hint` says what to
 * do; the source frame is added once, at the edge (`formatError` in base/frame.ts).
 */
export class SlipwayError extends Error {
  override readonly name = 'SlipwayError';
  readonly code: ErrorCode;
  readonly span: Span | undefined;
  readonly hint: string | undefined;
  readonly data: Readonly<Record<string, unknown>>;
  readonly hosts: HostsConcerned | undefined;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.span = details.span;
    this.hint = details.hint;
    this.data = details.data ?? {};
    this.hosts = details.hosts;
  }
}

/** Several errors of one input, found together and shown together. */
export class SlipwayErrors extends Error {
  override readonly name = 'SlipwayErrors';
  readonly errors: readonly SlipwayError[];

  constructor(errors: readonly SlipwayError[]) {
    super(errors.length === 1 ? '1 error' : `${errors.length} errors`);
    this.errors = errors;
  }
}

/** Collects errors so that a whole file is checked before anything is thrown. */
export class Problems {
  readonly errors: SlipwayError[] = [];
  readonly warnings: SlipwayError[] = [];

  error(code: ErrorCode, message: string, details?: ErrorDetails): void {
    this.errors.push(new SlipwayError(code, message, details));
  }

  warn(code: ErrorCode, message: string, details?: ErrorDetails): void {
    this.warnings.push(new SlipwayError(code, message, details));
  }

  add(cause: unknown): void {
    if (cause instanceof SlipwayErrors) this.errors.push(...cause.errors);
    else if (cause instanceof SlipwayError) this.errors.push(cause);
    else throw cause;
  }

  /** @throws {SlipwayErrors} when anything was found. */
  throwIfAny(): void {
    if (this.errors.length > 0) throw new SlipwayErrors(inOrder(this.errors));
  }
}

/** As somebody mends them: what has no place first, then file by file as they were met, from top to bottom. */
export function inOrder(errors: readonly SlipwayError[]): SlipwayError[] {
  const files = [...new Set(errors.map(({ span }) => span?.source.path))].filter(
    (file) => file !== undefined,
  );
  const fileOf = ({ span }: SlipwayError) => (span ? files.indexOf(span.source.path) : -1);
  return [...errors].sort(
    (a, b) => fileOf(a) - fileOf(b) || (a.span && b.span ? a.span.start - b.span.start : 0),
  );
}
