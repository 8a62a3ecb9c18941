import { jsonlView } from './jsonl.ts';
import { linesView } from './lines.ts';
import type { View, ViewOptions } from './view.ts';

/** The view that was asked for; the terminal one is loaded only where there is a terminal. */
export async function openView(options: ViewOptions): Promise<View> {
  const { output, stdout, env } = options;
  if (output === 'jsonl') return jsonlView(options);
  const terminal =
    output === 'terminal' || (output === 'auto' && stdout.isTTY && env.TERM !== 'dumb' && !env.CI);
  if (!terminal) return linesView(options);
  const { terminalView } = await import('./terminal.ts');
  return terminalView(options);
}
