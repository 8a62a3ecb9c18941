import { SlipwayError, SlipwayErrors } from '../base/errors.ts';
import { sourceFrame } from '../base/frame.ts';
import { sanitise } from '../base/sanitise.ts';
import { locate } from '../base/span.ts';
import type { Failure } from '../events/types.ts';

/** Any thrown value as a SlipwayError; what is not one is a fault of ours. */
export function asError(thrown: unknown): SlipwayError {
  if (thrown instanceof SlipwayError) return thrown;
  if (thrown instanceof SlipwayErrors && thrown.errors[0]) return thrown.errors[0];
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  const stack = thrown instanceof Error ? thrown.stack : undefined;
  return new SlipwayError('internal', message, { cause: thrown, data: stack ? { stack } : {} });
}

/** Connection faults make a host unreachable, all else makes a task fail. */
export function isUnreachable(error: SlipwayError): boolean {
  return (
    error.code.startsWith('connect.') && error.code !== 'connect.become' && error.code !== 'connect.shell'
  );
}

const KEEP = 4000;

export function bounded(text: string, keep = KEEP): string {
  if (text.length <= keep) return text;
  const half = keep >> 1;
  return `${text.slice(0, half)}\n… ${text.length - keep} characters left out …\n${text.slice(-half)}`;
}

/** An error as an event carries it: plain, bounded, safe for a terminal. */
export function toFailure(error: SlipwayError): Failure {
  const { stdout, stderr, rc, code } = error.data;
  const exitCode = typeof rc === 'number' ? rc : typeof code === 'number' ? code : undefined;
  return {
    code: error.code,
    message: sanitise(bounded(error.message)),
    ...(error.hint === undefined ? {} : { hint: sanitise(error.hint) }),
    ...(error.span === undefined ? {} : { where: locate(error.span), frame: sourceFrame(error.span) }),
    ...(typeof stdout === 'string' && stdout !== '' ? { stdout: sanitise(bounded(stdout)) } : {}),
    ...(typeof stderr === 'string' && stderr !== '' ? { stderr: sanitise(bounded(stderr)) } : {}),
    ...(exitCode === undefined ? {} : { exitCode }),
  };
}
