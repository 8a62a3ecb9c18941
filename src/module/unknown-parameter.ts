import { didYouMean } from '../base/suggest.ts';
import type { Module } from './contract.ts';

const SELINUX = 'SELinux labels are not kept; set them with `command: chcon` or `restorecon`.';
const ATTRIBUTES = 'Use `command: chattr`.';

/** Parameters that Ansible's modules have in common. */
const EVERYWHERE: Readonly<Record<string, string>> = {
  seuser: SELINUX,
  serole: SELINUX,
  setype: SELINUX,
  selevel: SELINUX,
  attributes: ATTRIBUTES,
  attr: ATTRIBUTES,
};

/** What to write in place of a parameter that a module does not have. */
export function insteadOf(key: string, module: Module): string | undefined {
  const own = module.elsewhere as Readonly<Record<string, string>> | undefined;
  for (const known of [own, EVERYWHERE]) if (known && Object.hasOwn(known, key)) return known[key];
  return didYouMean(key, Object.keys(module.params.properties));
}
