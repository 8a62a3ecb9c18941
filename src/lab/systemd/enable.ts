import type { HostFiles } from '../host-files.ts';
import type { Manager } from './manager.ts';
import { names, value } from './unit-file.ts';
import { enabledLinks, fullName, installLinks, OWN_FOLDER, readUnit } from './units.ts';

export interface Answer {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export function answer(code: number, out = '', err = ''): Answer {
  return { code, out, err };
}

/** Verbs on unit files: they make and remove links below /etc/systemd/system. */
export async function enable(manager: Manager, given: readonly string[]): Promise<Answer> {
  const err: string[] = [];
  for (const one of await withAlso(manager.host.files, given.map(fullName))) {
    const unit = await readUnit(manager.host.files, one);
    if (unit.load === 'not-found')
      return answer(1, '', `Failed to enable unit: Unit file ${one} does not exist.\n`);
    if (unit.load === 'masked')
      return answer(1, '', `Failed to enable unit: Unit file ${unit.path} is masked.\n`);
    const links = installLinks(unit);
    if (links.length === 0 && given.length === 1) err.push(NO_INSTALL);
    for (const link of links) {
      if ((await manager.host.files.link(link)) === unit.path) continue;
      await manager.host.files.makeLink(link, unit.path);
      err.push(`Created symlink ${link} → ${unit.path}.\n`);
    }
  }
  await manager.units.forget();
  return answer(0, '', err.join(''));
}

const NO_INSTALL =
  'The unit files have no installation config (WantedBy=, RequiredBy=, Also=,\nAlias= settings in the [Install] section, and DefaultInstance= for template\nunits). This means they are not meant to be enabled using systemctl.\n';

async function withAlso(files: HostFiles, given: readonly string[]): Promise<string[]> {
  const all = new Set(given);
  for (const one of all) {
    const unit = await readUnit(files, one);
    for (const other of names(unit.sections, 'Install', 'Also'))
      if ((await readUnit(files, other)).load === 'loaded') all.add(other);
  }
  return [...all];
}

export async function disable(manager: Manager, given: readonly string[]): Promise<Answer> {
  const err: string[] = [];
  for (const one of await withAlso(manager.host.files, given.map(fullName))) {
    const unit = await readUnit(manager.host.files, one);
    const links = await enabledLinks(manager.host.files, one);
    if (unit.load === 'not-found' && links.length === 0)
      return answer(1, '', `Failed to disable unit: Unit file ${one} does not exist.\n`);
    for (const link of links) {
      await manager.host.files.remove(link);
      err.push(`Removed "${link}".\n`);
    }
  }
  await manager.units.forget();
  return answer(0, '', err.join(''));
}

export async function mask(manager: Manager, given: readonly string[], runtime: boolean): Promise<Answer> {
  const err: string[] = [];
  const folder = runtime ? '/run/systemd/system' : OWN_FOLDER;
  for (const one of given.map(fullName)) {
    const unit = await readUnit(manager.host.files, one);
    if (unit.load === 'masked') continue;
    if (unit.load === 'not-found') err.push(`Unit ${one} does not exist, proceeding anyway.\n`);
    const path = `${folder}/${one}`;
    if ((await manager.host.files.link(path)) === undefined && (await manager.host.files.exists(path)))
      return answer(1, '', `Failed to mask unit: File ${path} already exists.\n`);
    await manager.host.files.makeLink(path, '/dev/null');
    err.push(`Created symlink ${path} → /dev/null.\n`);
  }
  await manager.units.forget();
  return answer(0, '', err.join(''));
}

export async function unmask(manager: Manager, given: readonly string[]): Promise<Answer> {
  const err: string[] = [];
  for (const one of given.map(fullName))
    for (const folder of [OWN_FOLDER, '/run/systemd/system']) {
      const path = `${folder}/${one}`;
      if ((await manager.host.files.link(path)) !== '/dev/null') continue;
      await manager.host.files.remove(path);
      err.push(`Removed "${path}".\n`);
    }
  await manager.units.forget();
  return answer(0, '', err.join(''));
}

/**
 * Enables or disables units as the distribution wants: the first line that matches in the *.preset files, else enable
 * (that is how Debian's packages enable their services).
 */
export async function preset(manager: Manager, given: readonly string[], mode: string): Promise<Answer> {
  const rules = await presetRules(manager.host.files);
  const wanted = (name: string) => rules.find((rule) => rule.pattern.test(name))?.verb !== 'disable';
  const on = given.map(fullName).filter(wanted);
  const off = given.map(fullName).filter((name) => !wanted(name));
  let done = answer(0);
  if (on.length > 0 && mode !== 'disable-only') done = await enable(manager, on);
  if (done.code === 0 && off.length > 0 && mode !== 'enable-only') done = await disable(manager, off);
  return done;
}

async function presetRules(files: HostFiles) {
  const texts = new Map<string, string>();
  for (const folder of [
    '/etc/systemd/system-preset',
    '/run/systemd/system-preset',
    '/usr/lib/systemd/system-preset',
    '/lib/systemd/system-preset',
  ])
    for (const name of await files.list(folder))
      if (!texts.has(name)) texts.set(name, (await files.read(`${folder}/${name}`)) ?? '');
  const lines = [...texts.entries()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([, text]) => text.split('\n'));
  return lines.flatMap((line) => {
    const match = /^\s*(enable|disable)\s+(\S+)/.exec(line);
    return match ? [{ verb: match[1]!, pattern: glob(match[2]!) }] : [];
  });
}

/** A shell pattern of unit names. */
export function glob(pattern: string): RegExp {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`);
}

/** A unit's title, or its name. */
export function descriptionOf(sections: Parameters<typeof value>[0], name: string): string {
  return value(sections, 'Unit', 'Description') ?? name;
}
