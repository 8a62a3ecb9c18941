import { Type } from 'typebox';
import { change, type Difference, defineState, same } from '../../module/contract.ts';
import { Unclear } from '../../module/outlook.ts';
import { sh } from '../../module/program.ts';
import { pathSubject } from '../files/expected.ts';
import type { PathState } from '../files/path-state.ts';
import { putContent } from '../files/put-content.ts';
import { editEffects, foreseeText, probeTextBehind, readTextBehind, textIn } from './managed-file.ts';

const FILE = '/etc/hostname';

interface Current {
  /** As the kernel has it. */
  readonly live: string;
  /** As the file has it, without comments. */
  readonly saved: string;
  readonly file: PathState;
}

function savedIn(file: PathState): string {
  const lines = textIn(file, FILE).split('\n');
  return lines.map((line) => line.trim()).find((line) => line !== '' && !line.startsWith('#')) ?? '';
}

export const hostname = defineState({
  name: 'hostname',
  summary: 'The name of the host, now and at boot.',
  description:
    'As `ansible.builtin.hostname`: through hostnamectl where systemd runs, else by the kernel and /etc/hostname. ' +
    '/etc/hosts is left alone: see `hosts_entry`. The facts `hostname` and `nodename` follow. `use` is accepted and ' +
    'does nothing: the way is found by looking.',
  params: Type.Object({
    name: Type.String({
      description: 'The name; letters, digits, `-` and dots.',
      pattern: '^[A-Za-z0-9]([A-Za-z0-9.-]{0,62}[A-Za-z0-9])?$',
    }),
    use: Type.Optional(Type.String({ description: 'Accepted for Ansible playbooks.' })),
  }),
  returns: Type.Object({
    name: Type.String({ description: 'The name that the host has.' }),
  }),
  examples: [
    {
      title: 'call a host as the inventory does',
      yaml: "- hostname: {name: '{{ inventory_hostname }}'}",
    },
  ],

  probe: () => probeTextBehind(FILE, ['/proc/sys/kernel/hostname']),

  read: (output): Current => {
    const { file, others } = readTextBehind(output.stdout);
    return { live: others.split('\n')[0]!, saved: savedIn(file), file };
  },

  compare: (current, p) => {
    const diff: Difference[] = [];
    if (current.live !== p.name) diff.push({ subject: 'hostname', before: current.live, after: p.name });
    if (current.saved !== p.name)
      diff.push({ subject: FILE, before: current.saved || undefined, after: p.name });
    if (diff.length === 0) return same(`the host is called ${p.name}`);
    return change(`the host is called ${current.live}`, diff, { file: current.file });
  },

  apply: ({ file }, p) => {
    const put = putContent({
      path: FILE,
      current: file,
      content: { bytes: Buffer.from(`${p.name}\n`) },
      attributes: { mode: '0644' },
    });
    if (typeof put === 'function') throw new TypeError('a host name is short');
    // hostnamectl fails where D-Bus does not run, and in containers, whose file is a mount.
    return sh`
      set -e
      if [ -d /run/systemd/system ] && command -v hostnamectl >/dev/null; then
        hostnamectl set-hostname ${p.name} 2>/dev/null || true
      fi
      if [ "$(cat /proc/sys/kernel/hostname)" != ${p.name} ]; then hostname ${p.name}; fi
      if [ "$(cat ${FILE} 2>/dev/null)" != ${p.name} ]; then (
        ${put}
      ); fi
    `;
  },

  result: (current) => ({ name: current.live }),
  forecast: (_change, _current, p) => ({ name: p.name }),
  touches: () => ['hostname:', pathSubject(FILE)],
  foresee: (current, _p, outlook) => {
    const then = outlook.of('hostname:');
    if (!then) {
      const file = foreseeText(FILE, current.file, outlook);
      return file instanceof Unclear ? file : { ...current, file, saved: savedIn(file) };
    }
    return { ...current, live: String(then.state), saved: String(then.state) };
  },
  effects: ({ file }, _current, p, doer) => [
    { subject: 'hostname:', state: p.name },
    ...editEffects([{ path: FILE, current: file, text: `${p.name}\n`, attributes: { mode: '0644' } }], doer),
  ],
  facts: ({ name }) => ({
    hostname: name.split('.')[0],
    nodename: name,
    ...(name.includes('.') && { fqdn: name, domain: name.slice(name.indexOf('.') + 1) }),
  }),
});
