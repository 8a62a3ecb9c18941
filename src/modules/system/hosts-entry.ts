import { isIP } from 'node:net';
import { type Static, Type } from 'typebox';
import { SlipwayError } from '../../base/errors.ts';
import { change, defineState, same } from '../../module/contract.ts';
import { pathSubject } from '../files/expected.ts';
import { type PathState, readPath } from '../files/path-state.ts';
import { editHosts, type HostsLine } from './hosts-file.ts';
import { applyEdits, editEffects, foreseeText, probeText, textDifference, textIn } from './managed-file.ts';

const names = (description: string) =>
  Type.Union([Type.String(), Type.Array(Type.String())], { description });

const params = Type.Object({
  ip: Type.Optional(Type.String({ description: 'The address, of version 4 or 6.' })),
  name: Type.Optional(names('The names that it has; the first one is the canonical one.')),
  block: Type.Optional(
    Type.Array(Type.Object({ ip: Type.String(), name: names('Names.') }, { additionalProperties: false }), {
      description: 'All entries of a block that is kept between two marker lines.',
    }),
  ),
  marker: Type.Optional(
    Type.String({
      default: '# {mark} hosts kept by Slipway',
      description: 'The lines around the block; `{mark}` becomes BEGIN and END.',
      pattern: '^#.*\\{mark\\}',
    }),
  ),
  state: Type.Optional(
    Type.Enum(['present', 'absent'], {
      default: 'present',
      description: 'Absent removes names from an address, an address, names, or the block.',
    }),
  ),
  unique: Type.Optional(
    Type.Boolean({
      default: true,
      description: "Take the names from other addresses of the same family (Debian's `127.0.1.1`).",
    }),
  ),
  path: Type.Optional(Type.String({ default: '/etc/hosts', description: 'The file.', pattern: '^/' })),
});

type Params = Static<typeof params>;

const NAME = /^[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?$/;

const fileOf = (p: Params) => p.path ?? '/etc/hosts';

/** @throws {SlipwayError} task.invalid */
function entriesOf(p: Params): HostsLine[] {
  const list = (value: string | string[] | undefined) =>
    (typeof value === 'string' ? value.split(/[\s,]+/) : (value ?? [])).filter((name) => name !== '');
  const absent = p.state === 'absent';
  if (p.block && (p.ip !== undefined || p.name !== undefined))
    throw new SlipwayError('task.invalid', '`block` stands beside `ip` or `name`', {
      hint: 'Write two tasks.',
    });
  if (!p.block && (absent ? !p.ip && !p.name : !p.ip || !p.name))
    throw new SlipwayError('task.invalid', 'hosts_entry needs `ip` and `name`, or `block`', {
      hint: 'Write `ip: 10.0.0.11` and `name: node1`. With `state: absent` one of them is enough.',
    });
  const entries = p.block
    ? p.block.map(({ ip, name }) => ({ ip, names: list(name) }))
    : [{ ip: p.ip ?? '', names: list(p.name) }];
  for (const { ip, names: all } of entries) {
    if (!(absent && ip === '') && isIP(ip) === 0)
      throw new SlipwayError('task.invalid', `"${ip}" is no address`, {
        hint: 'Write 10.0.0.11 or fd00::11.',
      });
    const wrong = all.find((name) => !NAME.test(name));
    if (wrong !== undefined || (all.length === 0 && !absent))
      throw new SlipwayError('task.invalid', `"${wrong ?? ''}" is no host name (of ${ip})`, {
        hint: 'Use letters, digits, `-` and dots.',
      });
  }
  return entries;
}

function wantedText(text: string, p: Params): string {
  const marker = p.marker ?? '# {mark} hosts kept by Slipway';
  const absent = p.state === 'absent';
  return editHosts(text, {
    entries: entriesOf(p),
    absent,
    unique: p.unique ?? true,
    marker: p.block && { begin: marker.replace('{mark}', 'BEGIN'), end: marker.replace('{mark}', 'END') },
  });
}

export const hostsEntry = defineState({
  name: 'hosts_entry',
  summary: 'Names of hosts in /etc/hosts: one line, or a block of them.',
  description:
    "Not in Ansible. A name stands for one address of each family, unless `unique: false`: so the node's own name no " +
    'longer means 127.0.1.1. `localhost` and its kin are never taken away. Other lines stay as they are.',
  params,
  returns: Type.Object({ path: Type.String({ description: 'The file.' }) }),
  examples: [
    {
      title: 'one name',
      yaml: '- hosts_entry: {ip: 192.0.2.10, name: [registry.example.org, registry]}',
    },
    {
      title: 'all nodes of a cluster, kept together',
      yaml: `
        - hosts_entry:
            block:
              - {ip: 192.0.2.11, name: node1}
              - {ip: 192.0.2.12, name: [node2, storage]}
      `,
    },
  ],

  probe: (p) => probeText(fileOf(p)),
  read: (output): PathState => readPath(output.stdout),

  compare: (file, p) => {
    const path = fileOf(p);
    const edit = { path, current: file, text: wantedText(textIn(file, path), p) };
    const diff = edit.text === '' && !file.real ? undefined : textDifference(edit);
    if (!diff) return same(p.state === 'absent' ? `${path} has no such entry` : `${path} has it`);
    return change(`${path} differs`, [diff], edit);
  },

  apply: (edit) => applyEdits([{ ...edit, attributes: { mode: '0644' } }]),
  result: (_file, p) => ({ path: fileOf(p) }),
  forecast: (_edit, _file, p) => ({ path: fileOf(p) }),
  touches: (p) => [pathSubject(fileOf(p))],
  foresee: (file, p, outlook) => foreseeText(fileOf(p), file, outlook),
  effects: (edit, _file, _p, doer) => editEffects([{ ...edit, attributes: { mode: '0644' } }], doer),
});
