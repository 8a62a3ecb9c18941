import { type Effect, type Expected, type Outlook, type Subject, Unclear } from '../../module/outlook.ts';
import { type ExpectedPath, pathSubject } from '../files/expected.ts';
import { textOf } from '../files/path-state.ts';
import type { UnitChange } from './compare.ts';
import { unitName, type UnitParams } from './params.ts';
import type { Unit } from './probe.ts';

/** Properties as `systemctl show` would give them. */
type Shown = Readonly<Record<string, string>>;

const FOLDERS = ['/etc/systemd/system', '/usr/local/lib/systemd/system', '/usr/lib/systemd/system'];
/** The manager itself: when it last read its files. */
const MANAGER = 'unit:@';

/** A unit as the tasks before would have left it. */
export function foreseeUnit(unit: Unit, p: UnitParams, outlook: Outlook): Unit | Unclear {
  const stale = p.daemon_reload && (p.scope ?? 'system') === 'system' ? staleThen(unit, outlook) : unit.stale;
  if (stale instanceof Unclear) return stale;
  if (p.name === undefined) return { ...unit, stale };
  const name = unitName(p.name);
  const then = outlook.concerning([`unit:${name}`]);
  if (then && !then.state) return new Unclear(then.by);
  if (then) return { ...unit, stale, show: { ...unit.show, ...(then.state as Shown) } };
  if (unit.show['LoadState'] !== 'not-found') return { ...unit, stale };
  const file = fileOf(name, outlook);
  if (file) return { ...unit, stale, show: { ...unit.show, ...loaded(file) } };
  const packages = outlook.of('package:');
  if (!packages) return { ...unit, stale };
  // A package starts what it brings; it is started again all the same.
  const again = p.state === 'restarted' || p.state === 'reloaded';
  if (!again || p.enabled !== undefined || p.masked !== undefined) return new Unclear(packages.by);
  return { ...unit, stale, show: { ...unit.show, ...RUNNING } };
}

const RUNNING: Shown = { LoadState: 'loaded', ActiveState: 'active', UnitFileState: 'enabled' };

function staleThen(unit: Unit, outlook: Outlook): readonly string[] | Unclear {
  const changed = FOLDERS.map((folder) => outlook.within(folder)).filter((found) => found !== undefined);
  const last = Math.max(-1, ...changed.map(({ at }) => at));
  const manager = outlook.of(MANAGER);
  // A task that may have it read them, or not.
  if (manager && manager.state === undefined) return new Unclear(manager.by);
  const read = manager?.at ?? -2;
  if (last > read) return [...unit.stale, 'files that tasks before would change'];
  return read >= 0 ? [] : unit.stale;
}

function fileOf(name: string, outlook: Outlook): Expected | undefined {
  const found = FOLDERS.map((folder) => outlook.of(pathSubject(`${folder}/${name}`)));
  return found.find((one) => one && (one.state as ExpectedPath | undefined)?.state.own);
}

function loaded(file: Expected): Shown {
  const text = textOf((file.state as ExpectedPath).state.bytes) ?? '[Install]';
  const UnitFileState = /^\[Install\]/m.test(text) ? 'disabled' : 'static';
  const Type = /^Type=(\S+)/m.exec(text)?.[1] ?? 'simple';
  const RemainAfterExit = /^RemainAfterExit=(yes|true|on|1)/m.test(text) ? 'yes' : 'no';
  return { LoadState: 'loaded', ActiveState: 'inactive', UnitFileState, Type, RemainAfterExit };
}

export function unitTouches(p: UnitParams): Subject[] {
  const manager: Subject[] = p.daemon_reload || p.daemon_reexec ? [MANAGER] : [];
  return p.name === undefined ? manager : [...manager, `unit:${unitName(p.name)}`];
}

/** What a change leaves behind. */
export function unitEffects(change: UnitChange, unit: Unit, p: UnitParams): Effect[] {
  const reload: Effect[] = change.reload || change.reexec ? [{ subject: MANAGER, state: 'read' }] : [];
  if (p.name === undefined) return reload;
  const shown: Record<string, string> = { LoadState: unit.show['LoadState'] ?? 'loaded' };
  const { UnitFileState, ActiveState } = unit.show;
  if (UnitFileState !== undefined) shown['UnitFileState'] = UnitFileState;
  if (ActiveState !== undefined) shown['ActiveState'] = ActiveState;
  if (change.mask === 'mask') Object.assign(shown, { UnitFileState: 'masked', LoadState: 'masked' });
  if (change.mask === 'unmask') return [...reload, { subject: `unit:${unitName(p.name)}` }];
  if (change.enable) shown['UnitFileState'] = change.enable === 'enable' ? 'enabled' : 'disabled';
  if (change.act) shown['ActiveState'] = change.act === 'stop' ? 'inactive' : 'active';
  return [...reload, { subject: `unit:${unitName(p.name)}`, state: shown }];
}

/** What is so afterwards in any case. */
export function unitSettles(p: UnitParams): Effect[] {
  const reload: Effect[] = p.daemon_reload ? [{ subject: MANAGER, state: 'read' }] : [];
  if (p.name === undefined) return reload;
  const subject = `unit:${unitName(p.name)}` as const;
  const whole = p.state !== undefined && p.enabled !== undefined && p.masked === undefined;
  if (!whole) return [...reload, { subject }];
  const ActiveState = p.state === 'stopped' ? 'inactive' : 'active';
  const UnitFileState = p.enabled ? 'enabled' : 'disabled';
  return [...reload, { subject, state: { LoadState: 'loaded', ActiveState, UnitFileState } }];
}
