import { type ErrorCode, SlipwayError } from '../../base/errors.ts';
import type { Attempts } from './auth.ts';
import type { Target } from './target.ts';

/** A failure on the way to a host, with what to do about it. */
export function connectError(target: Target, cause: unknown): SlipwayError {
  if (cause instanceof SlipwayError) return cause;
  const error = cause instanceof Error ? cause : new Error(String(cause));
  const { code, text } = kindOf(error);
  const where = `${target.host} port ${target.port}`;
  const { message, hint } = explain(code, target, where);
  return new SlipwayError(code, `${target.label}: ${message}${text === '' ? '' : ` (${text})`}`, {
    hint,
    data: { host: target.host, port: target.port, user: target.user },
    cause,
  });
}

function kindOf(error: Error): { readonly code: ErrorCode; readonly text: string } {
  const system = systemCode(error);
  const text = error.message || (system ?? '');
  if (system && system in SYSTEM) return { code: SYSTEM[system]!, text };
  if (/open failure: .*(?:name or service|resolve|not known|nodename)/i.test(text))
    return { code: 'connect.dns', text };
  if (/open failure: .*refused/i.test(text)) return { code: 'connect.refused', text };
  if (/open failure: .*timed? ?out/i.test(text)) return { code: 'connect.timeout', text };
  if (/open failure/i.test(text)) return { code: 'connect.unreachable', text };
  if (/keepalive timeout/i.test(text)) return { code: 'connect.lost', text };
  return { code: 'connect.protocol', text };
}

const SYSTEM: Record<string, ErrorCode> = {
  ENOTFOUND: 'connect.dns',
  EAI_AGAIN: 'connect.dns',
  EAI_NODATA: 'connect.dns',
  EAI_FAIL: 'connect.dns',
  ECONNREFUSED: 'connect.refused',
  ETIMEDOUT: 'connect.timeout',
  EHOSTUNREACH: 'connect.unreachable',
  ENETUNREACH: 'connect.unreachable',
  EHOSTDOWN: 'connect.unreachable',
  ENETDOWN: 'connect.unreachable',
  EADDRNOTAVAIL: 'connect.unreachable',
  EACCES: 'connect.unreachable',
  EPERM: 'connect.unreachable',
};

// With several addresses Node gives an AggregateError: what the first one said counts.
function systemCode(error: Error): string | undefined {
  const first = error instanceof AggregateError ? (error.errors[0] as NodeJS.ErrnoException) : undefined;
  return (error as NodeJS.ErrnoException).code ?? first?.code;
}

function explain(
  code: ErrorCode,
  target: Target,
  where: string,
): { readonly message: string; readonly hint: string } {
  switch (code) {
    case 'connect.dns':
      return {
        message: `the name "${target.host}" cannot be resolved`,
        hint: 'Correct ansible_host, or give it an address that this machine (or the jump host) can look up.',
      };
    case 'connect.refused':
      return {
        message: `nothing answers at ${where}`,
        hint: 'Is sshd running there, and is ansible_port right?',
      };
    case 'connect.timeout':
      return {
        message: `${where} did not answer in time`,
        hint: 'Check the address, a firewall that drops packets, or raise the timeout (-T).',
      };
    case 'connect.unreachable':
      return {
        message: `${where} cannot be reached`,
        hint: 'Check routes and firewalls from here; over a jump host, that its sshd allows TCP forwarding.',
      };
    case 'connect.lost':
      return { message: `the connection to ${where} was lost`, hint: 'Check the network and the host.' };
    default:
      return {
        message: `${where} does not speak SSH as expected`,
        hint: 'Is that the SSH port? sshd may also turn new connections away: see MaxStartups and its log.',
      };
  }
}

export function timeoutError(target: Target, timeout: number, doing: string): SlipwayError {
  const message = `${target.label}: no connection to ${target.host} port ${target.port} within ${timeout / 1000} s (${doing})`;
  return new SlipwayError('connect.timeout', message, {
    hint: 'Check the address, a firewall that drops packets, or raise the timeout (-T).',
    data: { host: target.host, port: target.port, timeout },
  });
}

export function authError(target: Target, attempts: Attempts, cause: Error): SlipwayError {
  const { tried, skipped, methods } = attempts;
  const login = `${target.user}@${target.host}`;
  const what = tried.length === 0 ? 'there was nothing to try' : `tried ${tried.join(', ')}`;
  const left = skipped.length === 0 ? '' : `; could not use ${skipped.join(', ')}`;
  return new SlipwayError('connect.auth', `${target.label}: ${login} was not let in: ${what}${left}`, {
    hint: hintFor(tried, methods, target),
    data: { host: target.host, user: target.user, tried, skipped, accepted: methods },
    cause,
  });
}

function hintFor(tried: readonly string[], methods: readonly string[], target: Target): string {
  const accepts = methods.length > 0 ? ` The host accepts: ${methods.join(', ')}.` : '';
  const keyOnly =
    methods.length > 0 && !methods.includes('password') && !methods.includes('keyboard-interactive');
  if (tried.includes('password') && !keyOnly) return `Check the password and the user name (-u).${accepts}`;
  const key = `Add your public key to ~${target.user}/.ssh/authorized_keys there, or name another key (--private-key)`;
  return `${key}${keyOnly ? '' : ', or give a password (-k)'}; is "${target.user}" the right user (-u)?${accepts}`;
}
