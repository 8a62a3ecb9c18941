import { lines, type Program, sh } from '../../module/program.ts';
import type { Output } from '../../transport/types.ts';
import { type AptParams, choices, wantedOf } from './params.ts';

export interface Installed {
  readonly version: string;
  readonly held: boolean;
  /** Unpacked but not configured, or the like. */
  readonly broken: boolean;
}

export interface AptState {
  readonly apt: boolean;
  /** By name as asked for (with `:arch` where that was given). */
  readonly installed: ReadonlyMap<string, Installed>;
  /** Removed, with configuration left. */
  readonly leftovers: ReadonlySet<string>;
  /** What apt would install; null: it knows the name but has no version of it. Only where the probe asked. */
  readonly candidates: ReadonlyMap<string, string | null>;
  /** Names that an installed package stands in for. */
  readonly provided: ReadonlySet<string>;
  /** Packages with a name like one that is not known. */
  readonly similar: readonly string[];
  /** In a dry run: tasks before would bring sources, of which nothing is known yet but that there are packages. */
  readonly moreSources?: boolean;
  /** Seconds since the lists were fetched, by the host's clock; undefined: never. */
  readonly listsAge: number | undefined;
  /** The host's clock when they were. */
  readonly listsTime: number | undefined;
  /** What a simulated upgrade, autoremove or clean would do. */
  readonly simulated: readonly string[];
  readonly deb: Deb | undefined;
}

export interface Deb {
  readonly name: string;
  readonly version: string;
  readonly installed?: string;
  /** The installed one is the same or newer. */
  readonly notOlder: boolean;
}

export function probeApt(p: AptParams): Program {
  const wanted = wantedOf(p);
  return lines(
    sh`
      if ! command -v apt-get >/dev/null; then echo 'apt no'; exit 0; fi
      ${p.update_cache === true ? sh`printf 'now '; date +%s` : undefined}
      for f in /var/lib/apt/periodic/update-success-stamp /var/lib/apt/lists/*_*; do
        if [ -e "$f" ]; then
          case $f in */lists/*) f=/var/lib/apt/lists ;; esac
          stat -c 'lists %Y' "$f"
          break
        fi
      done
      m=
      c=/var/cache/apt/pkgcache.bin
      for f in /var/lib/dpkg/status /var/lib/apt/lists /etc/apt/sources.list /etc/apt/sources.list.d; do
        if [ ! "$c" -nt "$f" ] && [ -e "$f" ]; then m='-o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache='; fi
      done
    `,
    wanted.length > 0 &&
      packages(
        p,
        wanted.map(({ name }) => name),
      ),
    p.deb !== undefined && deb(p.deb),
    simulation(p, wanted.length > 0),
    sh`exit 0`,
  );
}

/** A cache that is out of date would be written anew by a mere question: `$m` keeps it in memory then. */
function packages(p: AptParams, names: readonly string[]): Program {
  const release = p.default_release === undefined ? [] : ['-o', `APT::Default-Release=${p.default_release}`];
  const policy = sh`apt-cache $m ${release} policy ${names} 2>/dev/null | sed 's/^/policy /'`;
  const installed = statuses(names);
  if (p.state === 'latest') return lines(installed, policy);
  if (p.state === 'absent' || p.state === 'fixed') return installed;
  return lines(
    installed,
    sh`
      r=0
      for n in ${names}; do
        case $have in *" $n "*) ;; *) r=1 ;; esac
      done
      if [ $r -ne 0 ]; then
        dpkg-query -W -f=${'${db:Status-Abbrev} ${Provides}\\n'} | sed -n 's/^.i *\(..*\)/provides \1/p'
        ${policy}
        for n in ${names}; do
          n=\${n%%:*}
          if ! apt-cache $m show -- "$n" >/dev/null 2>&1; then
            apt-cache $m pkgnames "$(printf %.3s "$n")" 2>/dev/null | head -n 500 | sed 's/^/similar /'
          fi
        done
      fi
    `,
  );
}

/**
 * What dpkg knows of some packages, and the names of those installed in `"$have"`. Its file says so at once; dpkg-query
 * takes ten times as long, and is asked only while changes wait in dpkg's journal.
 */
function statuses(names: readonly string[]): Program {
  const bare = [...new Set(names.map((name) => name.replace(/:.*$/, '')))];
  const pattern = `^Package: (${bare.map((name) => name.replace(/[.+]/g, '\\$&')).join('|')})$`;
  const format =
    'Package: ${Package}\\nStatus: ${Status}\\nArchitecture: ${Architecture}\\nVersion: ${Version}\\n\\n';
  return sh`
    set -- /var/lib/dpkg/updates/[0-9]*
    if [ -e "$1" ] || [ ! -r /var/lib/dpkg/status ]; then s=$(dpkg-query -W -f=${format} ${bare} 2>/dev/null)
    else s=$(grep -E -A 14 ${pattern} /var/lib/dpkg/status); fi
    have=' '
    set -f; IFS='
    '
    for l in $s; do
      case $l in
        'Package: '*) n=\${l#* } w= ;;
        'Status: '*) w=$l ;;
        'Architecture: '*) a=\${l#* } ;;
        'Version: '*)
          if [ -n "$w" ]; then echo "pkg $n|$a|\${w#* }|\${l#* }"; fi
          case $w in *' installed') have="$have$n $n:$a " ;; esac
          w= ;;
      esac
    done
    set +f; unset IFS
  `;
}

function deb(path: string): Program {
  return sh`
    d=${path}
    if v=$(dpkg-deb -f "$d" Version 2>/dev/null) && n=$(dpkg-deb -f "$d" Package); then
      i=$(dpkg-query -W -f=${'${db:Status-Abbrev} ${Version}'} "$n" 2>/dev/null)
      case $i in ?i*) i=\${i##* } ;; *) i= ;; esac
      o=no; if [ -n "$i" ] && dpkg --compare-versions "$i" ge "$v"; then o=yes; fi
      printf 'deb %s %s %s %s\n' "$n" "$v" "$o" "$i"
    fi
  `;
}

function simulation(p: AptParams, hasNames: boolean): Program | undefined {
  const run = sh`apt-get -s -o Debug::NoLocking=1 $m ${choices(p)}`;
  const upgrade = p.upgrade ?? 'no';
  const plan = sh`sed -n 's/^\(Inst\|Remv\|Del\) /simulated \1 /p'`;
  return lines(
    upgrade !== 'no' &&
      sh`${run} ${upgrade === 'full' || upgrade === 'dist' ? ['dist-upgrade'] : ['upgrade', '--with-new-pkgs']} 2>/dev/null | ${plan}`,
    p.autoremove === true &&
      !hasNames &&
      upgrade === 'no' &&
      p.deb === undefined &&
      sh`${run} autoremove 2>/dev/null | ${plan}`,
    p.autoclean === true && sh`${run} autoclean 2>/dev/null | ${plan}`,
    p.clean === true && sh`ls /var/cache/apt/archives/*.deb 2>/dev/null | sed 's/^/simulated Del /'`,
  );
}

export function readApt(output: Output, p: AptParams): AptState {
  const rows = output.stdout.split('\n').map((line) => {
    const at = line.indexOf(' ');
    return { key: line.slice(0, at), value: line.slice(at + 1) };
  });
  const all = (key: string) => rows.filter((row) => row.key === key).map(({ value }) => value);
  const installed = new Map<string, Installed>();
  const leftovers = new Set<string>();
  const asked = wantedOf(p).map(({ name }) => name);
  for (const value of all('pkg')) {
    const [name, arch, said = '', version] = value.split('|');
    const called = asked.find((one) => one === `${name}:${arch}`) ?? asked.find((one) => one === name);
    const [want, fault, status] = said.split(' ');
    if (called === undefined) continue;
    if (status === 'config-files') leftovers.add(called);
    if (!version || status === undefined || ['not-installed', 'config-files'].includes(status)) continue;
    installed.set(called, {
      version,
      held: want === 'hold',
      broken: status !== 'installed' || fault !== 'ok',
    });
  }
  const [now, lists] = [Number(all('now')[0]), all('lists')[0]];
  return {
    apt: all('apt').length === 0,
    installed,
    leftovers,
    candidates: candidates(all('policy')),
    provided: new Set(
      all('provides').flatMap((line) => line.split(',').map((one) => one.trim().replace(/[ (:].*$/, ''))),
    ),
    similar: all('similar'),
    listsAge: lists === undefined ? undefined : now - Number(lists),
    listsTime: lists === undefined ? undefined : Number(lists),
    simulated: all('simulated'),
    deb: all('deb').map(readDeb)[0],
  };
}

function candidates(policy: readonly string[]): Map<string, string | null> {
  const found = new Map<string, string | null>();
  let name = '';
  for (const line of policy) {
    if (/^\S.*:$/.test(line)) name = line.slice(0, -1);
    const candidate = /^\s+Candidate: (.*)$/.exec(line)?.[1];
    if (candidate !== undefined) found.set(name, candidate === '(none)' ? null : candidate);
  }
  return found;
}

function readDeb(value: string): Deb {
  const [name, version, notOlder, installed] = value.split(' ');
  return {
    name: name!,
    version: version!,
    notOlder: notOlder === 'yes',
    ...(installed ? { installed } : {}),
  };
}
