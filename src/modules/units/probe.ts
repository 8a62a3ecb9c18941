import { lines, type Program, raw, sh } from '../../module/program.ts';
import type { Output } from '../../transport/types.ts';
import { systemctl, unitName, type UnitParams } from './params.ts';

export interface Unit {
  /** systemd is the host's init. */
  readonly systemd: boolean;
  /** Properties by name. */
  readonly show: Readonly<Record<string, string>>;
  /** Files and folders of units that have changed; `unknown` where that cannot be told. */
  readonly stale: readonly string[];
  /** All unit files, where the unit was not found. */
  readonly known: readonly string[];
}

const PROPERTIES =
  'Id,LoadState,LoadError,ActiveState,SubState,UnitFileState,UnitFilePreset,FragmentPath,DropInPaths,NeedDaemonReload,Type,RemainAfterExit,Result,MainPID,ExecMainStatus,CanReload,Description';

/** The bus of a user is found by this variable, which a shell of sudo does not have. */
export function userBus(p: UnitParams): Program | undefined {
  return p.scope === 'user'
    ? sh`export XDG_RUNTIME_DIR="\${XDG_RUNTIME_DIR:-/run/user/$(id -u)}"`
    : undefined;
}

export function probeUnit(p: UnitParams): Program {
  const ctl = systemctl(p);
  const unit = p.name === undefined ? undefined : unitName(p.name);
  const offline = p.scope === 'global';
  return lines(
    sh`if [ ! -d /run/systemd/system ]; then echo 'systemd no'; exit 0; fi`,
    userBus(p),
    unit !== undefined &&
      !offline &&
      sh`
        set -f; IFS='
        '
        s=$(${ctl} show -p ${PROPERTIES} -- ${unit})
        printf 'show %s\n' $s
        case $s in
          *LoadState=not-found*) for l in $(${ctl} list-unit-files --no-legend --no-pager); do echo "known \${l%% *}"; done ;;
          *UnitFileState=generated*) printf 'sysv '; ${ctl} is-enabled -- ${unit} 2>/dev/null ;;
        esac
        set +f; unset IFS
      `,
    unit !== undefined && offline && sh`printf 'show UnitFileState='; ${ctl} is-enabled -- ${unit}; echo`,
    p.daemon_reload === true && !offline && stale(p),
    sh`exit 0`,
  );
}

/**
 * What was changed since systemd last read its files. It leaves a file of that time; its own `NeedDaemonReload` does not
 * see a first drop-in. Before version 249 there is no such file, but what its generators make, which it has made anew each
 * time. Where there is neither, only a named unit's files can be held against those that systemd says it has read.
 */
function stale(p: UnitParams): Program {
  const [folders, marks] =
    p.scope === 'user'
      ? ['"$HOME/.config/systemd/user" /etc/systemd/user', marksIn('"$XDG_RUNTIME_DIR/systemd"')]
      : [
          '/etc/systemd/system /run/systemd/system /usr/local/lib/systemd/system /usr/lib/systemd/system /lib/systemd/system /etc/fstab /etc/init.d',
          marksIn('/run/systemd'),
        ];
  return sh`
    mark=; for f in ${raw(marks)}; do [ -z "$mark" ] && [ -e "$f" ] && mark=$f; done
    if [ -n "$mark" ]; then
      s=$(find ${raw(folders)} -newer "$mark" 2>/dev/null)
      set -f; IFS='
    '
      for l in $s; do echo "stale $l"; done
      set +f; unset IFS
    else ${p.name === undefined ? sh`echo 'stale unknown'` : dropIns(unitName(p.name), folders)}; fi
  `;
}

const marksIn = (folder: string) =>
  ['systemd-units-load', 'generator', 'generator.late', 'generator.early']
    .map((name) => `${folder}/${name}`)
    .join(' ');

/** The unit's drop-ins; those that systemd has read stand in its `DropInPaths`. */
function dropIns(unit: string, folders: string): Program {
  return sh`for d in ${raw(folders)}; do for f in "$d"/${unit}.d/*.conf; do [ ! -e "$f" ] || echo "dropin $f"; done; done`;
}

/** Where /lib is a link, a file has two paths. */
const inUsr = (file: string) => file.replace(/^\/lib\//, '/usr/lib/');

export function readUnit(output: Output): Unit {
  const show: Record<string, string> = {};
  const stale: string[] = [];
  const known: string[] = [];
  const dropIns: string[] = [];
  let systemd = true;
  for (const line of output.stdout.split('\n')) {
    const at = line.indexOf(' ');
    const [key, value] = [line.slice(0, at), line.slice(at + 1)];
    if (key === 'systemd') systemd = false;
    else if (key === 'stale') stale.push(inUsr(value));
    else if (key === 'dropin') dropIns.push(value);
    else if (key === 'known') known.push(value);
    else if (key === 'sysv') show['UnitFileState'] = value;
    else if (key === 'show' && value.includes('='))
      show[value.slice(0, value.indexOf('='))] = value.slice(value.indexOf('=') + 1);
  }
  if (show['NeedDaemonReload'] === 'yes' && show['Id'] && !stale.includes(show['Id'])) stale.push(show['Id']);
  const read = new Set((show['DropInPaths'] ?? '').split(' ').map(inUsr));
  stale.push(...dropIns.map(inUsr).filter((file) => !read.has(file)));
  return { systemd, show, stale: [...new Set(stale)], known };
}
