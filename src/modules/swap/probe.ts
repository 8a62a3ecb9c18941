import { lines, type Program, sh } from '../../module/program.ts';
import { unescapeField } from '../mounts/fstab.ts';
import { type PathState, readPath } from '../files/path-state.ts';
import { probeText } from '../system/managed-file.ts';

/** A unit that turns swap on. */
export interface SwapUnit {
  readonly name: string;
  readonly active: boolean;
  /** `enabled`, `generated`, `masked`, ... as systemd says. */
  readonly state: string;
  /** Its file. */
  readonly fragment: string;
  /** What a generated unit was made from. */
  readonly source: string;
}

export interface SwapState {
  /** Paths in /proc/swaps. */
  readonly active: readonly string[];
  readonly fstab: PathState;
  readonly systemd: boolean;
  readonly units: readonly SwapUnit[];
  /** Files in /etc that have to be empty for zram-generator to make no swap. */
  readonly zram: readonly string[];
}

/** Services of distributions that make swap by themselves. */
const SERVICES = ['dphys-swapfile', 'swapspace', 'zram-config', 'zram-swap', 'zramswap'];

/** Looked through by the shell: `systemctl list-unit-files` reads all units there are, which takes a second. */
const UNIT_FOLDERS = [
  '/etc/systemd/system',
  '/run/systemd/system',
  '/run/systemd/generator',
  '/run/systemd/generator.early',
  '/run/systemd/generator.late',
  '/usr/local/lib/systemd/system',
  '/usr/lib/systemd/system',
  '/lib/systemd/system',
];

/** Read-only sh that tells of all swap: in use, in fstab, and what would turn it on at boot. */
export function probeSwaps(): Program {
  const services = SERVICES.map((name) => `${name}.service`);
  return lines(
    sh`
      sed -n 's/^\(\/[^[:space:]]*\).*/active \1/p' /proc/swaps 2>/dev/null
      if [ -d /run/systemd/system ] && command -v systemctl > /dev/null; then
        echo systemd yes
        u=$(for d in ${UNIT_FOLDERS}; do
          for f in "$d"/*.swap; do if [ -e "$f" ]; then printf '%s\n' "\${f##*/}"; fi; done
        done | sort -u)
        u="$u $(systemctl list-units --type=swap --plain --no-legend --no-pager 2>/dev/null | sed -n 's/^\([^ ]*\.swap\) .*/\1/p')"
        systemctl show -p Id -p ActiveState -p UnitFileState -p FragmentPath -p SourcePath -- $u ${services} 2>/dev/null | sed 's/^./unit &/; s/^$/next/'
      fi
      if ls /etc/systemd/system-generators/zram-generator /usr/local/lib/systemd/system-generators/zram-generator /usr/lib/systemd/system-generators/zram-generator /lib/systemd/system-generators/zram-generator 2>/dev/null | grep -q .; then
        for d in /etc/systemd /run/systemd /usr/local/lib/systemd /usr/lib/systemd; do
          for f in "$d"/zram-generator.conf "$d"/zram-generator.conf.d/*.conf; do
            if [ -s "$f" ]; then
              t=/etc/systemd/\${f#"$d"/}
              if [ "$f" = "$t" ] || [ ! -e "$t" ]; then printf 'zram %s\n' "$t"; fi
            fi
          done
        done
      fi
    `,
    probeText('/etc/fstab'),
  );
}

export function readSwaps(stdout: string): SwapState {
  const all = (key: string) =>
    [...stdout.matchAll(new RegExp(`^${key} (.*)$`, 'gm'))].map((found) => found[1]!);
  return {
    active: all('active').map(unescapeField),
    fstab: readPath(stdout),
    systemd: stdout.includes('systemd yes\n'),
    units: [
      ...new Map(
        stdout
          .split(/^next$/m)
          .flatMap(readUnit)
          .map((unit) => [unit.name, unit]),
      ).values(),
    ],
    zram: [...new Set(all('zram'))],
  };
}

function readUnit(text: string): SwapUnit[] {
  const value = (key: string) => new RegExp(`^unit ${key}=(.*)$`, 'm').exec(text)?.[1] ?? '';
  const name = value('Id');
  if (name === '') return [];
  return [
    {
      name,
      active: value('ActiveState') === 'active',
      state: value('UnitFileState'),
      fragment: value('FragmentPath'),
      source: value('SourcePath'),
    },
  ];
}
