import { Type } from 'typebox';
import { SlipwayError } from '../../base/errors.ts';
import { defineState } from '../../module/contract.ts';
import { linkWay } from './file-link.ts';
import { fileReturns } from './file-result.ts';
import { absentWay, pathWay } from './file-state.ts';
import { TIME_FORMAT, timesOf } from './file-times.ts';
import { checkMode } from './mode.ts';
import { attributeParams } from './params.ts';
import { byWay, type Way, way } from './way.ts';

const time = (what: string) =>
  Type.Optional(
    Type.String({ description: `${what}: \`preserve\`, \`now\`, or a time of the host's zone.` }),
  );
const format = Type.Optional(
  Type.String({ default: TIME_FORMAT, description: 'How that time is written: %Y %m %d %H %M %S.' }),
);

export const file = defineState({
  name: 'file',
  summary: 'A file, directory or link with its attributes, or none of them.',
  description:
    'As `ansible.builtin.file`. `state: touch` makes an empty file and leaves the times of one that is there, so that a second run changes nothing (Ansible sets them to now each time: say `modification_time: now`, which holds for half a minute). With `recurse`, links below are not followed. `/` and a home directory are never removed. Not there: `attributes`, the SELinux parameters, `unsafe_writes`.',
  params: Type.Object({
    path: Type.Optional(Type.String({ description: 'The path.', minLength: 1 })),
    dest: Type.Optional(Type.String({ description: 'Another name for `path`.', minLength: 1 })),
    name: Type.Optional(Type.String({ description: 'Another name for `path`.', minLength: 1 })),
    state: Type.Optional(
      Type.Enum(['file', 'directory', 'link', 'hard', 'touch', 'absent'], {
        description:
          '`directory` is made with its parents, `touch` makes an empty file, `file` must be there already; `absent` removes a directory with all in it. Default: what is there (`directory` with `recurse`).',
      }),
    ),
    src: Type.Optional(
      Type.String({ description: 'What a link points to. Relative for `link`: seen from the link.' }),
    ),
    ...attributeParams,
    recurse: Type.Optional(
      Type.Boolean({
        default: false,
        description: 'The attributes hold for all that is in the directory, too.',
      }),
    ),
    force: Type.Optional(
      Type.Boolean({
        default: false,
        description: 'Make a link although `src` is not there, and in place of a file.',
      }),
    ),
    follow: Type.Optional(
      Type.Boolean({ default: true, description: 'Attributes go to what a link points to.' }),
    ),
    access_time: time('Last access'),
    access_time_format: format,
    modification_time: time('Last change'),
    modification_time_format: format,
  }),
  returns: Type.Object(fileReturns),
  examples: [
    {
      title: 'a directory with its parents',
      yaml: `
        - file: {path: /srv/slipway/data, state: directory, owner: root, mode: '0750'}
      `,
    },
    {
      title: 'a link',
      given: 'mkdir -p /opt/app-2 /opt/app-1 && ln -sfn app-1 /opt/app',
      yaml: `
        - file: {path: /opt/app, src: app-2, state: link}
      `,
    },
    {
      title: 'a whole tree for one user',
      given:
        'mkdir -p /srv/web/css && touch /srv/web/index.html && chmod 700 /srv/web/css && ln -s / /srv/web/root',
      yaml: `
        - file: {path: /srv/web, state: directory, owner: daemon, group: daemon, mode: 'u=rwX,go=rX', recurse: true}
      `,
    },
    {
      title: 'nothing there',
      given: 'mkdir -p /srv/old/sub && touch /srv/old/sub/x',
      yaml: `
        - file: {path: /srv/old, state: absent}
      `,
    },
    {
      title: 'an empty file with a fixed time, and a hard link to it',
      yaml: `
        - file: {path: /srv/stamp, state: touch, modification_time: '202601020304.05', access_time: preserve}
        - file: {path: /srv/stamp-2, src: /srv/stamp, state: hard}
      `,
    },
  ],

  prepare: (p): Way => {
    const path = p.path ?? p.dest ?? p.name;
    if (path === undefined) throw new SlipwayError('task.invalid', 'path is missing');
    checkMode(p.mode);
    const attributes = { mode: p.mode, owner: p.owner, group: p.group };
    const follow = p.follow ?? true;
    const state = p.state ?? (p.recurse ? 'directory' : 'any');
    if (p.recurse && state !== 'directory')
      throw new SlipwayError('task.invalid', `recurse needs state: directory, not ${state}`);
    if (state === 'absent') return way(absentWay(path));
    if (state === 'link' || state === 'hard') {
      if (p.src === undefined)
        throw new SlipwayError('task.invalid', `src is missing; it is needed with state: ${state}`);
      return way(linkWay({ path, src: p.src, kind: state, force: p.force, follow, attributes }));
    }
    const recurse = p.recurse ?? false;
    return way(pathWay({ path, state, attributes, recurse, follow, times: timesOf(p) }));
  },
  ...byWay,
  result: (current, ready) => ready.result(current),
  forecast: (to, current, ready) => ready.forecast?.(to, current) ?? {},
});
