import type { Host } from '../../../module/host.ts';
import { clear } from '../stage.ts';
import type { Part } from './gather.ts';
import { type Serving, serving } from './holder.ts';
import { Swarm } from './swarm.ts';

/** A host's part in passing on what it loads, for one task. */
export interface Tree {
  at(folder: string): Pick<Part, 'swarm' | 'holder' | 'avoid'>;
  /** What has been loaded stays on the stage until the play is over for all hosts. */
  keep(names: readonly string[]): void;
}

/** Milliseconds to tidy up; a host that is dead by then has nobody's key for long. */
const PATIENCE = 20_000;

/** Takes part from here on; what that leaves behind is tidied up when the play is over. */
export function joinTree(host: Host): Tree {
  const swarm = host.together(() => new Swarm());
  const avoid = new Set<string>();
  const kept: string[] = [];
  let holder: Serving | undefined;
  host.afterwards(async (again) => {
    await holder?.close(again);
    if (kept.length > 0) await again.run(clear(kept), { timeout: PATIENCE });
  });
  return {
    at(folder) {
      holder ??= serving(host, folder, async () => (await swarm.key).publicKey);
      return { swarm, avoid, holder };
    },
    keep: (names) => void kept.push(...names),
  };
}
