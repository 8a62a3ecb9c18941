import { unknownWithin } from '../expression/unknown.ts';

/** Modules that change a part of a file. */
export const EDITORS: ReadonlySet<string> = new Set(['lineinfile', 'blockinfile', 'replace']);

type Params = Readonly<Record<string, unknown>>;

/** Whether an edit changes a text (undefined: one that is not known). Where that is not certain, it is taken not to. */
export type Changes = (text: string | undefined) => boolean;

/** What a call of an editor makes of the text that another task writes. */
export function changesOf(module: string, params: Params): Changes {
  const { state, line, regexp, backrefs, replace = '' } = params;
  if (module === 'replace') {
    const pattern = patternOf(regexp);
    if (!pattern || unknownWithin(params)) return () => false;
    return (text) => text !== undefined && pattern.test(text) && !String(replace).includes('\\');
  }
  if (state === 'absent' || backrefs === true) return () => false;
  if (module === 'lineinfile') {
    const wanted = typeof line === 'string' ? line : undefined;
    return (text) => text === undefined || wanted === undefined || !text.split(/\r?\n/).includes(wanted);
  }
  const block = params['block'] ?? params['content'];
  if (typeof block !== 'string') return () => block !== undefined;
  return (text) => block.trim() !== '' && (text === undefined || !text.includes(block.trim()));
}

function patternOf(text: unknown): RegExp | undefined {
  if (typeof text !== 'string') return undefined;
  try {
    return new RegExp(text, 'm');
  } catch {
    // It is Python's.
    return undefined;
  }
}
