import { Type } from 'typebox';
import { SlipwayError } from '../../base/errors.ts';
import { defineState } from '../../module/contract.ts';
import { fileReturns } from './file-result.ts';
import { downloadParams } from './get-url.ts';
import { checkMode } from './mode.ts';
import { attributeParams } from './params.ts';
import { localWay, lookInto } from './unarchive-local.ts';
import { createsWay, remoteWay, unpackUrl } from './unarchive-remote.ts';
import type { Unpacking } from './unpack.ts';
import { byWay, type Way, way } from './way.ts';

export const unarchive = defineState({
  name: 'unarchive',
  summary: 'The content of an archive in a directory of the host.',
  description:
    'As `ansible.builtin.unarchive`, for tar (plain, gzip, bzip2, xz, zstd) and zip. Whether there is anything to do is decided by content: each file in the archive must be in `dest` with the same bytes, each directory must be there; modes, owners and times in the archive do not count, files beside them are left alone. An archive of the controller is read here and its files are compared by hash, so it only travels when something differs; one on the host is compared there (GNU tar compares links, too). With `creates` nothing is compared, and a URL needs it. `owner`, `group` and `mode` hold for all files of the archive. The host needs tar or unzip. Not there: `io_buffer_size`, `decrypt`, `copy` (use `remote_src`), `unsafe_writes`; of the returns `handler`.',
  params: Type.Object({
    src: Type.String({
      description: 'The archive on the controller; with `remote_src` on the host, or a URL.',
      minLength: 1,
    }),
    dest: Type.String({ description: 'The directory. It must be there.', minLength: 1 }),
    remote_src: Type.Optional(
      Type.Boolean({ default: false, description: '`src` is on the host; a URL always is.' }),
    ),
    creates: Type.Optional(
      Type.String({ description: 'A path or pattern: when something matches it, nothing is done.' }),
    ),
    include: Type.Optional(Type.Array(Type.String(), { description: 'Only these members.' })),
    exclude: Type.Optional(Type.Array(Type.String(), { description: 'All but these members.' })),
    extra_opts: Type.Optional(
      Type.Array(Type.String(), { description: 'More options for tar or unzip: `--strip-components=1`.' }),
    ),
    keep_newer: Type.Optional(
      Type.Boolean({ default: false, description: 'Leave files that are newer than those in the archive.' }),
    ),
    list_files: Type.Optional(
      Type.Boolean({ default: false, description: 'Give the names back (archives of the controller).' }),
    ),
    ...attributeParams,
    ...downloadParams,
  }),
  returns: Type.Object({
    ...fileReturns,
    files: Type.Optional(Type.Array(Type.String(), { description: 'Names in the archive.' })),
  }),
  secretParams: ['url_password'],
  elsewhere: {
    copy: '`copy: false` is `remote_src: true`; leave out `copy: true`.',
    decrypt: 'There is no vault; leave it out.',
    io_buffer_size: 'Leave it out.',
  },
  examples: [
    {
      title: 'an archive on the host, without its top folder',
      given:
        'mkdir -p /srv/pack/tool-1.0/bin /opt/slipway-tool && echo run > /srv/pack/tool-1.0/bin/tool && tar -C /srv/pack -czf /srv/tool.tgz tool-1.0',
      yaml: `
        - unarchive:
            src: /srv/tool.tgz
            dest: /opt/slipway-tool
            remote_src: true
            extra_opts: [--strip-components=1]
            mode: '0755'
      `,
    },
    {
      title: 'an archive of the controller',
      given: 'mkdir -p /opt/site',
      yaml: `
        - unarchive: {src: site.tar.gz, dest: /opt/site, owner: daemon}
      `,
    },
  ],

  prepare: async (p, local): Promise<Way & { readonly files?: readonly string[] }> => {
    checkMode(p.mode);
    const u: Unpacking = {
      dest: p.dest,
      attributes: { mode: p.mode, owner: p.owner, group: p.group },
      include: p.include ?? [],
      exclude: p.exclude ?? [],
      extraOpts: p.extra_opts ?? [],
      keepNewer: p.keep_newer ?? false,
    };
    const url = /^[a-z]+:\/\//i.test(p.src);
    if (url && p.creates === undefined)
      throw new SlipwayError('task.invalid', `creates is missing; it is needed with a URL: ${p.src}`, {
        hint: 'Name something that the archive brings, or use get_url and then unarchive with remote_src.',
      });
    if (url) {
      const source = {
        url: p.src,
        timeout: p.timeout,
        headers: p.headers,
        username: p.url_username,
        password: p.url_password,
        validateCerts: p.validate_certs,
        useProxy: p.use_proxy,
        agent: p.http_agent,
        clientCert: p.client_cert,
        clientKey: p.client_key,
      };
      return way(createsWay(p.creates!, p, () => unpackUrl(source, u)));
    }
    if (p.remote_src) {
      const remote = remoteWay(p.src, u);
      if (p.creates === undefined) return way(remote);
      return way(createsWay(p.creates, p, () => remote.apply({ kind: 'unpack' })));
    }
    const path = await local.find(p.src, 'files');
    const needed = p.creates === undefined || p.list_files === true;
    const archive = await lookInto(path, u, local, needed);
    const chosen = localWay(archive, u);
    const names = { src: path, dest: p.dest };
    const unpacked = () => chosen.apply({ kind: 'unpack' });
    const made = p.creates === undefined ? way(chosen) : way(createsWay(p.creates, names, unpacked));
    return p.list_files ? { ...made, files: archive.members.map((member) => member.name) } : made;
  },
  ...byWay,
  result: (current, ready) => ({
    ...ready.result(current),
    ...(ready.files && { files: [...ready.files] }),
  }),
  forecast: (to, current, ready) => ready.forecast?.(to, current) ?? {},
});
