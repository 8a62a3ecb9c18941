import { Type } from 'typebox';
import { change, type Difference, defineState, same } from '../../module/contract.ts';
import { lines, sh } from '../../module/program.ts';

interface Current {
  /** Live value; undefined where the kernel has no such parameter (its module may not be loaded yet). */
  readonly live: string | undefined;
  /** The value that the file gives it, or undefined. */
  readonly saved: string | undefined;
}

/** White space counts for nothing in a kernel parameter: "4096  87380" is "4096\t87380". */
const squeeze = (value: string) => value.trim().replace(/\s+/g, ' ');

export const sysctl = defineState({
  name: 'sysctl',
  summary: 'A kernel parameter, live and at boot.',
  description: 'As `ansible.posix.sysctl`. The live value is always set (Ansible: only with `sysctl_set`).',
  params: Type.Object({
    name: Type.String({
      description: 'The parameter, with dots: `net.ipv4.ip_forward`.',
      pattern: '^[\\w./-]+$',
    }),
    value: Type.Optional(
      Type.Union([Type.String(), Type.Number()], { description: 'Its value. Needed unless absent.' }),
    ),
    state: Type.Optional(
      Type.Union([Type.Literal('present'), Type.Literal('absent')], {
        default: 'present',
        description: 'Absent removes the line from the file and leaves the live value.',
      }),
    ),
    sysctl_file: Type.Optional(
      Type.String({ default: '/etc/sysctl.conf', description: 'The file that keeps it.' }),
    ),
  }),
  returns: Type.Object({ value: Type.Optional(Type.String({ description: 'The live value.' })) }),
  examples: [
    {
      title: 'let a node forward packets',
      yaml: `
        - sysctl: {name: net.ipv4.ip_forward, value: '1', sysctl_file: /etc/sysctl.d/99-kubernetes.conf}
      `,
    },
  ],

  probe: (p) => {
    const path = `/proc/sys/${p.name.replaceAll('.', '/')}`;
    return sh`
      printf 'live '; cat ${path} 2>/dev/null || echo
      printf 'saved '; sed -n ${`s/^[[:space:]]*${p.name.replaceAll('.', '\\.')}[[:space:]]*=//p`} ${fileOf(p)} 2>/dev/null | tail -n 1
    `;
  },

  read: (output): Current => {
    const value = (label: string) =>
      new RegExp(`^${label} (.*)$`, 'm').exec(output.stdout)?.[1]?.trim() || undefined;
    return { live: value('live'), saved: value('saved') };
  },

  compare: (current, p) => {
    const absent = p.state === 'absent';
    const wanted = absent ? undefined : squeeze(String(p.value));
    const diff: Difference[] = [];
    const saved = current.saved === undefined ? undefined : squeeze(current.saved);
    if (saved !== wanted) diff.push({ subject: fileOf(p), before: saved, after: wanted });
    const live = current.live === undefined ? undefined : squeeze(current.live);
    if (!absent && live !== wanted) diff.push({ subject: p.name, before: live, after: wanted });
    if (diff.length === 0)
      return same(absent ? `${p.name} is not in ${fileOf(p)}` : `${p.name} is ${wanted}`);
    return change(absent ? `${p.name} is in ${fileOf(p)}` : `${p.name} is ${live ?? 'not set'}`, diff, {
      wanted,
    });
  },

  apply: ({ wanted }, p) => {
    const file = fileOf(p);
    const others = `/^[[:space:]]*${p.name.replaceAll('.', '\\.')}[[:space:]]*=/d`;
    return lines(
      sh`
        set -e
        f=${file}
        mkdir -p "$(dirname "$f")"
        { [ ! -e "$f" ] || sed ${others} "$f"; } > "$f.slipway"
      `,
      wanted !== undefined && sh`printf '%s\n' ${`${p.name} = ${wanted}`} >> "$f.slipway"`,
      sh`mv "$f.slipway" "$f"`,
      wanted !== undefined && sh`printf '%s\n' ${wanted} > ${`/proc/sys/${p.name.replaceAll('.', '/')}`}`,
    );
  },

  result: (current) => (current.live === undefined ? {} : { value: current.live }),
});

function fileOf(p: { sysctl_file?: string }): string {
  return p.sysctl_file ?? '/etc/sysctl.conf';
}
