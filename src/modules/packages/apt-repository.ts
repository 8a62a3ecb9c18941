import { Type } from 'typebox';
import { SlipwayError } from '../../base/errors.ts';
import { defineState } from '../../module/contract.ts';
import { dearmor } from '../apt/openpgp.ts';
import { applySource } from '../apt/source-apply.ts';
import { compareSource } from '../apt/source-compare.ts';
import { probeSource, readSource, type Ready } from '../apt/source-probe.ts';
import { sourceOf, sourceParams } from '../apt/source.ts';
import { foreseeSource, sourceEffects } from '../apt/source-outlook.ts';
import { pathsOf } from '../apt/source-probe.ts';
import { pathSubject } from '../files/expected.ts';

export const aptRepository = defineState({
  name: 'apt_repository',
  summary: 'A repository for apt, with its key.',
  description:
    'As `ansible.builtin.apt_repository` and `deb822_repository` together: the file is always ' +
    '`/etc/apt/sources.list.d/NAME.sources`, the key is kept in `/etc/apt/keyrings`, dearmored. Fingerprint and expiry ' +
    'of the key are checked by Slipway itself, so the host needs no gpg. A key from a URL is fetched again when it has ' +
    'expired. When the lists cannot be fetched after a change, the change is taken back. apt.kubernetes.io is refused. ' +
    'Left out: PPAs by their short name, `codename`, `validate_certs`, old `.list` files with the same line, ' +
    '`install_python_apt`, `update_cache_retries`, `update_cache_retry_max_delay`. Of the returns: `repo`, `sources_added`, `sources_removed` (there is one file, `filename`).',
  params: sourceParams,
  returns: Type.Object({
    filename: Type.String({ description: 'The file.' }),
    keyring: Type.Optional(Type.String({ description: 'The file with its key.' })),
    fingerprint: Type.Optional(Type.String({ description: 'Of the first key in it.' })),
  }),
  elsewhere: {
    codename: 'Write it into `repo`, or as `suites`.',
    validate_certs: 'Give the key with `key_src`, or give hosts the authority of its server.',
  },
  examples: [
    {
      title: "Kubernetes' own packages, one repository a minor version",
      yaml: `
        - apt_repository:
            name: kubernetes
            uris: https://pkgs.k8s.io/core:/stable:/v1.34/deb/
            suites: /
            key_url: https://pkgs.k8s.io/core:/stable:/v1.34/deb/Release.key
            migrate: true
      `,
      skip: 'needs the internet',
    },
    {
      title: 'a mirror in the own network, without a key',
      yaml: `
        - apt_repository: {repo: 'deb [trusted=yes] file:/srv/mirror ./', filename: mirror}
      `,
      given: 'mkdir -p /srv/mirror && : > /srv/mirror/Packages',
    },
  ],

  prepare: async (p, local): Promise<Ready> => {
    const source = sourceOf(p);
    const given = [p.key, p.key_src, p.key_url, p.signed_by].filter((value) => value !== undefined);
    if (given.length > 1)
      throw new SlipwayError('task.invalid', 'the key is given twice', {
        hint: 'Keep one of `key`, `key_src`, `key_url`, `signed_by`.',
      });
    if (p.state === 'absent') return { p, source, key: undefined };
    const found = p.key_src === undefined ? undefined : await local.find(p.key_src, 'files');
    const bytes =
      p.key === undefined ? (found !== undefined ? await local.read(found) : undefined) : Buffer.from(p.key);
    const key = bytes && dearmor(bytes);
    if (bytes && !key)
      throw new SlipwayError('task.invalid', `${p.key_src ?? '`key`'} is no public key of OpenPGP`, {
        hint: 'Give what `gpg --armor --export` prints.',
      });
    return { p, source, key };
  },

  probe: probeSource,
  read: readSource,
  compare: compareSource,
  apply: applySource,
  touches: ({ p, source }) =>
    [...Object.values(pathsOf(source)), ...(p.migrate ? ['/etc/apt/sources.list.d'] : [])].map(pathSubject),
  foresee: foreseeSource,
  effects: sourceEffects,

  result: (current, { source }) => ({
    filename: current.path,
    ...(current.keys[0] && { keyring: current.keyringPath, fingerprint: current.keys[0].fingerprint }),
    ...(!current.keys[0] && source.signedBy !== undefined && { keyring: source.signedBy }),
  }),
});
