import { Type } from 'typebox';
import { defineState } from '../../module/contract.ts';
import { inLines } from '../../module/program.ts';
import { applyUnit } from '../units/apply.ts';
import { compareUnit, isEnabled } from '../units/compare.ts';
import { unitParams } from '../units/params.ts';
import { probeUnit, readUnit } from '../units/probe.ts';
import { foreseeUnit, unitEffects, unitSettles, unitTouches } from '../units/outlook.ts';

export const systemd = defineState({
  name: 'systemd',
  summary: 'A unit of systemd: running, enabled, masked.',
  description:
    'As `ansible.builtin.systemd_service` (also written `service` and `systemd_service`). `started`, `stopped`, ' +
    '`enabled` and `masked` are states; `restarted` and `reloaded` are done each time. `daemon_reload` is done when ' +
    'systemd says that files have changed, and before anything else that is done here. A unit that cannot be enabled ' +
    '(static, generated) counts as both enabled and disabled. When a unit fails to start, its status and the end of ' +
    'its journal are shown. Left out: `sleep`, `use`, `pattern` and `runlevel` of other init systems.',
  params: unitParams,
  returns: Type.Object({
    name: Type.Optional(Type.String()),
    state: Type.Optional(Type.String({ description: '`started` or `stopped`.' })),
    enabled: Type.Optional(Type.Boolean({ description: 'Whether it is started at boot.' })),
    status: Type.Record(Type.String(), Type.String(), { description: 'What `systemctl show` says of it.' }),
  }),
  elsewhere: {
    unit: 'Write `name`.',
    service: 'Write `name`.',
  },
  examples: [
    {
      title: 'start a service, now and at boot',
      yaml: '- systemd: {name: cron, state: started, enabled: true}',
    },
    {
      title: 'keep a unit from being started',
      yaml: '- systemd: {name: e2scrub_all.timer, masked: true, state: stopped}',
    },
    { title: 'read changed unit files', yaml: '- systemd: {daemon_reload: true}' },
  ],

  probe: (p) => inLines(probeUnit(p)),
  read: readUnit,
  compare: compareUnit,
  apply: applyUnit,
  touches: unitTouches,
  settles: unitSettles,
  foresee: foreseeUnit,
  effects: unitEffects,

  result: (unit, p) => ({
    ...(p.name !== undefined && { name: p.name }),
    ...(p.name !== undefined && {
      state: unit.show['ActiveState'] === 'active' ? 'started' : 'stopped',
      enabled: isEnabled(unit),
    }),
    status: unit.show,
  }),
});
