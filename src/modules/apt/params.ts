import { type Static, Type } from 'typebox';
import { SlipwayError } from '../../base/errors.ts';

const flag = (by: boolean, description: string) => Type.Optional(Type.Boolean({ default: by, description }));
const names = (description: string) =>
  Type.Optional(Type.Union([Type.String(), Type.Array(Type.String())], { description }));

export const aptParams = Type.Object({
  name: names('Packages: `jq`, `jq=1.6-2`, `kubelet=1.34.*`, `libc6:arm64`; a list, or with commas.'),
  pkg: names('Another name of `name`.'),
  package: names('Another name of `name`.'),
  state: Type.Optional(
    Type.Enum(['present', 'absent', 'latest', 'fixed'], {
      default: 'present',
      description: 'Installed, not, or the newest version; `fixed` only repairs what is half installed.',
    }),
  ),
  hold: Type.Optional(
    Type.Boolean({
      description:
        'Keep the packages from being upgraded by others (apt-mark hold), or no longer. We still can.',
    }),
  ),
  update_cache: flag(false, 'Fetch the lists of packages first, if something has to be done.'),
  cache_valid_time: Type.Optional(
    Type.Integer({ default: 0, minimum: 0, description: 'Seconds for which fetched lists are new enough.' }),
  ),
  deb: Type.Optional(Type.String({ description: 'The path of a .deb on the host, with its dependencies.' })),
  upgrade: Type.Optional(
    Type.Enum(['no', 'yes', 'safe', 'full', 'dist'], {
      default: 'no',
      description: 'Upgrade all packages; `full` (`dist`) may remove some.',
    }),
  ),
  default_release: Type.Optional(Type.String({ description: 'The release to take packages from.' })),
  install_recommends: Type.Optional(
    Type.Boolean({ description: 'Install recommended packages, too; default: as apt is configured.' }),
  ),
  only_upgrade: flag(false, 'Install nothing that is not there already.'),
  purge: flag(false, 'With `absent`: remove the configuration, too.'),
  autoremove: flag(false, 'Remove packages that came with others and are no longer needed.'),
  autoclean: flag(false, 'Remove fetched packages that can no longer be fetched.'),
  clean: flag(false, 'Remove all fetched packages.'),
  allow_downgrade: flag(false, 'Allow a version older than the one that is there.'),
  allow_change_held_packages: flag(false, 'Change packages that are held.'),
  allow_unauthenticated: flag(false, 'Do without signatures.'),
  fail_on_autoremove: flag(false, 'Fail where something would have to be removed.'),
  force: flag(false, 'All of the `allow_` parameters, and essential packages may go.'),
  dpkg_options: Type.Optional(
    Type.String({
      default: 'force-confdef,force-confold',
      description: 'What dpkg does about changed configuration files, with commas.',
    }),
  ),
  lock_timeout: Type.Optional(
    Type.Integer({ default: 60, minimum: 0, description: 'Seconds to wait for another apt or dpkg.' }),
  ),
  policy_rc_d: Type.Optional(
    Type.Integer({
      description: 'Exit code of policy-rc.d meanwhile; 101 keeps services from being started.',
    }),
  ),
  force_apt_get: flag(false, 'Accepted for Ansible playbooks: it is always apt-get.'),
  update_cache_retries: Type.Optional(
    Type.Integer({ default: 5, minimum: 1, description: 'How often fetching the lists is tried.' }),
  ),
});

export type AptParams = Static<typeof aptParams>;

/** A package that was asked for. */
export interface Wanted {
  readonly name: string;
  /** With `*` and `?`. */
  readonly version?: string;
}

/** @throws {SlipwayError} task.invalid */
export function wantedOf(p: AptParams): Wanted[] {
  return [p.name, p.pkg, p.package]
    .flatMap((value) => (typeof value === 'string' ? value.split(',') : (value ?? [])))
    .map((text) => text.trim())
    .filter((text) => text !== '')
    .map((text) => {
      const found = /^([a-z0-9][a-z0-9+.-]*(?::[a-z0-9-]+)?)(?:=([^\s=]+))?$/.exec(text);
      if (!found)
        throw new SlipwayError('task.invalid', `"${text}" is no package`, {
          hint: 'Write name, name=version or name=1.2*. For a .deb use `deb`; comparisons and globs in names are not known.',
        });
      return { name: found[1]!, ...(found[2] !== undefined && { version: found[2] }) };
    });
}

/** The simulation and the run need the same choices. */
export function choices(p: AptParams): string[] {
  const options = (p.dpkg_options ?? 'force-confdef,force-confold')
    .split(',')
    .map((option) => option.trim().replace(/^--/, ''))
    .filter((option) => option !== '')
    .flatMap((option) => ['-o', `Dpkg::Options::=--${option}`]);
  const force = p.force === true;
  const recommends = p.install_recommends;
  return [
    ...options,
    ...(p.default_release === undefined ? [] : ['-t', p.default_release]),
    ...(recommends === undefined ? [] : [`--${recommends ? '' : 'no-'}install-recommends`]),
    ...(p.only_upgrade ? ['--only-upgrade'] : []),
    ...(p.allow_downgrade || force ? ['--allow-downgrades'] : []),
    ...(p.allow_change_held_packages || force ? ['--allow-change-held-packages'] : []),
    ...(p.allow_unauthenticated || force ? ['--allow-unauthenticated'] : []),
    ...(force ? ['--allow-remove-essential'] : []),
    ...(p.fail_on_autoremove ? ['--no-remove'] : []),
    ...(p.autoremove ? ['--auto-remove'] : []),
  ];
}

/** Whether a version is one that was asked for: `1.34.*` as the shell would match it. */
export function matches(version: string, pattern: string | undefined): boolean {
  if (pattern === undefined) return true;
  const text = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${text}$`).test(version);
}
