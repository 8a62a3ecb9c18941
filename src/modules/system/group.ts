import { Type } from 'typebox';
import { change, defineState, impossible, same } from '../../module/contract.ts';
import { Unclear } from '../../module/outlook.ts';
import { inLines, type Program, sh } from '../../module/program.ts';
import { databases, literal, rowsOf } from '../accounts/database.ts';

interface Current {
  readonly gid: number | undefined;
  /** Another group that has the wanted gid. */
  readonly takenBy: string | undefined;
  /** groupadd and its kin are there; otherwise busybox's addgroup. */
  readonly shadow: boolean;
}

type Change = { readonly step: 'create' | 'modify' | 'remove'; readonly shadow: boolean };

/** What a dry run expects of a group. */
interface Planned {
  readonly there: boolean;
  /** Undefined where the host chooses it. */
  readonly gid: number | undefined;
}

export const group = defineState({
  name: 'group',
  summary: 'A group of users.',
  description:
    'As `ansible.builtin.group`. Works with the shadow tools and with busybox. Left out: `local`, `ssh_*`, the id ' +
    'ranges `gid_min` and `gid_max`.',
  params: Type.Object({
    name: Type.String({ description: 'Its name.', pattern: '^[^-:\\s][^:\\s]*$' }),
    gid: Type.Optional(Type.Integer({ minimum: 0, description: 'Its id; default: the next free one.' })),
    state: Type.Optional(
      Type.Enum(['present', 'absent'], { default: 'present', description: 'There or not.' }),
    ),
    system: Type.Optional(
      Type.Boolean({ default: false, description: 'Take the id from the range for system groups.' }),
    ),
    non_unique: Type.Optional(
      Type.Boolean({ default: false, description: 'Allow a gid that another group has.' }),
    ),
    force: Type.Optional(
      Type.Boolean({ default: false, description: 'Remove it although it is the primary group of a user.' }),
    ),
  }),
  returns: Type.Object({
    name: Type.String(),
    gid: Type.Optional(Type.Integer({ description: 'Its id.' })),
    state: Type.String(),
    system: Type.Boolean(),
  }),
  elsewhere: {
    local: 'groupadd and groupmod are always used; leave it out.',
  },
  examples: [
    { title: 'a group with a fixed id', yaml: '- group: {name: operators, gid: 2000}' },
    { title: 'remove a group', yaml: '- group: {name: leavers, state: absent}', given: 'groupadd leavers' },
  ],

  probe: (p) =>
    inLines(sh`
    ${databases(
      ['/etc/group'],
      [`^${literal(p.name)}:`, ...(p.gid === undefined ? [] : [`^[^:]*:[^:]*:${p.gid}:`])],
    )}
    case $far$own$v in
      systemd*/etc/group:${p.name}:*|/*|'') ;;
      *)
        IFS='
    '
        for l in $(getent group ${p.name} ${p.gid} 2>/dev/null); do echo "/etc/group:$l"; done ;;
    esac
    if command -v groupadd >/dev/null; then echo shadow; fi
  `),

  read: (output, p): Current => {
    const rows = rowsOf(output.stdout, 'group');
    const fields = rows.find(([name]) => name === p.name);
    const takenBy = rows.find(([name, , gid]) => name !== p.name && gid === String(p.gid))?.[0];
    const shadow = output.stdout.split('\n').includes('shadow');
    return { gid: fields ? Number(fields[2]) : undefined, takenBy, shadow };
  },

  compare: (current, p) => {
    const { gid, shadow } = current;
    if (p.state === 'absent') {
      if (gid === undefined) return same(`there is no group ${p.name}`);
      return change<Change>(
        `there is a group ${p.name}`,
        [{ subject: `group ${p.name}`, before: `gid ${gid}` }],
        {
          step: 'remove',
          shadow,
        },
      );
    }
    if (gid !== undefined && (p.gid === undefined || p.gid === gid)) return same(`${p.name} has gid ${gid}`);
    if (current.takenBy !== undefined && !p.non_unique)
      return impossible(
        `gid ${p.gid} belongs to the group ${current.takenBy}`,
        'Choose another, or set non_unique.',
      );
    if (gid !== undefined && !shadow)
      return impossible(
        `${p.name} has gid ${gid} and this host has no groupmod`,
        'Install its package `shadow`.',
      );
    const after = p.gid === undefined ? "gid of the host's choice" : `gid ${p.gid}`;
    const before = gid === undefined ? undefined : `gid ${gid}`;
    return change<Change>(
      gid === undefined ? `there is no group ${p.name}` : `${p.name} has gid ${gid}`,
      [{ subject: `group ${p.name}`, before, after }],
      { step: gid === undefined ? 'create' : 'modify', shadow },
    );
  },

  apply: ({ step, shadow }, p): Program => {
    const unique = p.non_unique && p.gid !== undefined ? ['-o'] : [];
    const id = p.gid === undefined ? [] : ['-g', String(p.gid)];
    if (step === 'remove')
      return shadow ? sh`groupdel ${p.force ? ['-f'] : []} ${p.name}` : sh`delgroup ${p.name}`;
    if (step === 'modify') return sh`groupmod ${id} ${unique} ${p.name}`;
    return shadow
      ? sh`groupadd ${p.system ? ['-r'] : []} ${id} ${unique} ${p.name}`
      : sh`addgroup ${p.system ? ['-S'] : []} ${id} ${p.name}`;
  },

  result: (current, p) => ({
    name: p.name,
    ...(current.gid !== undefined && { gid: current.gid }),
    state: current.gid === undefined ? 'absent' : 'present',
    system: p.system ?? false,
  }),
  touches: (p) => [`group:${p.name}`],
  foresee: (current, p, outlook) => {
    const then = outlook.of(`group:${p.name}`);
    if (!then) return current;
    const known = then.state as Planned | undefined;
    if (!known || (known.there && known.gid === undefined && p.gid !== undefined))
      return new Unclear(then.by);
    return { ...current, gid: known.there ? (known.gid ?? -1) : undefined };
  },
  effects: ({ step }, _current, p) => [
    { subject: `group:${p.name}`, state: { there: step !== 'remove', gid: p.gid } satisfies Planned },
  ],
});
