import { type Outlook, Unclear } from '../../module/outlook.ts';
import { foreseePath, NOTHING, stateAfter } from './expected.ts';
import type { Manifest } from './manifest.ts';
import type { PathState } from './path-state.ts';

/** What a host has below a directory, as the tasks before would have left it. */
export function foreseeManifest(root: string, manifest: Manifest, outlook: Outlook): Manifest | Unclear {
  const seen = foreseePath(root, rootState(manifest), outlook);
  if (seen instanceof Unclear) return seen;
  const inside = outlook.within(root);
  if (inside) return new Unclear(inside.by);
  const type = seen.own?.type ?? 'absent';
  if (type === manifest.root) return manifest;
  const kind = type === 'directory' || type === 'absent' ? type : 'other';
  return { root: kind, stats: new Map(), hashes: new Map() };
}

function rootState({ root }: Manifest): PathState {
  if (root === 'absent') return NOTHING;
  const type = root === 'other' ? 'file' : 'directory';
  return stateAfter(NOTHING, { type, attributes: {} }, { user: undefined });
}
