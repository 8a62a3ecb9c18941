import { killScript } from '../session/kill.ts';
import { STEP_VARIABLE } from '../session/frame.ts';
import { exports, quote } from '../shell-text.ts';
import type { Step } from '../types.ts';

/** Exit codes of the scripts below, when they did not do what they should. */
export const ENDS = {
  /** No folder of that name: never started, or a reboot has emptied /run. */
  missing: 91,
  /** Started before the host booted. */
  rebooted: 92,
  /** The supervisor was killed and left no exit code. */
  vanished: 93,
  /** The folder cannot be made, or belongs to somebody else. */
  folder: 94,
} as const;

/** The tag of a detached step's processes. */
export function tagOf(id: string): string {
  return `d${id}.1`;
}

/**
 * Where the step's files are: /run/slipway/ID, which a reboot empties; where that cannot be written, a private folder
 * of the user. Sets `d`.
 */
function folder(id: string): string {
  return `b=/run/slipway;{ mkdir -p "$b" 2>/dev/null && [ -w "$b" ];}||b=\${XDG_RUNTIME_DIR:-/tmp}/slipway-$(id -u)
d=$b/${id};u=$(umask);umask 077
mkdir -p "$b"&&[ -O "$b" ]||exit ${ENDS.folder}
`;
}

const BOOT = 'cat /proc/sys/kernel/random/boot_id 2>/dev/null';

/**
 * Starts the step under a supervisor in a session of its own, if nobody has started it before (`mkdir` decides).
 * Prints the boot id. The supervisor writes the exit code last, by a rename.
 */
export function startText(step: Step, id: string): string {
  const script = `export ${STEP_VARIABLE}=${tagOf(id)};${exports(step.environment)}\n${step.script}\n`;
  // $0 is the folder. TERM and HUP are for the step; the supervisor must live to note its end.
  const supervisor = `trap : HUP TERM INT
umask "$1"
echo $$ >"$0/supervisor"
/bin/sh "$0/script" </dev/null >"$0/out" 2>"$0/err" &
echo $! >"$0/pid.new"; mv "$0/pid.new" "$0/pid"
p=$!
while wait $p; r=$?; kill -0 $p 2>/dev/null; do :; done
echo $r >"$0/rc.new"; mv "$0/rc.new" "$0/rc"`;
  return `${folder(id)}mkdir -p "$d"&&[ -O "$d" ]||exit ${ENDS.folder}
if mkdir "$d/started" 2>/dev/null;then
${BOOT} >"$d/boot";: >"$d/out";: >"$d/err"
printf %s ${quote(script)} >"$d/script"
s=;command -v setsid >/dev/null 2>&1&&s=setsid
${STEP_VARIABLE}=${tagOf(id)} $s /bin/sh -c ${quote(supervisor)} "$d" "$u" </dev/null >/dev/null 2>&1 &
fi
${BOOT}
exit 0`;
}

/**
 * Prints what the step has printed from these offsets on, as it comes, until it has ended. Ends with 0, or one of ENDS.
 *
 * @param boot the boot id of the start, where it is known
 */
export function followText(
  id: string,
  from: { readonly stdout: number; readonly stderr: number },
  boot: string,
): string {
  return `${folder(id)}o=${from.stdout} e=${from.stderr} n=0
[ -d "$d/started" ]||exit ${ENDS.missing}
now=$(${BOOT});[ "$now" = "$(cat "$d/boot")" ]&&[ "$now" = ${boot === '' ? '"$now"' : quote(boot)} ]||exit ${ENDS.rebooted}
copy(){ s=$(wc -c <"$d/$1");s=$((s));[ "$s" -gt "$2" ]||{ s=$2;return;};tail -c +$(($2+1)) "$d/$1"|head -c $((s-$2));}
while :;do
r=;[ -e "$d/rc" ]&&r=1
copy out $o;o=$s;copy err $e >&2;e=$s
[ -n "$r" ]&&exit 0
if [ -e "$d/supervisor" ];then kill -0 "$(cat "$d/supervisor")" 2>/dev/null||[ -e "$d/rc" ]||exit ${ENDS.vanished}
else [ "$n" -lt 50 ]||exit ${ENDS.vanished};fi
n=$((n+1));t=0.1;[ "$n" -gt 20 ]&&t=0.5
sleep $t 2>/dev/null||sleep 1
done`;
}

export function resultText(id: string): string {
  return `${folder(id)}cat "$d/rc"`;
}

export function removeText(id: string): string {
  return `${folder(id)}rm -rf "$d"`;
}

/** Ends the step with all that it started. `grace` in milliseconds. */
export function killText(id: string, grace: number): string {
  const kill = killScript('"$(cat "$d/pid")"', tagOf(id), { grace, whatever: true });
  // The supervisor of a step that was started this moment has not noted its pid yet.
  return `${folder(id)}n=0;while [ -d "$d/started" ]&&[ ! -e "$d/pid" ]&&[ $n -lt 10 ];do n=$((n+1));sleep 0.1 2>/dev/null||sleep 1;done\n[ -e "$d/pid" ]&&[ ! -e "$d/rc" ]||exit 0\n${kill}`;
}
