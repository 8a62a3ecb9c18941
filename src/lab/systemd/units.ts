import type { HostFiles } from '../host-files.ts';
import { names, parseUnit, type UnitSections } from './unit-file.ts';

/** Where systemd looks, the first first. */
export const UNIT_FOLDERS = [
  '/etc/systemd/system',
  '/run/systemd/system',
  '/usr/local/lib/systemd/system',
  '/lib/systemd/system',
  '/usr/lib/systemd/system',
] as const;

export const OWN_FOLDER = '/etc/systemd/system';

export interface UnitDefinition {
  readonly name: string;
  readonly load: 'loaded' | 'not-found' | 'masked';
  /** Its file, or the link that masks it. */
  readonly path: string;
  readonly dropIns: readonly string[];
  readonly sections: UnitSections;
  /** All text it was read from, to see whether it changed on disk. */
  readonly text: string;
}

/** `kubelet` is `kubelet.service`. */
export function fullName(name: string): string {
  return /\.(service|socket|target|timer|path|mount|automount|swap|slice|scope|device)$/.test(name)
    ? name
    : `${name}.service`;
}

/** `getty@tty1.service` comes from `getty@.service`. */
function templateOf(name: string): string | undefined {
  const match = /^([^@]+@)[^.]+(\.\w+)$/.exec(name);
  return match ? `${match[1]}${match[2]}` : undefined;
}

export async function readUnit(files: HostFiles, name: string): Promise<UnitDefinition> {
  const template = templateOf(name);
  const found = (await findFile(files, name)) ?? (template ? await findFile(files, template) : undefined);
  const empty = { name, dropIns: [], sections: new Map(), text: '' };
  if (found?.masked) return { ...empty, load: 'masked', path: found.path };
  const dropIns = await dropInsOf(files, template ? [template, name] : [name]);
  if (!found) return { ...empty, load: 'not-found', path: '' };
  const texts = [found.text, ...dropIns.map((one) => one.text)];
  return {
    name,
    load: 'loaded',
    path: found.path,
    dropIns: dropIns.map((one) => one.path),
    sections: parseUnit(texts),
    text: texts.join('\0'),
  };
}

async function findFile(files: HostFiles, name: string) {
  for (const folder of UNIT_FOLDERS) {
    const path = `${folder}/${name}`;
    if ((await files.link(path)) === '/dev/null') return { path, masked: true, text: '' };
    const text = await files.read(path);
    if (text === '') return { path, masked: true, text };
    if (text !== undefined) return { path: await targetOf(files, path), masked: false, text };
  }
  return undefined;
}

/** An alias (`sshd.service -> ssh.service`) is known by the file it leads to. */
async function targetOf(files: HostFiles, path: string): Promise<string> {
  const link = await files.link(path);
  if (link === undefined) return path;
  return link.startsWith('/') ? link : `${path.slice(0, path.lastIndexOf('/'))}/${link}`;
}

async function dropInsOf(files: HostFiles, unitNames: readonly string[]) {
  const found = new Map<string, { path: string; text: string }>();
  for (const name of unitNames)
    for (const folder of UNIT_FOLDERS) {
      for (const file of await files.list(`${folder}/${name}.d`)) {
        if (!file.endsWith('.conf') || found.has(file)) continue;
        const path = `${folder}/${name}.d/${file}`;
        found.set(file, { path, text: (await files.read(path)) ?? '' });
      }
    }
  return [...found.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one);
}

/** The links that enabling makes, from [Install]. */
export function installLinks(unit: UnitDefinition): string[] {
  const links = [
    ...names(unit.sections, 'Install', 'WantedBy').map((by) => `${OWN_FOLDER}/${by}.wants/${unit.name}`),
    ...names(unit.sections, 'Install', 'RequiredBy').map((by) => `${OWN_FOLDER}/${by}.requires/${unit.name}`),
    ...names(unit.sections, 'Install', 'Alias').map((alias) => `${OWN_FOLDER}/${alias}`),
  ];
  return links;
}

/** Every link below /etc/systemd/system by which a unit is enabled, with the unit's name. */
export async function allEnabledLinks(
  files: HostFiles,
): Promise<{ readonly link: string; readonly name: string }[]> {
  const found: { link: string; name: string }[] = [];
  for (const entry of await files.list(OWN_FOLDER)) {
    const path = `${OWN_FOLDER}/${entry}`;
    if (/\.(wants|requires)$/.test(entry)) {
      for (const name of await files.list(path)) found.push({ link: `${path}/${name}`, name });
      continue;
    }
    const target = await files.link(path);
    const name = target?.slice(target.lastIndexOf('/') + 1);
    if (name !== undefined && name !== entry && target !== '/dev/null') found.push({ link: path, name });
  }
  return found;
}

/** The links of one unit. */
export async function enabledLinks(files: HostFiles, name: string): Promise<string[]> {
  return (await allEnabledLinks(files)).filter((one) => one.name === name).map((one) => one.link);
}

export type UnitFileState = 'enabled' | 'disabled' | 'static' | 'masked' | 'alias' | 'indirect' | '';

export async function unitFileState(files: HostFiles, unit: UnitDefinition): Promise<UnitFileState> {
  if (unit.load === 'masked') return 'masked';
  if (unit.load === 'not-found') return '';
  const target = unit.path.slice(unit.path.lastIndexOf('/') + 1);
  if (target !== unit.name && templateOf(unit.name) !== target) return 'alias';
  if ((await enabledLinks(files, unit.name)).length > 0) return 'enabled';
  if (installLinks(unit).length > 0) return 'disabled';
  return names(unit.sections, 'Install', 'Also').length > 0 ? 'indirect' : 'static';
}

/** Names of all unit files of the host. */
export async function allUnitNames(files: HostFiles): Promise<string[]> {
  const found = new Set<string>();
  for (const folder of UNIT_FOLDERS)
    for (const name of await files.list(folder)) if (fullName(name) === name) found.add(name);
  return [...found].sort();
}
