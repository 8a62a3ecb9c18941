import { STEP_VARIABLE } from './frame.ts';

/**
 * A script that ends a step with all that it started, to be run over a second channel as the same user.
 *
 * Found are the shell's descendants and whatever carries the step's tag in its environment (what was reparented to
 * init). They are stopped, which keeps the shell waiting; then the shell is killed, so that no later step can begin
 * (stopping the shell instead would make sudo stop itself, for good). Then TERM, after the grace KILL, in rounds until
 * none is left. Reads /proc alone: without job control there are no process groups, and setsid may not exist. Lines
 * are parsed from `status`, where the kernel escapes line breaks in names.
 *
 * Prints `gone`; or `passed` when the step has ended meanwhile (nothing is killed then, unless `whatever` the shell
 * runs shall end); or `left PID...`. `grace` is in milliseconds; `shell` a pid, or sh text that gives one.
 */
export function killScript(
  shell: number | string,
  tag: string,
  options: { readonly grace: number; readonly whatever: boolean },
): string {
  const session = tag.slice(0, tag.lastIndexOf('.'));
  const ticks = Math.max(0, Math.ceil(options.grace / 200));
  const whatever = options.whatever ? 1 : 0;
  return `shell=${shell} tag=${tag} session=${session} ticks=${ticks} whatever=${whatever} known=' '\n${KILL}`;
}

const KILL = `table() {
  cat /proc/[0-9]*/status 2>/dev/null | sed -n '/^State:/h;/^Pid:/H;/^PPid:/{H;x;s/^State:[^A-Za-z]*\\([A-Za-z]\\).*\\nPid:[^0-9]*\\([0-9]*\\)\\nPPid:[^0-9]*\\([0-9]*\\).*/\\1 \\2 \\3/p;}'
}
tagged() {
  head -n 10000 /proc/[0-9]*/environ /dev/null 2>/dev/null | tr '\\000' '\\n' | sed -n '/^==> \\/proc\\/[0-9]*\\/environ <==$/h;/^${STEP_VARIABLE}='$session'\\.[0-9]*$/{G;s/^${STEP_VARIABLE}=\\(.*\\)\\n==> .proc.\\([0-9]*\\).*/\\1 \\2/p;}'
}
find() {
  tags=$(tagged) all=$(table) more=1
  while read -r t p; do
    [ "$t" = "$tag" ] || continue
    case $known in *" $p "*) ;; *) known="$known$p " ;; esac
  done <<END
$tags
END
  while [ "$more" = 1 ]; do
    more=0
    while read -r state pid parent; do
      [ -n "$pid" ] || continue
      case $known in *" $pid "*) continue ;; esac
      case " $shell$known" in *" $parent "*) known="$known$pid " more=1 ;; esac
    done <<END
$all
END
  done
  alive=' '
  while read -r state pid parent; do
    case $state in Z|X|'') continue ;; esac
    case $known in *" $pid "*) alive="$alive$pid " ;; esac
  done <<END
$all
END
}
each() { s=$1; shift; for p; do kill "-$s" "$p" 2>/dev/null; done; }
find; each STOP $alive; find
other=
while read -r t p; do
  case $alive in *" $p "*) if [ "$t" = "$tag" ]; then other=no; else other=\${other:-yes}; fi ;; esac
done <<END
$tags
END
if [ "$whatever" = 0 ] && { [ "$alive" = ' ' ] || [ "$other" = yes ]; }; then each CONT $alive; echo passed; exit 0; fi
kill -KILL "$shell" 2>/dev/null
each STOP $alive; find; each TERM $alive; each CONT $alive
while find; [ "$alive" != ' ' ] && [ "$ticks" -gt 0 ]; do
  sleep 0.2 2>/dev/null || { sleep 1; ticks=$((ticks - 4)); }
  ticks=$((ticks - 1))
done
tries=20
while [ "$alive" != ' ' ] && [ "$tries" -gt 0 ]; do
  each STOP $alive; find; each KILL $alive
  sleep 0.1 2>/dev/null || sleep 1
  tries=$((tries - 1)); find
done
if [ "$alive" = ' ' ]; then echo gone; else echo "left$alive"; fi
`;
