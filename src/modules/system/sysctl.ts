import { type Static, Type } from 'typebox';
import { change, type Difference, defineState, impossible, same } from '../../module/contract.ts';
import { Unclear } from '../../module/outlook.ts';
import { sh } from '../../module/program.ts';
import { pathSubject } from '../files/expected.ts';
import type { PathState } from '../files/path-state.ts';
import {
  applyEdits,
  editEffects,
  foreseeText,
  probeTextBehind,
  readTextBehind,
  textIn,
} from './managed-file.ts';

const params = Type.Object({
  name: Type.String({
    description: 'The parameter, with dots: `net.ipv4.ip_forward`; a dot inside a name is written `/`.',
    pattern: '^[\\w./-]+$',
  }),
  value: Type.Optional(
    Type.Union([Type.String(), Type.Number(), Type.Boolean()], {
      description: 'Its value. Needed unless absent.',
    }),
  ),
  state: Type.Optional(
    Type.Enum(['present', 'absent'], {
      default: 'present',
      description: 'Absent removes the line from the file and leaves the live value.',
    }),
  ),
  sysctl_file: Type.Optional(
    Type.String({ default: '/etc/sysctl.conf', description: 'The file that keeps it.', pattern: '^/' }),
  ),
  reload: Type.Optional(
    Type.Boolean({ default: true, description: 'Set the live value. Ansible loads the whole file again.' }),
  ),
  sysctl_set: Type.Optional(
    Type.Boolean({ default: false, description: 'Set the live value, also with `reload: false`.' }),
  ),
  ignoreerrors: Type.Optional(
    Type.Boolean({ default: false, description: 'Leave the live value where the kernel does not have it.' }),
  ),
});

type Params = Static<typeof params>;

interface Current {
  /** Live value; undefined where the kernel has no such parameter (its module may not be loaded yet). */
  readonly live: string | undefined;
  readonly file: PathState;
  /** The value that the file gives it, or undefined. */
  readonly saved: string | undefined;
}

interface Change {
  readonly file: PathState;
  /** The file's text; undefined where it is right. */
  readonly text: string | undefined;
  /** The live value to set; undefined where it is right. */
  readonly live: string | undefined;
}

/** White space counts for nothing in a kernel parameter: "4096  87380" is "4096\t87380". */
const squeeze = (value: string) => value.trim().replace(/\s+/g, ' ');

const fileOf = (p: Params) => p.sysctl_file ?? '/etc/sysctl.conf';

/** The path below /proc/sys. The first separator of a name says which one it uses, as sysctl(8) has it. */
export function sysctlPath(name: string): string {
  const swap = (text: string) => text.replace(/[./]/g, (c) => (c === '.' ? '/' : '.'));
  return /^[^./]*\//.test(name) ? name : swap(name);
}

/** A line that sets the parameter, in whatever way it is written. */
function isLine(line: string, path: string): boolean {
  const found = /^\s*-?\s*([^\s=#;]+)\s*=/.exec(line);
  return found !== null && sysctlPath(found[1]!) === path;
}

/** The text with one line for the parameter, where its first one was; or with none. */
export function editSysctl(text: string, name: string, value: string | undefined): string {
  const path = sysctlPath(name);
  const line = value === undefined ? [] : [`${name} = ${value}`];
  const all = text === '' ? [] : text.replace(/\n$/, '').split('\n');
  const first = all.findIndex((one) => isLine(one, path));
  const others = all.flatMap((one, at) => (at === first ? line : isLine(one, path) ? [] : [one]));
  const edited = first === -1 ? [...others, ...line] : others;
  return edited.length === 0 ? '' : `${edited.join('\n')}\n`;
}

function savedIn(file: PathState, p: Params): string | undefined {
  const path = sysctlPath(p.name);
  const line = textIn(file, fileOf(p))
    .split('\n')
    .findLast((one) => isLine(one, path));
  return line?.slice(line.indexOf('=') + 1).trim();
}

const subjectOf = (p: Params) => `sysctl:${sysctlPath(p.name)}` as const;

export const sysctl = defineState({
  name: 'sysctl',
  summary: 'A kernel parameter, live and at boot.',
  description:
    'As `ansible.posix.sysctl`. The live value is compared and set, too (unless `reload: false` without ' +
    '`sysctl_set`); the other lines of the file are not loaded again.',
  params,
  returns: Type.Object({ value: Type.Optional(Type.String({ description: 'The live value.' })) }),
  elsewhere: {
    key: 'Write `name`.',
    val: 'Write `value`.',
  },
  examples: [
    {
      title: 'let a node forward packets',
      yaml: `
        - sysctl: {name: net.ipv4.ip_forward, value: '1', sysctl_file: /etc/sysctl.d/99-kubernetes.conf}
      `,
    },
    {
      title: 'only at boot',
      yaml: `
        - sysctl: {name: vm.max_map_count, value: 262144, sysctl_file: /etc/sysctl.d/90-search.conf, reload: false}
      `,
    },
  ],

  probe: (p) => probeTextBehind(fileOf(p), [`/proc/sys/${sysctlPath(p.name)}`]),

  read: (output, p): Current => {
    const { file, others } = readTextBehind(output.stdout);
    return { live: others.split('\n')[0]!.trim() || undefined, file, saved: savedIn(file, p) };
  },

  compare: (current, p) => {
    const absent = p.state === 'absent';
    if (!absent && p.value === undefined) return impossible('`value` is missing', 'Say what it shall be.');
    const value = typeof p.value === 'boolean' ? Number(p.value) : p.value;
    const wanted = absent ? undefined : squeeze(String(value));
    const diff: Difference[] = [];
    const saved = current.saved === undefined ? undefined : squeeze(current.saved);
    if (saved !== wanted) diff.push({ subject: fileOf(p), before: saved, after: wanted });
    const live = current.live === undefined ? undefined : squeeze(current.live);
    const sets = !absent && (p.reload !== false || p.sysctl_set === true);
    const setLive = sets && live !== wanted && !(live === undefined && p.ignoreerrors === true);
    if (setLive) diff.push({ subject: p.name, before: live, after: wanted });
    if (diff.length === 0)
      return same(absent ? `${p.name} is not in ${fileOf(p)}` : `${p.name} is ${wanted}`);
    return change<Change>(
      absent ? `${p.name} is in ${fileOf(p)}` : `${p.name} is ${live ?? 'not set'}`,
      diff,
      {
        file: current.file,
        text: saved === wanted ? undefined : editSysctl(textIn(current.file, fileOf(p)), p.name, wanted),
        live: setLive ? wanted : undefined,
      },
    );
  },

  apply: ({ file, text, live }, p) => {
    const path = `/proc/sys/${sysctlPath(p.name)}`;
    const module = p.name.startsWith('net.bridge.') ? ' (modprobe br_netfilter)' : '';
    const missing = `the kernel has no parameter ${p.name}; load its module first${module}`;
    return applyEdits(text === undefined ? [] : [{ path: fileOf(p), current: file, text }], {
      after:
        live === undefined
          ? undefined
          : sh`
              if [ ! -e ${path} ]; then echo ${missing} >&2; exit 1; fi
              printf '%s\n' ${live} > ${path}
            `,
    });
  },

  result: (current) => (current.live === undefined ? {} : { value: current.live }),
  touches: (p) => [pathSubject(fileOf(p)), subjectOf(p)],
  foresee: (current, p, outlook) => {
    const file = foreseeText(fileOf(p), current.file, outlook);
    if (file instanceof Unclear) return file;
    const seen = { ...current, file, saved: savedIn(file, p) };
    const then = outlook.concerning([subjectOf(p)]);
    if (then) return typeof then.state === 'string' ? { ...seen, live: then.state } : new Unclear(then.by);
    // A module that is loaded brings parameters with values of its own.
    const loaded = current.live === undefined ? outlook.of('module:') : undefined;
    return loaded ? new Unclear(loaded.by) : seen;
  },
  effects: ({ file, text, live }, _current, p, doer) => [
    ...(text === undefined ? [] : editEffects([{ path: fileOf(p), current: file, text }], doer)),
    ...(live === undefined ? [] : [{ subject: subjectOf(p), state: live }]),
  ],
});
