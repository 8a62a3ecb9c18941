import { change, type Difference, impossible, same, type Verdict } from '../../module/contract.ts';
import type { Host } from '../../module/host.ts';
import { lines, type Program, sh } from '../../module/program.ts';
import { escapeField, formatEntry, parseFstab } from '../mounts/fstab.ts';
import { applyEdits, type TextEdit, textDifference, textIn } from '../system/managed-file.ts';
import type { SwapState } from './probe.ts';

/** What stands at the path of the swap. */
export interface SwapPlace {
  readonly type: 'file' | 'other' | undefined;
  readonly bytes: number;
  /** Whether `mkswap` has been there. */
  readonly signed: boolean;
  readonly mode: string;
}

export interface OnWanted {
  readonly path: string;
  readonly bytes: number | undefined;
  readonly priority: number | undefined;
  readonly backup: boolean;
}

export interface OnChange {
  readonly to: 'on';
  /** Bytes of the file to make. */
  readonly make: number | undefined;
  readonly mode: boolean;
  readonly start: boolean;
  readonly stop: boolean;
  readonly edits: readonly TextEdit[];
  readonly systemd: boolean;
}

const FSTAB = '/etc/fstab';

/** `mkswap` signs at the end of a page, which may be of any of four sizes. What is swapped to is signed for certain. */
export function probePlace(path: string): Program {
  return sh`
    p=${path}
    if [ -f "$p" ]; then echo "place file $(stat -L -c '%s %a' "$p")"; elif [ -e "$p" ]; then echo 'place other 0 0'; fi
    u=
    while read -r d l; do if [ "$d" = ${escapeField(path)} ]; then u=1; fi; done 2>/dev/null < /proc/swaps
    if [ -z "$u" ] && [ -e "$p" ]; then
      for n in 4086 8182 16374 65526; do
        set -- $(od -An -tx1 -j $n -N 10 "$p" 2>/dev/null)
        if [ "$*" = '53 57 41 50 53 50 41 43 45 32' ]; then echo signed; break; fi
      done
    fi
  `;
}

export function readPlace(stdout: string): SwapPlace {
  const found = /^place (file|other) (\d+) (\d+)$/m.exec(stdout);
  return {
    type: found?.[1] as SwapPlace['type'],
    bytes: Number(found?.[2] ?? 0),
    mode: found?.[3] ?? '',
    signed: /^signed$/m.test(stdout),
  };
}

/** Swap in a file or on a device: there, in use, and in fstab. */
export function compareOn(current: SwapState, place: SwapPlace, wanted: OnWanted): Verdict<OnChange> {
  const { path, bytes } = wanted;
  const active = current.active.includes(path);
  const resize = place.type === 'file' && bytes !== undefined && place.bytes !== bytes;
  if (place.type === undefined && bytes === undefined)
    return impossible(`${path} is not there`, 'Give a `size` to have a swap file made.');
  if (place.type !== undefined && !place.signed && !active)
    return impossible(
      `${path} is there and holds no swap`,
      `If what it holds may be lost, remove it, or run \`mkswap ${path}\` first.`,
    );
  const make = place.type === undefined || resize ? bytes : undefined;
  const mode = place.type === 'file' && make === undefined && place.mode !== '600';
  const diff: Difference[] = [];
  if (make !== undefined)
    diff.push({
      subject: `${path} size`,
      ...(resize && { before: String(place.bytes) }),
      after: String(make),
    });
  if (mode) diff.push({ subject: `${path} mode`, before: place.mode, after: '600' });
  if (!active) diff.push({ subject: path, before: 'not in use', after: 'swap' });
  const edit = fstabEdit(current, wanted);
  const difference = textDifference(edit);
  if (difference) diff.push(difference);
  if (diff.length === 0) return same(`${path} is used as swap, now and at boot`);
  return change<OnChange>(
    active ? `${path} is otherwise than asked for` : `${path} is not used as swap`,
    diff,
    {
      to: 'on',
      make,
      mode,
      start: !active || make !== undefined,
      stop: active && make !== undefined,
      edits: difference ? [edit] : [],
      systemd: current.systemd,
    },
  );
}

export function applyOn(wanted: OnChange, p: OnWanted): Program | ((host: Host) => Promise<void>) {
  const priority = p.priority === undefined ? [] : [`-p${p.priority}`];
  const steps = lines(
    sh`f=${p.path}`,
    wanted.stop && sh`swapoff "$f"`,
    wanted.make !== undefined && makeFile(wanted.make),
    wanted.mode && sh`chmod 0600 "$f"`,
    wanted.start && sh`swapon ${priority} "$f"`,
  );
  return applyEdits(wanted.edits, {
    before: steps,
    after: wanted.systemd && wanted.edits.length > 0 ? sh`systemctl daemon-reload` : undefined,
  });
}

// A file with holes, or one that is copied on write (btrfs), cannot be swapped to; dd is for file systems that
// fallocate cannot serve. Odd sizes are filled up by the last, smaller block.
function makeFile(bytes: number): Program {
  const megabytes = Math.floor(bytes / 1024 / 1024);
  const rest = bytes % (1024 * 1024);
  return sh`
    mkdir -p "\${f%/*}/"
    rm -f "$f"
    ( umask 077; : > "$f" )
    chattr +C "$f" 2>/dev/null || true
    fallocate -l ${bytes} "$f" 2>/dev/null || {
      dd if=/dev/zero of="$f" bs=1048576 count=${megabytes} 2>/dev/null &&
      head -c ${rest} /dev/zero >> "$f"
    } || { rm -f "$f"; echo "there is no room for $f" >&2; exit 1; }
    chmod 0600 "$f"
    mkswap "$f" > /dev/null || { rm -f "$f"; exit 1; }
  `;
}

function fstabEdit(current: SwapState, p: OnWanted): TextEdit {
  const before = textIn(current.fstab, FSTAB);
  const options = p.priority === undefined ? 'sw' : `sw,pri=${p.priority}`;
  const lines = parseFstab(before);
  const own = lines.findIndex(({ entry }) => entry?.type === 'swap' && entry.spec === p.path);
  const entry = { spec: p.path, file: 'none', type: 'swap', options, dump: '0', pass: '0' };
  const edit = { path: FSTAB, current: current.fstab, backup: p.backup, attributes: { mode: '0644' } };
  if (own === -1) return { ...edit, text: `${before.replace(/([^\n])$/, '$1\n')}${formatEntry(entry)}\n` };
  const there = lines[own]!.entry!.options;
  if (p.priority === undefined || new RegExp(`(^|,)pri=${p.priority}(,|$)`).test(there))
    return { ...edit, text: before };
  const mended = [...there.split(',').filter((word) => !word.startsWith('pri=')), `pri=${p.priority}`].join(
    ',',
  );
  const head = /^(\s*\S+\s+\S+\s+\S+\s+)\S+/;
  const text = lines.map((line, at) =>
    at === own ? line.text.replace(head, (_, start: string) => start + escapeField(mended)) : line.text,
  );
  return { ...edit, text: `${text.join('\n')}\n` };
}
