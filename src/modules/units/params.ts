import { type Static, Type } from 'typebox';

const flag = (description: string) => Type.Optional(Type.Boolean({ default: false, description }));

export const unitParams = Type.Object({
  name: Type.Optional(
    Type.String({
      description: 'The unit; without a suffix a service. Needed unless only systemd itself is reloaded.',
      pattern: '^[^-\\s/*?][^\\s/*?]*$',
    }),
  ),
  state: Type.Optional(
    Type.Enum(['started', 'stopped', 'restarted', 'reloaded'], {
      description:
        'Running or not; `restarted` and `reloaded` are done each time and start what does not run.',
    }),
  ),
  enabled: Type.Optional(Type.Boolean({ description: 'Whether it is started at boot.' })),
  masked: Type.Optional(Type.Boolean({ description: 'Whether it is kept from being started at all.' })),
  daemon_reload: flag('Read unit files that have changed, first.'),
  daemon_reexec: flag('Start systemd itself anew, first.'),
  scope: Type.Optional(
    Type.Enum(['system', 'user', 'global'], {
      default: 'system',
      description: "The system's manager, that of the task's user, or the settings of all users.",
    }),
  ),
  no_block: flag('Do not wait until it is started or stopped.'),
  force: flag('Replace links that are in the way of `enabled` and `masked`.'),
});

export type UnitParams = Static<typeof unitParams>;

/** `cron` is `cron.service`. */
export function unitName(name: string): string {
  return /\.(service|socket|device|mount|automount|swap|target|path|timer|slice|scope)$/.test(name)
    ? name
    : `${name}.service`;
}

/** systemctl with the flags for the scope. */
export function systemctl(p: UnitParams): string[] {
  const scope = p.scope ?? 'system';
  return scope === 'system' ? ['systemctl'] : ['systemctl', `--${scope}`];
}
