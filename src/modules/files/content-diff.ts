import type { Difference } from '../../module/contract.ts';
import { type PathState, textOf } from './path-state.ts';
import { INLINE_LIMIT } from './probe-path.ts';
import type { NewContent } from './put-content.ts';

/** The difference between what is there and what will be: line by line for text, else by hash and size. */
export function contentDifference(path: string, current: PathState, content: NewContent): Difference {
  const there = current.real;
  const before = there ? textOf(current.bytes) : undefined;
  const bytes = 'bytes' in content && content.bytes.length <= INLINE_LIMIT ? content.bytes : undefined;
  const after = textOf(bytes);
  if (after !== undefined && (before !== undefined || !there))
    return { subject: path, kind: 'content', ...(before !== undefined && { before }), after };
  return {
    subject: path,
    kind: 'value',
    ...(there && { before: inShort(current.sha256, there.size) }),
    after: 'bytes' in content ? `${content.bytes.length} bytes` : inShort(content.sha256, content.size),
  };
}

function inShort(hash: string | undefined, size: number): string {
  return `${hash ? `sha256:${hash.slice(0, 12)}` : 'unreadable'} (${size} bytes)`;
}
