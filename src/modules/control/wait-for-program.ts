import { lines, type Program, sh } from '../../module/program.ts';
import { forGrep } from './search.ts';
import { connect, countActive, type TCP_STATES } from './wait-for-port.ts';

interface Wait {
  readonly host?: string;
  readonly port?: number;
  readonly path?: string;
  readonly search_regex?: string;
  readonly state?: string;
  readonly timeout?: number;
  readonly delay?: number;
  readonly sleep?: number;
  readonly connect_timeout?: number;
  readonly active_connection_states?: readonly (keyof typeof TCP_STATES)[];
  readonly exclude_hosts?: readonly string[];
}

const ACTIVE = ['ESTABLISHED', 'FIN_WAIT1', 'FIN_WAIT2', 'SYN_RECV', 'SYN_SENT', 'TIME_WAIT'] as const;

/**
 * A loop on the target. It prints `elapsed N` after each look, `match LINE` and `why TEXT`; exit 0 when it is so, 3 when
 * the time is over. The clock is the uptime, which no time server sets back.
 */
export function waitProgram(wait: Wait): Program {
  const p = wait.search_regex === undefined ? wait : { ...wait, search_regex: forGrep(wait.search_regex) };
  const timeout = Math.ceil(p.timeout ?? 300);
  const clock = sh`
    uptime() { read -r up _ < /proc/uptime; up=\${up%.*}; }
    uptime; begun=$up
    elapsed() { uptime; elapsed=$((up - begun)); echo "elapsed $elapsed"; }
  `;
  if (p.port === undefined && p.path === undefined) {
    return lines(
      clock,
      sh`
        while elapsed; [ "$elapsed" -lt ${timeout} ]; do sleep 1; done
      `,
    );
  }
  return lines(
    clock,
    (p.delay ?? 0) > 0 && sh`sleep ${p.delay}`,
    check(p),
    sh`
      until look; do
        elapsed
        if [ "$elapsed" -ge ${timeout} ]; then echo "why $why"; exit 3; fi
        sleep ${p.sleep ?? 1}
      done
      elapsed
      [ -z "$found" ] || printf 'match %s\n' "$found"
    `,
  );
}

/** sh that defines `look`: exit 0 when it is so; else `why` says how it is. */
function check(p: Wait): Program {
  const gone = p.state === 'absent' || p.state === 'stopped';
  if (p.path !== undefined) return pathCheck(p.path, gone, p.search_regex);
  const host = p.host ?? '127.0.0.1';
  const port = p.port!;
  if (p.state === 'drained') {
    return lines(
      countActive(host, port, p.active_connection_states ?? ACTIVE, p.exclude_hosts ?? []),
      sh`
        found=
        look() { n=$(active); why="It has $n connections."; [ "$n" -eq 0 ]; }
      `,
    );
  }
  return lines(
    connect(host, port, p.connect_timeout ?? 5, gone ? undefined : p.search_regex),
    gone
      ? sh`
          found=
          why='It is still open.'
          look() {
            reach; r=$?
            if [ $r -eq 2 ]; then echo 'neither bash nor nc is there to connect with' >&2; exit 1; fi
            [ $r -ne 0 ]
          }
        `
      : sh`
          look() {
            why='It cannot be connected to.'
            found=$(reach); r=$?
            if [ $r -eq 2 ]; then echo 'neither bash nor nc is there to connect with' >&2; exit 1; fi
            return $r
          }
        `,
  );
}

function pathCheck(path: string, gone: boolean, pattern: string | undefined): Program {
  if (gone && pattern !== undefined)
    return sh`
      f=${path} found=
      why="It still contains it."
      look() { ! grep -qsE -e ${pattern} "$f"; }
    `;
  if (gone)
    return sh`
      f=${path} found=
      why="It is still there."
      look() { ! { [ -e "$f" ] || [ -L "$f" ]; }; }
    `;
  if (pattern === undefined)
    return sh`
      f=${path} found=
      why="It is not there."
      look() { [ -e "$f" ]; }
    `;
  return sh`
    f=${path}
    look() {
      if [ -e "$f" ]; then why="It is there and does not contain it."; else why="It is not there."; fi
      found=$(grep -sE -m 1 -e ${pattern} "$f")
    }
  `;
}
