import path from 'node:path';
import type { Scope } from '../expression/types.ts';
import type { Keywords } from '../playbook/types.ts';
import { OMIT } from './omit.ts';
import type { PlannedPlay } from './types.ts';
import type { VariableInputs } from './variables.ts';

/** Variables that Ansible calls magic: they are there always, and nothing can set them. */
export interface Magic {
  readonly names: readonly string[];
  /** Undefined where the name is no magic variable. */
  get(name: string, task: Keywords | undefined): unknown;
}

interface Given {
  readonly inputs: VariableInputs;
  readonly host: string;
  readonly play: PlannedPlay | undefined;
  readonly groups: Readonly<Record<string, readonly string[]>>;
  readonly hostScope: (host: string) => Scope;
}

type Make = (given: Given, task: Keywords | undefined) => unknown;

const alive = ({ inputs, play }: Given) => play && (inputs.alive?.(play) ?? play.hosts);

const TABLE: Readonly<Record<string, Make>> = {
  inventory_hostname: ({ host }) => host,
  inventory_hostname_short: ({ host }) => host.split('.')[0],
  inventory_file: ({ inputs, host }) => inputs.inventory.host(host)?.file,
  inventory_dir: ({ inputs, host }) => inputs.inventory.host(host)?.folder,
  groups: ({ groups }) => groups,
  group_names: ({ inputs, host }) => [...(inputs.inventory.host(host)?.groups ?? [])].sort(),
  hostvars: (given) => hostvars(given),
  play_hosts: alive,
  ansible_play_hosts: alive,
  ansible_play_hosts_all: ({ play }) => play?.hosts,
  ansible_play_batch: ({ play, host }) => play?.batches.find((batch) => batch.includes(host)),
  ansible_play_name: ({ play }) => play?.play.name,
  ansible_check_mode: ({ inputs }) => inputs.options.check,
  ansible_diff_mode: ({ inputs }) => inputs.options.diff,
  ansible_run_tags: ({ inputs }) => (inputs.options.tags.length > 0 ? inputs.options.tags : ['all']),
  ansible_skip_tags: ({ inputs }) => inputs.options.skipTags,
  playbook_dir: ({ play }) => play && path.resolve(play.play.folder),
  role_path: (_, task) => task?.layers.rolePath,
  role_name: (_, task) => task?.layers.roleName,
  ansible_role_name: (_, task) => task?.layers.roleName,
  slipway_version: ({ inputs }) => inputs.version,
  omit: () => OMIT,
};

export const MAGIC_NAMES: readonly string[] = Object.keys(TABLE);

export function magicFor(given: Given): Magic {
  return {
    names: MAGIC_NAMES,
    get: (name, task) => (Object.hasOwn(TABLE, name) ? TABLE[name]!(given, task) : undefined),
  };
}

// Every host's variables, worked out only where they are asked for.
function hostvars({ inputs, hostScope }: Given): unknown {
  const known = (host: string) => inputs.inventory.host(host) !== undefined;
  return lazyRecord(known, [...inputs.inventory.hosts.keys()], (host) => {
    const scope = hostScope(host);
    return lazyRecord(
      (name) => scope.has(name),
      undefined,
      (name) => scope.get(name),
      () => [...new Set(scope.names())],
    );
  });
}

/** A record whose values are made when they are read, and which has own properties only. */
function lazyRecord(
  has: (key: string) => boolean,
  keys: readonly string[] | undefined,
  make: (key: string) => unknown,
  list: () => readonly string[] = () => keys ?? [],
): unknown {
  const made = new Map<string, unknown>();
  const read = (key: string) => {
    if (!made.has(key)) made.set(key, make(key));
    return made.get(key);
  };
  return new Proxy(Object.create(null) as object, {
    has: (_, key) => typeof key === 'string' && has(key),
    get: (_, key) => (typeof key === 'string' && has(key) ? read(key) : undefined),
    ownKeys: () => [...list()],
    getOwnPropertyDescriptor: (_, key) =>
      typeof key === 'string' && has(key)
        ? { value: read(key), enumerable: true, configurable: true, writable: false }
        : undefined,
  });
}
