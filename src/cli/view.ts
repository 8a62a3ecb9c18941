import { openView } from '../views/open.ts';
import type { View } from '../views/view.ts';
import type { RunFlags } from './options.ts';

/** The view that the flags ask for, on stdout. */
export function viewOf(flags: RunFlags): Promise<View> {
  return openView({
    output: flags.output,
    verbose: flags.verbose,
    diff: flags.diff ?? false,
    stdout: process.stdout,
    env: process.env,
  });
}
