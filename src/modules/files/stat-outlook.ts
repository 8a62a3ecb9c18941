import { createHash } from 'node:crypto';
import { type Outlook, Unclear } from '../../module/outlook.ts';
import { foreseePath, NOTHING, pathSubject, stateAfter } from './expected.ts';
import { octal } from './mode.ts';
import type { PathState } from './path-state.ts';

type Answer = { readonly stat: Readonly<Record<string, unknown>> };

/** What `stat` would say after the tasks before; the fields that cannot be told are Unclear. */
export function foreseeStat(
  result: Answer,
  p: { path: string; follow?: boolean; checksum_algorithm?: string },
  outlook: Outlook,
): Answer | Unclear {
  const found = foundIn(result);
  const seen = foreseePath(p.path, found, outlook, { link: true });
  if (seen instanceof Unclear || seen === found) return seen === found ? result : (seen as Unclear);
  const { own } = seen;
  if (!own) return { stat: { exists: false } };
  const by = outlook.concerning([pathSubject(p.path)])?.by ?? p.path;
  if (own.type === 'link' && p.follow) return new Unclear(by);
  const open = Object.fromEntries(FIELDS.map((name) => [name, new Unclear(by)]));
  const { bytes } = seen;
  const algorithm = p.checksum_algorithm ?? 'sha1';
  return {
    stat: {
      ...open,
      exists: true,
      path: p.path,
      isreg: own.type === 'file',
      isdir: own.type === 'directory',
      islnk: own.type === 'link',
      mode: octal(own.mode),
      ...(own.owner !== '' && { pw_name: own.owner }),
      ...(own.group !== '' && { gr_name: own.group }),
      ...(bytes && { size: bytes.length, checksum: createHash(algorithm).update(bytes).digest('hex') }),
    },
  };
}

const FIELDS =
  'uid gid pw_name gr_name size inode dev nlink atime mtime ctime readable writeable executable checksum lnk_target lnk_source rusr wusr xusr rgrp wgrp xgrp roth woth xoth'.split(
    ' ',
  );

function foundIn({ stat }: Answer): PathState {
  if (stat['exists'] !== true) return NOTHING;
  const type = stat['isdir'] === true ? 'directory' : 'file';
  const state = stateAfter(NOTHING, { type, attributes: {} }, { user: undefined });
  if (stat['islnk'] !== true) return state;
  return { ...state, own: { ...state.own!, type: 'link' } };
}
