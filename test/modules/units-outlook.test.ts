import { describe, expect, it } from 'vitest';
import { Unclear } from '../../src/module/outlook.ts';
import { becomes, NOTHING, stateAfter } from '../../src/modules/files/expected.ts';
import { foreseeUnit, unitEffects, unitTouches } from '../../src/modules/units/outlook.ts';
import { HostOutlook } from '../../src/run/outlook.ts';

const unit = { stale: [], show: { LoadState: 'not-found' } } as unknown as Parameters<typeof foreseeUnit>[0];
const reloads = { daemon_reload: true };
const text = '[Service]\nExecStart=/bin/app\n[Install]\nWantedBy=multi-user.target\n';
const file = stateAfter(
  NOTHING,
  { type: 'file', attributes: {}, bytes: Buffer.from(text) },
  { user: 'root' },
);
const written = [becomes('/etc/systemd/system/app.service', file)];
const reload = { reload: true } as unknown as Parameters<typeof unitEffects>[0];

describe('the files of units that the manager has not read', () => {
  it('are those that tasks before write, until one has it read them', () => {
    const outlook = new HostOutlook();
    outlook.expect(written, 'copy');
    expect(foreseeUnit(unit, reloads, outlook)).toMatchObject({ stale: [expect.any(String)] });
    outlook.expect(unitEffects(reload, unit, reloads), 'reload');
    expect(foreseeUnit(unit, reloads, outlook)).toMatchObject({ stale: [] });
    outlook.expect(written, 'copy again');
    expect(foreseeUnit(unit, reloads, outlook)).toMatchObject({ stale: [expect.any(String)] });
  });

  it('are not known behind a task that may have it read them', () => {
    const outlook = new HostOutlook();
    outlook.expect(written, 'copy');
    outlook.expect(
      unitTouches({ name: 'other', daemon_reload: true }).map((subject) => ({ subject })),
      'may reload',
    );
    expect(foreseeUnit(unit, reloads, outlook)).toEqual(new Unclear('may reload'));
    expect(foreseeUnit(unit, { name: 'app' }, outlook)).toMatchObject({
      show: { LoadState: 'loaded', UnitFileState: 'disabled', ActiveState: 'inactive' },
    });
  });
});
