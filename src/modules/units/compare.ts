import { didYouMean, nearest } from '../../base/suggest.ts';
import { always, change, type Difference, impossible, same, type Verdict } from '../../module/contract.ts';
import { unitName, type UnitParams } from './params.ts';
import type { Unit } from './probe.ts';

/** What has to be done, in this order. */
export interface UnitChange {
  readonly reexec: boolean;
  readonly reload: boolean;
  readonly mask?: 'mask' | 'unmask';
  readonly enable?: 'enable' | 'disable';
  readonly act?: 'start' | 'stop' | 'restart' | 'reload';
}

export function isEnabled(unit: Unit): boolean {
  return ['enabled', 'alias', 'static', 'indirect', 'generated', 'transient', 'linked'].includes(
    unit.show['UnitFileState'] ?? '',
  );
}

/** Units without an [Install] section, and those that something else makes, can be neither enabled nor disabled. */
function isFixed(state: string): boolean {
  return ['static', 'generated', 'transient', 'alias', 'indirect', ''].includes(state);
}

export function compareUnit(unit: Unit, p: UnitParams): Verdict<UnitChange> {
  const wrong = obstacle(unit, p);
  if (wrong) return wrong;
  const diff: Difference[] = [];
  const masks = maskStep(unit, p, diff);
  const enables = enableStep(unit, p, diff);
  const acts = activeStep(unit, p, diff);
  const visible = diff.length;
  if (p.state === 'restarted' || p.state === 'reloaded')
    diff.push({ subject: `${p.name} ${p.state}`, after: 'now' });
  if (p.daemon_reexec) diff.push({ subject: 'systemd', after: 'started anew' });
  const stale = p.daemon_reload === true && unit.stale.length > 0 && !unit.stale.includes('unknown');
  if (p.daemon_reload && unit.stale.length > 0) diff.push(reloadDifference(unit));
  if (diff.length === 0) return same(settled(unit, p));
  const what: UnitChange = {
    reexec: p.daemon_reexec ?? false,
    reload: p.daemon_reload ?? false,
    ...(masks && { mask: masks }),
    ...(enables && { enable: enables }),
    ...(acts && { act: acts }),
  };
  const why = diff
    .map(({ subject, before }) => (before === undefined ? subject : `${subject} is ${before}`))
    .join('; ');
  const once = visible === 0 && !stale;
  return once || (acts === 'start' && isOneShot(unit) && visible === 1 && !stale)
    ? always(why, diff, what)
    : change(why, diff, what);
}

function reloadDifference(unit: Unit): Difference {
  const before = unit.stale.includes('unknown') ? undefined : `changed: ${unit.stale.join(', ')}`;
  return { subject: 'unit files', before, after: 'read anew' };
}

function obstacle(unit: Unit, p: UnitParams): Verdict<UnitChange> | undefined {
  if (!unit.systemd)
    return impossible('systemd does not run on this host', 'Use a host that systemd has booted.');
  if (p.name === undefined) {
    if (p.state !== undefined || p.enabled !== undefined || p.masked !== undefined)
      return impossible(
        '`name` is missing',
        'Name the unit that `state`, `enabled` or `masked` is meant for.',
      );
    return undefined;
  }
  const name = unitName(p.name);
  const { LoadState: load, UnitFileState: file } = unit.show;
  if (load === 'not-found' && !(p.masked === true && p.state === undefined && p.enabled === undefined)) {
    const near = nearest(name, unit.known) ?? unit.known.find((known) => known.startsWith(p.name!));
    return impossible(
      `there is no unit ${name}`,
      near === undefined ? 'Install the package that brings it first.' : didYouMean(name, [near]),
    );
  }
  if (load === 'bad-setting' || load === 'error')
    return impossible(
      `${name} cannot be loaded: ${unit.show['LoadError'] || load}`,
      `Look at ${unit.show['FragmentPath']}.`,
    );
  const masked = file === 'masked' || load === 'masked';
  if (
    masked &&
    p.masked !== false &&
    (p.enabled === true || (p.state !== undefined && p.state !== 'stopped'))
  )
    return impossible(`${name} is masked`, 'Set `masked: false` to allow it.');
  return undefined;
}

function maskStep(unit: Unit, p: UnitParams, diff: Difference[]): UnitChange['mask'] {
  if (p.masked === undefined) return undefined;
  const masked = unit.show['UnitFileState'] === 'masked' || unit.show['LoadState'] === 'masked';
  if (masked === p.masked) return undefined;
  const word = (value: boolean) => (value ? 'masked' : 'unmasked');
  diff.push({ subject: `${p.name} mask`, before: word(masked), after: word(p.masked) });
  return p.masked ? 'mask' : 'unmask';
}

function enableStep(unit: Unit, p: UnitParams, diff: Difference[]): UnitChange['enable'] {
  const now = unit.show['UnitFileState'] ?? '';
  if (p.enabled === undefined || isFixed(now)) return undefined;
  // A masked unit is as disabled as can be; unmasked, it may still be enabled or not.
  if ((p.enabled && now === 'enabled') || (!p.enabled && ['disabled', 'masked'].includes(now)))
    return undefined;
  diff.push({ subject: `${p.name} at boot`, before: now, after: p.enabled ? 'enabled' : 'disabled' });
  return p.enabled ? 'enable' : 'disable';
}

function activeStep(unit: Unit, p: UnitParams, diff: Difference[]): UnitChange['act'] {
  const now = unit.show['ActiveState'] ?? 'inactive';
  const running = ['active', 'activating', 'reloading', 'refreshing'].includes(now);
  if (p.state === 'restarted') return running ? 'restart' : 'start';
  if (p.state === 'reloaded') return running ? 'reload' : 'start';
  if (p.state === 'started' && !running) {
    diff.push({ subject: `${p.name}`, before: now, after: 'active' });
    return 'start';
  }
  const stopping = now === 'deactivating' && !p.no_block;
  if (p.state === 'stopped' && (running || stopping)) {
    diff.push({ subject: `${p.name}`, before: now, after: 'inactive' });
    return 'stop';
  }
  return undefined;
}

/** Such a unit has ended when it was started; nothing shows that it ran for us. */
function isOneShot(unit: Unit): boolean {
  return unit.show['Type'] === 'oneshot' && unit.show['RemainAfterExit'] !== 'yes';
}

function settled(unit: Unit, p: UnitParams): string {
  if (p.name === undefined) return 'no unit file has changed';
  const { ActiveState: active, UnitFileState: file } = unit.show;
  return `${p.name} is ${[active, file].filter(Boolean).join(' and ') || 'as it should be'}`;
}
