import type { Host } from '../../module/host.ts';
import { lines, type Program, sh } from '../../module/program.ts';
import type { AptChange } from './compare.ts';
import { aptFailure } from './failure.ts';
import { type AptParams, choices } from './params.ts';

/** One program; run by a function so that its output can be followed and a failure explained. */
export function applyApt(change: AptChange, p: AptParams): (host: Host) => Promise<void> {
  return async (host) => {
    const output = await host.run(aptProgram(change, p), {
      anyExit: true,
      detached: true,
      onOutput: (_stream, text) => {
        const doing = progressOf(text);
        if (doing !== undefined) host.progress(doing);
      },
    });
    if (output.code !== 0) throw await aptFailure(output, host);
  };
}

const DOING: readonly (readonly [RegExp, string])[] = [
  [/^(?:Get|Hit|Ign):\d+ \S+ (\S+ \S+)/, 'fetching'],
  [/^Preparing to unpack \S*?([^/\s]+)\.deb/, 'unpacking'],
  [/^Unpacking (\S+)/, 'unpacking'],
  [/^Setting up (\S+)/, 'setting up'],
  [/^Removing (\S+)/, 'removing'],
  [/^Processing triggers for (\S+)/, 'triggers of'],
  [/^(waiting: .*)$/, ''],
];

function progressOf(text: string): string | undefined {
  for (const line of text.split('\n').reverse()) {
    for (const [pattern, verb] of DOING) {
      const found = pattern.exec(line);
      if (found) return `${verb} ${found[1]}`.trim();
    }
  }
  return undefined;
}

export function aptProgram(change: AptChange, p: AptParams): Program {
  const options = choices(p);
  const names = [...change.install, ...(change.deb ? [debPath(p.deb!)] : [])];
  const upgrade =
    p.upgrade === 'full' || p.upgrade === 'dist' ? ['dist-upgrade'] : ['upgrade', '--with-new-pkgs'];
  return lines(
    sh`set -e`,
    lockWait(p.lock_timeout ?? 60),
    p.policy_rc_d !== undefined && policy(p.policy_rc_d),
    change.update && update(p.update_cache_retries ?? 5),
    change.repair && sh`dpkg --force-confdef --force-confold --configure -a`,
    change.unhold.length > 0 && sh`apt-mark unhold ${change.unhold}`,
    change.upgrade && sh`apt ${options} ${upgrade}`,
    names.length > 0 && installing(change, sh`apt ${options} install -- ${names}`),
    change.remove.length > 0 && sh`apt ${options} ${p.purge ? 'purge' : 'remove'} -- ${change.remove}`,
    change.autoremove && sh`apt ${options} ${p.purge ? ['--purge'] : []} autoremove`,
    change.clean && sh`apt ${p.clean ? 'clean' : 'autoclean'}`,
    change.hold.length > 0 && sh`apt-mark hold ${change.hold}`,
  );
}

/** A package that was let go for an upgrade is held again, also where the upgrade fails. */
function installing(change: AptChange, program: Program): Program {
  const again = change.unhold.filter((name) => change.hold.includes(name));
  return again.length === 0 ? program : sh`${program} || { r=$?; apt-mark hold ${again}; exit $r; }`;
}

/**
 * `apt`: apt-get that asks nothing and waits for others. Its own option does so for dpkg's lock only, and not before
 * version 1.9.11, so the wait for the other locks is ours. A lock is never taken away from its holder.
 */
export function lockWait(timeout: number): Program {
  return sh`
    export DEBIAN_FRONTEND=noninteractive DEBIAN_PRIORITY=critical APT_LISTCHANGES_FRONTEND=none UCF_FORCE_CONFFOLD=1
    e=$(mktemp)
    trap 'rm -f "$e"' 0; trap 'exit 1' 1 2 15
    uptime() { read -r up _ < /proc/uptime; up=\${up%.*}; }
    holder() {
      for f in /var/lib/dpkg/lock-frontend /var/lib/dpkg/lock /var/lib/apt/lists/lock /var/cache/apt/archives/lock; do
        i=$(stat -c %i "$f" 2>/dev/null) || continue
        h=$(sed -n "s/.* WRITE \([0-9]*\) [^ ]*:$i .*/\1/p" /proc/locks | head -n 1)
        if [ -n "$h" ]; then echo "$f is held by process $h ($(cat "/proc/$h/comm" 2>/dev/null))"; return; fi
      done
    }
    uptime; deadline=$((up + ${timeout}))
    apt() {
      while :; do
        r=0
        apt-get -y -q -o DPkg::Lock::Timeout=${timeout} -o APT::Update::Error-Mode=any "$@" 2>"$e" || r=$?
        cat "$e" >&2
        if [ $r -eq 0 ] || ! grep -qE 'Could not get lock|Unable to (acquire|lock)' "$e"; then return $r; fi
        uptime
        if [ "$up" -ge "$deadline" ]; then holder >&2; return $r; fi
        echo "waiting: $(holder)"
        sleep 2
      done
    }
  `;
}

function update(retries: number): Program {
  const stamp = sh`
    mkdir -p /var/lib/apt/periodic
    touch /var/lib/apt/periodic/update-success-stamp
  `;
  return sh`
    n=1
    until apt update; do
      if [ "$n" -ge ${retries} ] || ! grep -qE 'Temporary failure|Failed to fetch|Could not connect|timed out|Hash Sum mismatch' "$e"; then exit 100; fi
      sleep "$n"
      n=$((n + 1))
    done
    ${stamp}
  `;
}

function policy(code: number): Program {
  return sh`
    d=/usr/sbin/policy-rc.d
    if [ -e "$d" ]; then mv "$d" "$d.slipway"; fi
    trap 'rm -f "$e" "$d"; if [ -e "$d.slipway" ]; then mv "$d.slipway" "$d"; fi' 0
    printf '#!/bin/sh\nexit %d\n' ${code} > "$d"
    chmod 755 "$d"
  `;
}

/** apt-get takes a path for a package only when it has a slash. */
function debPath(path: string): string {
  return path.includes('/') ? path : `./${path}`;
}
