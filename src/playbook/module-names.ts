import { nearest } from '../base/suggest.ts';

/** Task-level words that are not modules: the loader and the engine do them. */
export const SPECIAL: ReadonlySet<string> = new Set([
  'include_tasks',
  'import_tasks',
  'include_role',
  'import_role',
  'include_vars',
  'meta',
]);

/** Collections that may stand before a name; a pattern, with the dot after them. */
export const COLLECTION_PATTERN =
  '(?:ansible\\.(?:builtin|legacy|posix|utils)|community\\.(?:general|docker|crypto)|kubernetes\\.core)\\.';

const COLLECTIONS = new RegExp(`^${COLLECTION_PATTERN}`);

/** Modules that have another name in Ansible, or had. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  systemd_service: 'systemd',
  service: 'systemd',
  gather_facts: 'setup',
  k8s_kubectl: 'kubectl',
};

/** A module's name without its collection, as Slipway knows it. */
export function moduleName(written: string, modules: ReadonlyMap<string, unknown>): string {
  const name = written.replace(COLLECTIONS, '');
  if (modules.has(name) || !Object.hasOwn(OTHER_NAMES, name)) return name;
  return OTHER_NAMES[name]!;
}

/** All names of a module, its own first. */
export function namesOf(module: string): string[] {
  return [module, ...Object.keys(OTHER_NAMES).filter((name) => OTHER_NAMES[name] === module)];
}

/** Modules that do not exist here, and what does their work. */
const INSTEAD: Readonly<Record<string, string>> = {
  package: 'Use `apt`.',
  yum: 'Use `apt`; other package managers are run with `command`.',
  dnf: 'Use `apt`; other package managers are run with `command`.',
  apt_key: 'Give the key to `apt_repository`.',
  add_host: 'Put the host into the inventory; a script can make one while it is read.',
  group_by: 'Put the groups into the inventory, or use `when`.',
  raw: 'Use `shell`: nothing has to be installed on the host for it.',
};

/** What to say of a module that does not exist. */
export function unknownModuleHint(written: string, modules: ReadonlyMap<string, unknown>): string {
  const name = moduleName(written, modules);
  if (Object.hasOwn(INSTEAD, name)) return INSTEAD[name]!;
  const near = nearest(name, [...modules.keys(), ...SPECIAL]);
  return near
    ? `Did you mean \`${near}\`?`
    : '`slipway doc` lists the modules; `command` and `script` run anything else.';
}
