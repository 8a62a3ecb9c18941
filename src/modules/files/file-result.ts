import { Type } from 'typebox';
import { octal } from './mode.ts';
import type { PathState } from './path-state.ts';

/** What modules that write one file give back, as Ansible names it. */
export const fileReturns = {
  src: Type.Optional(Type.String({ description: 'Where the content came from.' })),
  dest: Type.String({ description: 'The path on the host.' }),
  path: Type.Optional(Type.String({ description: 'The same, from `file`.' })),
  checksum: Type.Optional(Type.String({ description: 'SHA-256 of the content (Ansible: SHA-1).' })),
  mode: Type.Optional(Type.String({ description: 'Permissions, four octal digits.' })),
  owner: Type.Optional(Type.String({ description: 'Name of the owner.' })),
  group: Type.Optional(Type.String({ description: 'Name of the group.' })),
  uid: Type.Optional(Type.Integer({ description: 'Id of the owner.' })),
  gid: Type.Optional(Type.Integer({ description: 'Id of the group.' })),
  size: Type.Optional(Type.Integer({ description: 'Bytes.' })),
  state: Type.Optional(Type.String({ description: '`file`, `directory`, `link` or `absent`.' })),
  backup_file: Type.Optional(
    Type.String({ description: 'The newest backup beside it, where `backup` is set.' }),
  ),
};

export interface FileResult {
  src?: string;
  dest: string;
  path?: string;
  checksum?: string;
  mode?: string;
  owner?: string;
  group?: string;
  uid?: number;
  gid?: number;
  size?: number;
  state?: string;
  backup_file?: string;
}

export function fileResult(dest: string, current: PathState): FileResult {
  const there = current.real ?? current.own;
  if (!there) return { dest, state: 'absent' };
  const { owner, group, uid, gid, size } = there;
  return {
    dest,
    ...(current.sha256 !== undefined && { checksum: current.sha256 }),
    mode: octal(there.mode),
    owner,
    group,
    uid,
    gid,
    size,
    state: there.type,
    ...(current.backup !== undefined && { backup_file: current.backup }),
  };
}
