import { createHash } from 'node:crypto';
import type { SlipwayRun } from './slipway.ts';

/** Bytes that no packing makes smaller, the same for the same word. */
export function noise(word: string, size: number): Buffer {
  const block = createHash('shake256', { outputLength: 1 << 20 })
    .update(word)
    .digest();
  return Buffer.concat(Array.from({ length: Math.ceil(size / block.length) }, () => block)).subarray(0, size);
}

/** A play that loads images, as root by sudo. */
export const playOf = (src: string, more = ''): string => `
- hosts: nodes
  gather_facts: false
  become: true
  tasks:
    - name: images
      container_image: {src: '${src}'${more && `, ${more}`}}
`;

/** The results of the play's task, host by host. */
export function resultsOf(run: SlipwayRun): Record<string, unknown>[] {
  return run.events.flatMap((event) =>
    event.event === 'task.finished' && event.name === 'images'
      ? [(event.result ?? {}) as Record<string, unknown>]
      : [],
  );
}
