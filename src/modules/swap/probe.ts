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

const GENERATOR_FOLDERS = ['/etc', '/usr/local/lib', '/usr/lib', '/lib'].map(
  (folder) => `${folder}/systemd/system-generators`,
);

/** Read-only sh that tells of swap: in use, in fstab, and (`all`) what else would turn it on at boot. */
export function probeSwaps(ask: 'all' | 'one' | 'present'): Program {
  return lines(
    sh`
      while read -r f l; do
        case $f in /*) printf 'active %s\n' "$f" ;; esac
      done 2>/dev/null < /proc/swaps
      if [ -d /run/systemd/system ] && command -v systemctl > /dev/null; then echo systemd yes; ${ask === 'all' ? probeUnits() : undefined}
      fi
    `,
    ask === 'all' && probeZram(),
    ask === 'present' ? probeText('/etc/fstab') : probeFstab(),
  );
}

/** All units in one question: those with a file, and by the pattern those that are loaded without one. */
function probeUnits(): Program {
  const services = SERVICES.map((name) => `${name}.service`);
  return sh`
    set --
    for d in ${UNIT_FOLDERS}; do
      for f in "$d"/*.swap; do if [ -e "$f" ]; then set -- "$@" "\${f##*/}"; fi; done
    done
    echo units
    systemctl show -p Id -p ActiveState -p UnitFileState -p FragmentPath -p SourcePath -- "$@" ${services} '*.swap' 2>/dev/null
    echo 'units end'
  `;
}

function probeZram(): Program {
  return sh`
    g=
    for d in ${GENERATOR_FOLDERS}; do if [ -e "$d/zram-generator" ]; then g=1; fi; done
    if [ -n "$g" ]; then
      for d in /etc/systemd /run/systemd /usr/local/lib/systemd /usr/lib/systemd; do
        for f in "$d"/zram-generator.conf "$d"/zram-generator.conf.d/*.conf; do
          if [ -s "$f" ]; then
            t=/etc/systemd/\${f#"$d"/}
            if [ "$f" = "$t" ] || [ ! -e "$t" ]; then printf 'zram %s\n' "$t"; fi
          fi
        done
      done
    fi
  `;
}

/** Most hosts have no line for swap: nothing is to be taken out of the file then, and no program is started for it. */
function probeFstab(): Program {
  return sh`
    w=1
    if [ -f /etc/fstab ] && [ -r /etc/fstab ]; then
      w=
      while read -r a b c l || [ -n "$a" ]; do
        case $a,$c in '#'*) ;; *swap*|*,*\\*) w=1; break ;; esac
      done < /etc/fstab
    fi
    if [ -z "$w" ]; then echo unneeded; echo end; else
    ${probeText('/etc/fstab')}
    fi
  `;
}

export function readSwaps(stdout: string): SwapState {
  const all = (key: string) =>
    [...stdout.matchAll(new RegExp(`^${key} (.*)$`, 'gm'))].map((found) => found[1]!);
  return {
    active: all('active').map(unescapeField),
    fstab: readPath(stdout),
    systemd: /^systemd yes$/m.test(stdout),
    units: [
      ...new Map(
        (/^units\n(.*)^units end$/ms.exec(stdout)?.[1] ?? '')
          .split(/\n\n+/)
          .flatMap(readUnit)
          .map((unit) => [unit.name, unit]),
      ).values(),
    ],
    zram: [...new Set(all('zram'))],
  };
}

function readUnit(text: string): SwapUnit[] {
  const value = (key: string) => new RegExp(`^${key}=(.*)$`, 'm').exec(text)?.[1] ?? '';
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
