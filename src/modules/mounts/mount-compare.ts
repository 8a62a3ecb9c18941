import { always, change, type Difference, impossible, same, type Verdict } from '../../module/contract.ts';
import { type TextEdit, textDifference, textIn } from '../system/managed-file.ts';
import { type FstabEntry, formatEntry, formatFstab, parseFstab } from './fstab.ts';
import type { MountState } from './mount-state.ts';
import { optionsDiffer } from './options.ts';

export type MountGoal =
  | 'mounted'
  | 'unmounted'
  | 'present'
  | 'absent'
  | 'absent_from_fstab'
  | 'remounted'
  | 'ephemeral';

export interface MountWanted {
  readonly path: string;
  readonly state: MountGoal;
  /** Undefined where the state needs none. */
  readonly entry: FstabEntry | undefined;
  readonly fstab: string;
  readonly backup: boolean;
}

export interface MountChange {
  readonly live: 'mount' | 'remount' | 'again' | 'unmount' | undefined;
  /** How many times to unmount. */
  readonly depth: number;
  readonly edits: readonly TextEdit[];
  readonly makePoint: boolean;
  readonly removePoint: boolean;
}

const NOTHING: MountChange = {
  live: undefined,
  depth: 0,
  edits: [],
  makePoint: false,
  removePoint: false,
};

export function compareMount(current: MountState, wanted: MountWanted): Verdict<MountChange> {
  const { path, state } = wanted;
  if (state === 'remounted') {
    if (!current.live)
      return impossible(`nothing is mounted at ${path}`, 'Use `state: mounted` to mount it.');
    const diff = [{ subject: path, before: current.live.source, after: 'mounted anew' }];
    return always<MountChange>(`${path} is mounted anew`, diff, { ...NOTHING, live: 'remount' });
  }
  const file = fstabEdit(current, wanted);
  const difference = file && textDifference(file);
  const edits = file && difference ? [file] : [];
  const diff: Difference[] = difference ? [difference] : [];
  if (state === 'unmounted' || state === 'absent' || state === 'absent_from_fstab')
    return compareGone(current, wanted, diff, edits);
  if (state === 'present') {
    if (diff.length === 0) return same(`${path} is in ${wanted.fstab}`);
    return change<MountChange>(`${wanted.fstab} says otherwise about ${path}`, diff, { ...NOTHING, edits });
  }
  return compareThere(current, wanted, diff, edits);
}

function compareThere(
  current: MountState,
  { path, state, entry, fstab }: MountWanted,
  diff: Difference[],
  edits: readonly TextEdit[],
): Verdict<MountChange> {
  const { live } = current;
  const wrong = live !== undefined && !isSameSource(current, entry!);
  if (wrong && state === 'ephemeral')
    return impossible(`${live.source} is mounted at ${path}`, 'Unmount it first (`state: unmounted`).');
  const options = live && !wrong ? optionsDiffer(live, entry!.options) : [];
  if (!live || wrong) diff.push({ subject: path, before: live?.source, after: entry!.spec });
  else if (options.length > 0)
    diff.push({ subject: `${path} options`, before: live.options.join(','), after: entry!.options });
  if (diff.length === 0)
    return same(`${entry!.spec} is mounted at ${path}${state === 'mounted' ? `, as in ${fstab}` : ''}`);
  const action = !live ? 'mount' : wrong ? 'again' : 'remount';
  const why = !live
    ? `nothing is mounted at ${path}`
    : wrong
      ? `${live.source} is mounted at ${path}`
      : `${path} is mounted otherwise`;
  return change<MountChange>(why, diff, {
    ...NOTHING,
    live: action,
    depth: wrong ? live.depth : 0,
    edits,
    makePoint: !live && current.point === undefined,
  });
}

function compareGone(
  current: MountState,
  { path, state, fstab }: MountWanted,
  diff: Difference[],
  edits: readonly TextEdit[],
): Verdict<MountChange> {
  const unmount = current.live !== undefined && state !== 'absent_from_fstab';
  if (unmount) diff.push({ subject: path, before: current.live!.source, after: 'not mounted' });
  const removePoint = state === 'absent' && (unmount || current.point === 'empty');
  if (state === 'absent' && current.point === 'empty') diff.push({ subject: path, before: 'directory' });
  if (diff.length === 0)
    return same(
      state === 'unmounted' ? `nothing is mounted at ${path}` : `${path} is neither mounted nor in ${fstab}`,
    );
  const why = unmount ? 'is mounted' : edits.length > 0 ? `is in ${fstab}` : 'is an empty directory';
  return change<MountChange>(`${path} ${why}`, diff, {
    ...NOTHING,
    live: unmount ? 'unmount' : undefined,
    depth: unmount ? current.live!.depth : 0,
    edits,
    removePoint,
  });
}

/** What fstab shall be; undefined where the state leaves it alone. Other lines stay byte for byte. */
function fstabEdit(current: MountState, wanted: MountWanted): TextEdit | undefined {
  const { state, entry, path, fstab, backup } = wanted;
  if (state === 'ephemeral' || state === 'unmounted') return undefined;
  const before = textIn(current.fstab, fstab);
  const edit = { path: fstab, current: current.fstab, backup, attributes: { mode: '0644' } };
  const lines = parseFstab(before);
  const here = (line: (typeof lines)[number]) => line.entry !== undefined && trim(line.entry.file) === path;
  if (state === 'absent' || state === 'absent_from_fstab') {
    const left = lines.filter((line) => !here(line));
    if (left.length === lines.length) return undefined;
    return { ...edit, text: formatFstab(left, before) };
  }
  const exact = lines.findIndex((line) => here(line) && line.entry!.spec === entry!.spec);
  const at = exact === -1 ? lines.findIndex(here) : exact;
  if (
    at !== -1 &&
    formatEntry(lines[at]!.entry!) === formatEntry({ ...entry!, file: lines[at]!.entry!.file })
  )
    return { ...edit, text: before };
  const own = { text: formatEntry(entry!) };
  const after = at === -1 ? [...lines, own] : lines.map((line, index) => (index === at ? own : line));
  return { ...edit, text: formatFstab(after, before) };
}

function trim(path: string): string {
  return path.replace(/(.)\/+$/, '$1');
}

/** Whether what is mounted is what was asked for. What cannot be told apart counts as the same. */
function isSameSource(current: MountState, entry: FstabEntry): boolean {
  const { live, wantedSource, liveSource } = current;
  if (wantedSource !== undefined && liveSource !== undefined) return wantedSource === liveSource;
  if (/^(\/\/|[^/]+:)/.test(entry.spec) && /^(\/\/|[^/]+:)/.test(live!.source))
    return trim(entry.spec) === trim(live!.source);
  const pseudo = ['tmpfs', 'ramfs', 'proc', 'sysfs', 'overlay', 'hugetlbfs', 'bpf', 'debugfs', 'tracefs'];
  return pseudo.includes(entry.type) ? live!.type === entry.type : true;
}
