import { identity, minorOf } from '../host/identity.ts';
import { klog } from '../host/text.ts';

export function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

export function warn(message: string): void {
  process.stderr.write(klog('W', 'kubeadm.go:1', message));
}

const STACK = 'To see the stack trace of this error execute with --v=5 or higher\n';

/** The last words of a kubeadm that fails; 1.34 puts `error: ` in front. */
export function lastWords(message: string): string {
  return `${minorOf(identity().version) >= 34 ? 'error: ' : ''}${message}\n${STACK}`;
}
