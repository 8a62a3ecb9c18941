import { mkdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { Type } from 'typebox';
import { SlipwayError } from '../../base/errors.ts';
import { defineQuery } from '../../module/contract.ts';
import type { Host, Local } from '../../module/host.ts';
import { sh } from '../../module/program.ts';
import { baseName, pathWord } from './path.ts';
import { readPath } from './path-state.ts';
import { probePath } from './probe-path.ts';
import { pathSubject } from './expected.ts';

export const fetch = defineQuery({
  name: 'fetch',
  summary: 'A file of the host, saved on the controller.',
  description:
    'As `ansible.builtin.fetch`: it goes to `dest/HOST/path/of/src`, or with `flat` to `dest` itself (which names a directory when it ends with a slash). It travels as a stream, only when the local file differs, and replaces that in one step after its hash was verified. A dry run reads only its hash.',
  params: Type.Object({
    src: Type.String({ description: 'The file on the host.', minLength: 1 }),
    dest: Type.String({
      description: 'Where on the controller; relative to where the command was started.',
      minLength: 1,
    }),
    flat: Type.Optional(
      Type.Boolean({ default: false, description: "Leave the host's name and the path out." }),
    ),
    fail_on_missing: Type.Optional(
      Type.Boolean({ default: true, description: 'Fail when the file is not there.' }),
    ),
    validate_checksum: Type.Optional(Type.Boolean({ default: true, description: 'Verify what arrived.' })),
  }),
  returns: Type.Object({
    dest: Type.Optional(Type.String({ description: 'The file on the controller.' })),
    checksum: Type.Optional(Type.String({ description: 'SHA-256 of the content (Ansible: SHA-1).' })),
    remote_checksum: Type.Optional(Type.String({ description: 'The same, as the host told it.' })),
    file: Type.String({ description: 'The file on the host.' }),
    exists: Type.Boolean({ description: 'Whether it was there.' }),
    size: Type.Optional(Type.Integer({ description: 'Bytes.' })),
    msg: Type.Optional(Type.String({ description: 'Why nothing was fetched.' })),
  }),
  examples: [
    {
      title: 'keep what a host says of itself',
      yaml: `
        - fetch: {src: /etc/os-release, dest: fetched/}
      `,
    },
  ],

  probe: (p) => probePath(p.src),
  read: (output, p) => {
    const state = readPath(output.stdout);
    // Whether that is an error is for `finish`: in a dry run, an earlier task may be going to make the file.
    if (!state.real) return { file: p.src, exists: false, msg: `${p.src} is not there` };
    if (state.real.type !== 'file')
      throw new SlipwayError('task.failed', `${p.src} is a ${state.real.type}, not a file`, {
        hint: 'fetch takes one file; pack a directory first.',
      });
    if (state.sha256 === undefined)
      throw new SlipwayError('task.failed', `${p.src} may not be read by this user`, {
        hint: 'Set `become: true` for the task.',
      });
    return {
      file: p.src,
      exists: true,
      remote_checksum: state.sha256,
      checksum: state.sha256,
      size: state.real.size,
    };
  },

  reads: (p) => [pathSubject(p.src)],
  wouldFinish: async (result, p, host, local) => {
    if (!result.exists) return false;
    const dest = destinationOf(p, host, local);
    const there = (await local.stat(dest))?.directory === false;
    return !there || (await local.sha256(dest)) !== result.checksum;
  },
  finish: async (result, p, host, local) => {
    if (!result.exists) {
      if (p.fail_on_missing === false) return { ...result, changed: false };
      throw new SlipwayError('task.failed', `${p.src} is not there`, {
        hint: 'Set `fail_on_missing: false` where it may be missing.',
      });
    }
    const dest = destinationOf(p, host, local);
    const before = (await local.stat(dest))?.directory === false ? await local.sha256(dest) : undefined;
    if (before === result.checksum) return { ...result, dest, changed: false };
    const checksum = await receive(p, dest, result.checksum!, host, local);
    return { ...result, dest, checksum, changed: true };
  },
});

function destinationOf(
  p: { src: string; dest: string; flat?: boolean },
  host: { readonly name: string },
  local: Local,
): string {
  const base = path.resolve(local.workingDirectory, p.dest);
  if (p.flat) return p.dest.endsWith('/') ? path.join(base, baseName(p.src)) : base;
  // Made absolute first, so that no ".." in src leads out of the host's folder.
  const below = path.posix.resolve('/', p.src.replace(/^~/, 'HOME'));
  return path.join(base, host.name.replaceAll('/', '_'), below);
}

/** Into a file beside it first, so that a broken transfer leaves the old one. Returns the hash of what arrived. */
async function receive(
  p: { src: string; validate_checksum?: boolean },
  dest: string,
  wanted: string,
  host: Host,
  local: Local,
): Promise<string> {
  const part = `${dest}.slipway-${process.pid}`;
  await mkdir(path.dirname(dest), { recursive: true });
  try {
    await host.receive(sh`cat ${pathWord(p.src)}`, part);
    const arrived = await local.sha256(part);
    if (p.validate_checksum !== false && arrived !== wanted)
      throw new SlipwayError(
        'task.failed',
        `${p.src} did not arrive as it was: sha256 ${arrived}, not ${wanted}`,
        {
          hint: 'It may have been written to meanwhile; run again, or set `validate_checksum: false`.',
        },
      );
    await rename(part, dest);
    return arrived;
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}
