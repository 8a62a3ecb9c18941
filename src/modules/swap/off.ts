import { change, type Difference, same, type Verdict } from '../../module/contract.ts';
import type { Host } from '../../module/host.ts';
import { lines, type Program, sh } from '../../module/program.ts';
import { formatFstab, parseFstab } from '../mounts/fstab.ts';
import { applyEdits, type TextEdit, textDifference, textIn } from '../system/managed-file.ts';
import type { SwapState, SwapUnit } from './probe.ts';

export interface OffChange {
  readonly to: 'off';
  /** What is turned off now; undefined: all of it. */
  readonly paths: readonly string[] | undefined;
  readonly edits: readonly TextEdit[];
  readonly disable: readonly string[];
  readonly mask: readonly string[];
  readonly zram: readonly string[];
  readonly systemd: boolean;
  /** A swap file that is removed. */
  readonly remove: string | undefined;
}

const FSTAB = '/etc/fstab';

/** No swap at all: now, in fstab, in units and by generators. */
export function compareOff(current: SwapState, backup: boolean): Verdict<OffChange> {
  const diff: Difference[] = current.active.map((path) => off(path));
  const edit = fstabEdit(current, backup, () => true);
  const difference = textDifference(edit);
  if (difference) diff.push(difference);
  const disable = current.units.filter(isOn);
  const mask = disable.filter((unit) => !unit.fragment.startsWith('/etc/'));
  for (const unit of disable)
    diff.push({
      subject: unit.name,
      before: unit.state || 'active',
      after: mask.includes(unit) ? 'masked' : 'disabled',
    });
  for (const file of current.zram)
    diff.push({ subject: file, before: 'swap in compressed memory', after: 'empty' });
  if (diff.length === 0) return same('there is no swap, now or at boot');
  return change<OffChange>(reason(current, difference !== undefined), diff, {
    to: 'off',
    paths: current.active.length > 0 ? undefined : [],
    edits: difference ? [edit] : [],
    disable: disable.filter((unit) => unit.state !== 'generated').map((unit) => unit.name),
    mask: mask.map((unit) => unit.name),
    zram: current.zram,
    systemd: current.systemd,
    remove: undefined,
  });
}

/** One swap file or partition: off, out of fstab, and the file gone. */
export function compareOffOne(
  current: SwapState,
  path: string,
  there: 'file' | 'other' | undefined,
  backup: boolean,
): Verdict<OffChange> {
  const active = current.active.includes(path);
  const edit = fstabEdit(current, backup, (spec) => spec === path);
  const difference = textDifference(edit);
  const diff: Difference[] = active ? [off(path)] : [];
  if (difference) diff.push(difference);
  if (there === 'file') diff.push({ subject: path, before: 'swap file', after: undefined });
  if (diff.length === 0) return same(`${path} is not used as swap`);
  return change<OffChange>(`${path} is ${active ? 'used as' : 'there for'} swap`, diff, {
    to: 'off',
    paths: active ? [path] : [],
    edits: difference ? [edit] : [],
    disable: [],
    mask: [],
    zram: [],
    systemd: current.systemd,
    remove: there === 'file' ? path : undefined,
  });
}

export function applyOff(wanted: OffChange): Program | ((host: Host) => Promise<void>) {
  const { paths, disable, mask, zram, remove } = wanted;
  const before = lines(
    paths === undefined ? sh`swapoff -a` : paths.length > 0 && sh`swapoff ${paths}`,
    disable.length > 0 && sh`systemctl disable --now -- ${disable} 2>&1`,
    zram.length > 0 && emptyFiles(zram),
  );
  // A unit that a generator made is gone after this, if what it was made from is.
  const after = lines(
    wanted.systemd && (wanted.edits.length > 0 || zram.length > 0) && sh`systemctl daemon-reload`,
    mask.length > 0 && sh`systemctl mask --now -- ${mask} 2>&1`,
    remove !== undefined && sh`rm -f ${remove}`,
  );
  return applyEdits(wanted.edits, {
    before: before.text === '' ? undefined : before,
    after: after.text === '' ? undefined : after,
  });
}

function off(path: string): Difference {
  return { subject: path, before: 'swap in use', after: 'off' };
}

/** Swap lines become comments; all else stays byte for byte. */
function fstabEdit(current: SwapState, backup: boolean, which: (spec: string) => boolean): TextEdit {
  const before = textIn(current.fstab, FSTAB);
  const lines = parseFstab(before).map((line) =>
    line.entry?.type === 'swap' && which(line.entry.spec) ? { text: `#${line.text}` } : line,
  );
  const touched = lines.some((line, at) => line.text !== parseFstab(before)[at]!.text);
  const after = touched ? formatFstab(lines, before) : before;
  return { path: FSTAB, current: current.fstab, text: current.fstab.real ? after : undefined, backup };
}

/** Whether a unit would turn swap on. What comes from fstab or zram-generator goes with the files it is made from. */
function isOn(unit: SwapUnit): boolean {
  if (unit.state === 'masked' || unit.state === 'masked-runtime') return false;
  if (unit.state === 'generated')
    return unit.name.endsWith('.swap') ? ofPartitionTable(unit) : unit.source.startsWith('/etc/init.d/');
  if (/^(enabled|linked)/.test(unit.state)) return true;
  return unit.active && unit.fragment !== '';
}

/** Made by systemd's generator for partitions of the type swap: nothing but a mask keeps it off. */
function ofPartitionTable(unit: SwapUnit): boolean {
  return unit.source === '' && unit.fragment !== '' && !unit.name.startsWith('dev-zram');
}

function reason(current: SwapState, inFstab: boolean): string {
  if (current.active.length > 0) return `swap is on: ${current.active.join(', ')}`;
  return inFstab ? 'swap is in /etc/fstab' : 'swap would come back at boot';
}

/** An empty file in /etc hides those of the same name in /usr/lib. What stood in /etc is kept beside it. */
function emptyFiles(files: readonly string[]): Program {
  return sh`
    for f in ${files}; do
      mkdir -p "\${f%/*}"
      if [ -s "$f" ]; then cp -p "$f" "$f.before-slipway"; fi
      : > "$f"
    done
  `;
}
