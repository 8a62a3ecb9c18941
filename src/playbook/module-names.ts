/** Task-level words that are not modules: the loader and the engine do them. */
export const SPECIAL: ReadonlySet<string> = new Set([
  'include_tasks',
  'import_tasks',
  'include_role',
  'import_role',
  'include_vars',
  'meta',
]);

const COLLECTIONS =
  /^(?:ansible\.(?:builtin|legacy|posix|utils)|community\.(?:general|docker|crypto)|kubernetes\.core)\./;

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
