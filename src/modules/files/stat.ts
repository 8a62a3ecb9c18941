import { Type } from 'typebox';
import { SlipwayError } from '../../base/errors.ts';
import { defineQuery } from '../../module/contract.ts';
import { inLines, lines, raw, sh } from '../../module/program.ts';
import { octal } from './mode.ts';
import { type PathState, readPath } from './path-state.ts';
import { probePath } from './probe-path.ts';
import { foreseeStat } from './stat-outlook.ts';

const ALGORITHMS = ['md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512'] as const;

const flag = (description: string) => Type.Optional(Type.Boolean({ description }));
const text = (description: string) => Type.Optional(Type.String({ description }));
const whole = (description: string) => Type.Optional(Type.Integer({ description }));

export const stat = defineQuery({
  name: 'stat',
  summary: 'What stands at a path.',
  description:
    'As `ansible.builtin.stat`. Times are whole seconds. Not there: `mimetype`, `charset`, `attributes` and `version`, which need programs that a host may not have.',
  params: Type.Object({
    path: Type.String({ description: 'The path.', minLength: 1 }),
    follow: Type.Optional(Type.Boolean({ default: false, description: 'Look at what a link points to.' })),
    get_checksum: Type.Optional(Type.Boolean({ default: true, description: 'Hash a regular file.' })),
    get_mime: Type.Optional(
      Type.Literal(false, { description: 'Accepted for Ansible playbooks: types are not looked up.' }),
    ),
    get_attributes: Type.Optional(
      Type.Literal(false, { description: 'Accepted for Ansible playbooks: `lsattr` is not asked.' }),
    ),
    checksum_algorithm: Type.Optional(
      Type.Enum([...ALGORITHMS], { default: 'sha1', description: 'How to hash it.' }),
    ),
  }),
  returns: Type.Object({
    stat: Type.Object(
      {
        exists: Type.Boolean({ description: 'Whether anything is there. If not, all else is missing.' }),
        path: text('The path.'),
        mode: text('Permissions, four octal digits.'),
        isreg: flag('A regular file.'),
        isdir: flag('A directory.'),
        islnk: flag('A symbolic link.'),
        isfifo: flag('A named pipe.'),
        issock: flag('A unix socket.'),
        isblk: flag('A block device.'),
        ischr: flag('A character device.'),
        uid: whole('Id of the owner.'),
        gid: whole('Id of the group.'),
        pw_name: text('Name of the owner.'),
        gr_name: text('Name of the group.'),
        size: whole('Bytes.'),
        inode: whole('Inode number.'),
        dev: whole('Device number.'),
        nlink: whole('Number of hard links.'),
        atime: whole('Last access, seconds since 1970.'),
        mtime: whole('Last change of the content.'),
        ctime: whole('Last change of content or attributes.'),
        checksum: text('Hash of a regular file that can be read.'),
        lnk_source: text('Where a link leads to in the end.'),
        lnk_target: text('The text of a link.'),
        readable: flag('This user may read it.'),
        writeable: flag('This user may write it.'),
        executable: flag('This user may execute it.'),
        isuid: flag('Set-user-id.'),
        isgid: flag('Set-group-id.'),
        issticky: flag('Sticky.'),
        rusr: flag('The owner may read.'),
        wusr: flag('The owner may write.'),
        xusr: flag('The owner may execute.'),
        rgrp: flag('The group may read.'),
        wgrp: flag('The group may write.'),
        xgrp: flag('The group may execute.'),
        roth: flag('Others may read.'),
        woth: flag('Others may write.'),
        xoth: flag('Others may execute.'),
      },
      { description: 'What was found.' },
    ),
  }),
  elsewhere: {
    dest: 'Write `path`.',
    name: 'Write `path`.',
    checksum_algo: 'Write `checksum_algorithm`.',
    checksum: 'Write `checksum_algorithm`.',
  },
  examples: [
    {
      title: 'act only where something is missing',
      yaml: `
        - stat: {path: /etc/kubernetes/admin.conf}
          register: admin
        - debug: {msg: no cluster here yet}
          when: '!admin.stat.exists'
      `,
    },
  ],

  probe: (p) =>
    inLines(
      lines(
        probePath(p.path, { hash: false, follow: p.follow === true, realPath: p.follow !== true }),
        p.get_checksum !== false &&
          sh`
          if [ -f "$f" ] && [ -r "$f" ]; then
            printf 'checksum '; ${raw(`${p.checksum_algorithm ?? 'sha1'}sum`)} < "$f"
          fi
        `,
        sh`
        if [ -r "$f" ]; then echo readable; fi
        if [ -w "$f" ]; then echo writeable; fi
        if [ -x "$f" ]; then echo executable; fi
        exit 0
      `,
      ),
    ),

  foresee: (result, p, outlook) => foreseeStat(result, p, outlook),
  read: (output, p) => {
    if (output.code !== 0)
      throw new SlipwayError('task.failed', `${p.path} cannot be looked at: ${output.stderr.trim()}`);
    const state = readPath(output.stdout);
    const follow = p.follow === true;
    const it = follow ? state.real : state.own;
    if (!it) return { stat: { exists: false } };
    const said = output.stdout.split('\n');
    const checksum = said
      .find((line) => line.startsWith('checksum '))
      ?.slice(9)
      .split(' ')[0];
    return {
      stat: {
        exists: true,
        path: p.path,
        ...kinds(it.type),
        ...permissions(it.mode),
        uid: it.uid,
        gid: it.gid,
        pw_name: it.owner,
        gr_name: it.group,
        size: it.size,
        inode: it.inode,
        dev: it.device,
        nlink: it.links,
        atime: it.atime,
        mtime: it.mtime,
        ctime: it.ctime,
        readable: said.includes('readable'),
        writeable: said.includes('writeable'),
        executable: said.includes('executable'),
        ...(it.type === 'file' && checksum !== undefined && { checksum }),
        ...linkOf(state, follow),
      },
    };
  },
});

function kinds(type: string) {
  return {
    isreg: type === 'file',
    isdir: type === 'directory',
    islnk: type === 'link',
    isfifo: type === 'fifo',
    issock: type === 'socket',
    isblk: type === 'block',
    ischr: type === 'char',
  };
}

function permissions(mode: number) {
  const has = (bit: number) => (mode & bit) !== 0;
  return {
    mode: octal(mode),
    isuid: has(0o4000),
    isgid: has(0o2000),
    issticky: has(0o1000),
    rusr: has(0o400),
    wusr: has(0o200),
    xusr: has(0o100),
    rgrp: has(0o040),
    wgrp: has(0o020),
    xgrp: has(0o010),
    roth: has(0o004),
    woth: has(0o002),
    xoth: has(0o001),
  };
}

function linkOf(state: PathState, follow: boolean) {
  if (follow || state.own?.type !== 'link') return {};
  return {
    ...(state.target !== undefined && { lnk_target: state.target }),
    ...(state.realPath !== undefined && { lnk_source: state.realPath }),
  };
}
