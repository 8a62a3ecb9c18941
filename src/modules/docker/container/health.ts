import type { Container } from './inspected.ts';

/** Completes a sentence that begins with the container's name. */
export function stateOf({ State }: Container): string {
  if (State.Paused) return 'is paused';
  if (State.Restarting) return 'keeps restarting';
  if (State.Running) return 'runs';
  if (State.Status === 'created') return 'has not been started';
  return `has ended with exit code ${State.ExitCode ?? 0}`;
}

export function healthOf({ State }: Container): string {
  return State.Health?.Status ?? 'without a healthcheck';
}
