import { type Static, Type } from 'typebox';
import { SlipwayError } from '../../base/errors.ts';
import { defineState } from '../../module/contract.ts';
import { Unclear } from '../../module/outlook.ts';
import { lines } from '../../module/program.ts';
import { pathSubject } from '../files/expected.ts';
import { applyOff, compareOff, compareOffOne, type OffChange } from '../swap/off.ts';
import { applyOn, compareOn, type OnChange, type OnWanted, probePlace, readPlace } from '../swap/on.ts';
import { probeSwaps, readSwaps } from '../swap/probe.ts';
import { editEffects, foreseeText } from './managed-file.ts';

const params = Type.Object({
  state: Type.Optional(
    Type.Enum(['present', 'absent'], {
      default: 'present',
      description: 'In use, or not: now and at boot.',
    }),
  ),
  path: Type.Optional(
    Type.String({
      pattern: '^/',
      description: 'The swap file or device. Needed for `present`; `absent` without it means all swap.',
    }),
  ),
  size: Type.Optional(
    Type.String({
      pattern: '^\\d+([.]\\d+)?\\s*([KMGT](i?B)?)?$',
      description: 'Of the swap file, in powers of 1024: `2G`. A file of another size is made anew.',
    }),
  ),
  priority: Type.Optional(
    Type.Integer({ minimum: 0, maximum: 32767, description: 'The highest is used first.' }),
  ),
  backup: Type.Optional(Type.Boolean({ default: true, description: 'Keep a copy of a changed fstab.' })),
});

export const swap = defineState({
  name: 'swap',
  summary: 'Swap: none at all, or a swap file.',
  description:
    '`state: absent` turns all swap off and keeps it off: swap lines in `/etc/fstab` become comments, units of systemd ' +
    'that turn swap on are disabled (and masked where they are not made by hand), services such as `dphys-swapfile` and ' +
    '`zramswap` are disabled, and zram-generator gets an empty file in `/etc/systemd`. With a `path` only that swap ' +
    'goes, and a swap file is removed.\n\n' +
    '`state: present` makes a swap file of a `size`, or uses a device that `mkswap` has prepared. Ansible has no such ' +
    'module.',
  params,
  returns: Type.Object({
    active: Type.Array(Type.String(), { description: 'Files and devices that are swapped to.' }),
  }),
  examples: [
    {
      title: 'no swap, as a kubelet wants it',
      yaml: '- swap: {state: absent}',
      given: "printf '/swap.img none swap sw 0 0\\n' >> /etc/fstab",
    },
    {
      title: 'a swap file of two gigabytes',
      yaml: '- swap: {path: /swapfile, size: 2G}',
      skip: 'Swap belongs to the kernel, which a container shares with its machine.',
    },
  ],

  probe: (p) => {
    if (p.state === 'absent' && p.path === undefined) return probeSwaps('all');
    return lines(
      probeSwaps(p.state === 'absent' ? 'one' : 'present'),
      p.path !== undefined && probePlace(p.path),
    );
  },

  read: (output) => ({ swaps: readSwaps(output.stdout), place: readPlace(output.stdout) }),

  compare: ({ swaps, place }, p) => {
    const backup = p.backup ?? true;
    if (p.state !== 'absent') return compareOn(swaps, place, wantedOf(p));
    if (p.path === undefined) return compareOff(swaps, backup);
    return compareOffOne(swaps, p.path, place.type, backup);
  },

  apply: (change: OffChange | OnChange, p) =>
    change.to === 'off' ? applyOff(change) : applyOn(change, wantedOf(p)),

  touches: (p) => [
    'swap:',
    pathSubject('/etc/fstab'),
    ...(p.path === undefined ? [] : [pathSubject(p.path)]),
  ],
  foresee: (current, p, outlook) => {
    const then = outlook.of('swap:');
    const fstab = foreseeText('/etc/fstab', current.swaps.fstab, outlook);
    if (fstab instanceof Unclear) return fstab;
    if (!then) return { ...current, swaps: { ...current.swaps, fstab } };
    if (then.state !== 'off' || p.state !== 'absent') return new Unclear(then.by);
    return { ...current, swaps: { ...current.swaps, fstab, active: [], units: [], zram: [] } };
  },
  effects: (change, _current, p, doer) => [
    { subject: 'swap:', ...(change.to === 'off' && p.path === undefined && { state: 'off' }) },
    ...editEffects(change.edits, doer),
    ...(p.path === undefined ? [] : [{ subject: pathSubject(p.path) }]),
  ],

  result: ({ swaps }) => ({ active: [...swaps.active] }),
});

function wantedOf(p: Static<typeof params>): OnWanted {
  if (p.path === undefined)
    throw new SlipwayError('task.invalid', 'swap: present needs a `path`', {
      hint: 'Write where the swap file shall be: swap: {path: /swapfile, size: 2G}',
    });
  return { path: p.path, bytes: bytesOf(p.size), priority: p.priority, backup: p.backup ?? true };
}

/** Whole pages of 4096 bytes. */
function bytesOf(size: string | undefined): number | undefined {
  if (size === undefined) return undefined;
  const power = ' KMGT'.indexOf(/[KMGT]/.exec(size)?.[0] ?? ' ');
  return Math.ceil((Number.parseFloat(size) * 1024 ** power) / 4096) * 4096;
}
