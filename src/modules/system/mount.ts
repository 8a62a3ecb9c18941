import { type Static, Type } from 'typebox';
import { SlipwayError } from '../../base/errors.ts';
import { defineState } from '../../module/contract.ts';
import { Unclear } from '../../module/outlook.ts';
import { lines, type Program, sh } from '../../module/program.ts';
import { isFolderThen, pathSubject } from '../files/expected.ts';
import { compareMount, type MountChange, type MountWanted } from '../mounts/mount-compare.ts';
import { probeMount, readMount } from '../mounts/mount-state.ts';
import { applyEdits, editEffects, foreseeText } from './managed-file.ts';

const number = (description: string) =>
  Type.Optional(Type.Union([Type.Integer({ minimum: 0 }), Type.String()], { default: '0', description }));

const params = Type.Object({
  path: Type.String({ pattern: '^/', description: 'Where it is mounted.' }),
  src: Type.Optional(
    Type.String({
      description:
        'Device, `UUID=...`, `server:/path`, or a directory (with `opts: bind`). Not needed to remove.',
    }),
  ),
  fstype: Type.Optional(
    Type.String({ description: 'Type of the file system: `ext4`, `nfs`, `tmpfs`; `none` for a bind mount.' }),
  ),
  opts: Type.Optional(Type.String({ default: 'defaults', description: 'Options, with commas.' })),
  dump: number('The fifth field of fstab.'),
  passno: number('The sixth field of fstab: when it is checked at boot.'),
  state: Type.Enum(
    ['mounted', 'unmounted', 'present', 'absent', 'absent_from_fstab', 'remounted', 'ephemeral'],
    {
      description:
        '`mounted`: now and in fstab. `unmounted`: not now. `present`: in fstab only. `absent`: neither, and an empty ' +
        'mount point is removed. `ephemeral`: now only. `remounted`: done each time.',
    },
  ),
  fstab: Type.Optional(Type.String({ default: '/etc/fstab', description: 'The file.' })),
  backup: Type.Optional(Type.Boolean({ default: false, description: 'Keep a copy of a changed fstab.' })),
  boot: Type.Optional(
    Type.Boolean({ default: true, description: 'False adds `noauto`: it is not mounted at boot.' }),
  ),
});

type Params = Static<typeof params>;

export const mount = defineState({
  name: 'mount',
  summary: 'A mounted file system, now and in fstab.',
  description:
    'As `ansible.posix.mount`. Order, comments and spacing of fstab stay. What is mounted there from another source is ' +
    'unmounted first; other options are set by a remount. Options are compared as far as the kernel tells them ' +
    '(`ro`, `noexec`, `nosuid`, `nodev`, `noatime`, `sync`, the `size` of a tmpfs). `absent` leaves a mount point that ' +
    'is not empty.',
  params,
  returns: Type.Object({
    path: Type.String(),
    fstab: Type.String(),
    mounted: Type.Boolean({ description: 'Whether something is mounted there.' }),
    src: Type.Optional(Type.String({ description: 'What is mounted.' })),
    fstype: Type.Optional(Type.String()),
    opts: Type.Optional(Type.String({ description: 'The options in force.' })),
  }),
  examples: [
    {
      title: 'a scratch space in memory',
      yaml: "- mount: {path: /srv/scratch, src: tmpfs, fstype: tmpfs, opts: 'size=16m,noexec', state: mounted}",
    },
    {
      title: 'a directory shown at another place, until the next boot',
      yaml: '- mount: {path: /mnt/configuration, src: /etc, fstype: none, opts: bind, state: ephemeral}',
    },
    {
      title: 'a volume of a server',
      yaml: '- mount: {path: /srv/data, src: "files.example.org:/data", fstype: nfs, opts: _netdev, state: mounted}',
      skip: 'It needs the server.',
    },
  ],

  probe: (p) => probeMount(questionOf(p)),
  read: (output, p) => readMount(output.stdout, questionOf(p)),
  compare: (current, p) => compareMount(current, wantedOf(p)),
  apply: (change: MountChange, p) => {
    const gone = change.live === 'unmount';
    const reload =
      change.edits.length > 0 &&
      pathOf(p.fstab ?? '/etc/fstab') === '/etc/fstab' &&
      sh`if [ -d /run/systemd/system ]; then systemctl daemon-reload; fi`;
    const after = lines(reload, !gone && liveProgram(change, p), change.removePoint && removePoint());
    return applyEdits(change.edits, {
      before: lines(sh`p=${pathOf(p.path)}`, gone && unmount(change.depth)),
      after: after.text === '' ? undefined : after,
    });
  },

  touches: (p) => [
    `mount:${pathOf(p.path)}`,
    pathSubject(pathOf(p.path)),
    pathSubject(p.fstab ?? '/etc/fstab'),
  ],
  reads: (p) => (p.src?.startsWith('/') ? [pathSubject(p.src)] : []),
  foresee: (current, p, outlook) => {
    const then = outlook.concerning([`mount:${pathOf(p.path)}`]);
    if (then) return new Unclear(then.by);
    const fstab = foreseeText(p.fstab ?? '/etc/fstab', current.fstab, outlook);
    if (fstab instanceof Unclear) return fstab;
    const isPoint = current.point === undefined && isFolderThen(pathOf(p.path), outlook);
    return { ...current, fstab, ...(isPoint && { point: 'empty' as const }) };
  },
  effects: (change, _current, p, doer) => [
    { subject: `mount:${pathOf(p.path)}` },
    ...(change.live ? [{ subject: pathSubject(pathOf(p.path)) }] : []),
    ...editEffects(change.edits, doer),
  ],

  result: ({ live }, p) => ({
    path: p.path,
    fstab: p.fstab ?? '/etc/fstab',
    mounted: live !== undefined,
    ...(live && { src: live.source, fstype: live.type, opts: live.options.join(',') }),
  }),
});

function pathOf(path: string): string {
  return path.replace(/(.)\/+$/, '$1');
}

function isBind(p: Params): boolean {
  return /(^|,)r?bind(,|$)/.test(p.opts ?? '');
}

function questionOf(p: Params) {
  return { path: pathOf(p.path), src: p.src, bind: isBind(p), fstab: p.fstab ?? '/etc/fstab' };
}

/** @throws {SlipwayError} task.invalid where the state needs what is not given */
function wantedOf(p: Params): MountWanted {
  const needs = ['mounted', 'present', 'ephemeral'].includes(p.state);
  const missing = (['src', 'fstype'] as const).filter((key) => p[key] === undefined);
  if (needs && missing.length > 0)
    throw new SlipwayError('task.invalid', `mount: ${p.state} needs ${missing.join(' and ')}`, {
      hint: 'Say what is to be mounted: mount: {path: /srv, src: /dev/sdb1, fstype: ext4, state: mounted}',
    });
  const options = p.opts ?? 'defaults';
  const auto = p.boot !== false || options.split(',').includes('noauto');
  return {
    path: pathOf(p.path),
    state: p.state,
    fstab: p.fstab ?? '/etc/fstab',
    backup: p.backup ?? false,
    entry: needs
      ? {
          spec: p.src!,
          file: pathOf(p.path),
          type: p.fstype!,
          options: auto ? options : `${options},noauto`,
          dump: String(p.dump ?? 0),
          pass: String(p.passno ?? 0),
        }
      : undefined,
  };
}

function liveProgram(change: MountChange, p: Params): Program | undefined {
  const options = p.opts ?? 'defaults';
  const mountIt = sh`mount -t ${p.fstype ?? 'auto'} -o ${options} ${p.src} "$p"`;
  if (change.live === 'mount') return lines(change.makePoint && sh`mkdir -p "$p"`, mountIt);
  if (change.live === 'again') return lines(unmount(change.depth), mountIt);
  if (change.live !== 'remount') return undefined;
  const given = p.opts === undefined ? 'remount' : `remount,${options}`;
  // Some file systems (nfs) refuse a remount with other options.
  const again = p.state === 'remounted' ? undefined : sh` || { umount "$p"; ${mountIt}; }`;
  return sh`mount -o ${given} "$p"${again}`;
}

function unmount(depth: number): Program {
  return lines(...Array.from({ length: depth }, () => sh`umount "$p"`));
}

/** One that is not empty stays. */
function removePoint(): Program {
  return sh`if [ -d "$p" ] && [ ! -L "$p" ] && [ -z "$(ls -A "$p")" ]; then rmdir "$p"; fi`;
}
