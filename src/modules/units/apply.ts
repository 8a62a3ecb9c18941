import { lines, type Program, sh } from '../../module/program.ts';
import type { UnitChange } from './compare.ts';
import { systemctl, unitName, type UnitParams } from './params.ts';
import { userBus } from './probe.ts';

export function applyUnit(change: UnitChange, p: UnitParams): Program {
  const ctl = systemctl(p);
  const force = p.force ? ['--force'] : [];
  const wait = p.no_block ? ['--no-block'] : [];
  const unit = p.name === undefined ? undefined : unitName(p.name);
  return lines(
    sh`set -e`,
    userBus(p),
    change.reload && sh`${ctl} daemon-reload`,
    change.reexec && sh`${ctl} daemon-reexec`,
    change.mask !== undefined && sh`${[...ctl, change.mask, ...force]} -- ${unit} 2>&1`,
    change.enable !== undefined && sh`${[...ctl, change.enable, ...force]} -- ${unit} 2>&1`,
    change.act !== undefined && act([...ctl, change.act, ...wait], unit!, p),
  );
}

/** A failed start says little by itself; the status and the end of the journal say why. */
function act(command: readonly string[], unit: string, p: UnitParams): Program {
  const journal = p.scope === 'user' ? ['--user-unit', unit] : ['-u', unit];
  return sh`
    ${command} -- ${unit} || {
      r=$?
      {
        echo
        ${systemctl(p)} status --no-pager --full --lines=0 -- ${unit}
        journalctl --no-pager --quiet --output=cat -n 15 ${journal}
      } >&2 || true
      exit $r
    }
  `;
}
