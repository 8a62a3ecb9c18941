import { lines, type Program, sh } from '../../../module/program.ts';

/** How the daemon gets to know of its configuration. */
export type Reread = 'reload' | 'restart' | 'none';

/**
 * sh that lets a running Docker read its configuration, after it was written. Docker takes a signal whether it likes the
 * file or not, so its journal is asked; where it does not, `restore` puts the file back and Docker goes on with that.
 */
export function reread(how: Reread, restore: Program): Program {
  if (how === 'none') return sh`:`;
  return lines(
    sh`
      said() { journalctl -u docker.service --after-cursor="$c" -o cat 2>/dev/null; }
      refuse() {
        journalctl --sync 2>/dev/null
        m=$(said | grep -E 'level=(error|fatal)|unable to configure|failed to start daemon' | tail -n 3)
    `,
    sh`( ${restore} )`,
    how === 'restart' &&
      sh`
        systemctl reset-failed docker.service
        systemctl restart docker.service || echo "and Docker did not come up with the old configuration" >&2
      `,
    sh`
        printf 'Docker does not take this configuration; the old one is back\n%s\n' "$m" >&2
        exit 1
      }
      if systemctl is-active --quiet docker.service; then
        c=$(journalctl -u docker.service -n 1 --show-cursor -o cat 2>/dev/null | sed -n 's/^-- cursor: //p')
    `,
    how === 'restart' ? restart() : reload(),
    sh`fi`,
  );
}

/** Its unit may be started three times a minute; how often others did is no verdict on the file. */
function restart(): Program {
  return sh`
    systemctl reset-failed docker.service
    systemctl restart docker.service 2>/dev/null || refuse
  `;
}

function reload(): Program {
  return sh`
    systemctl reload docker.service || refuse
    n=0
    while [ $n -lt 20 ] && [ -n "$c" ]; do
      case $(said) in
        *'unable to configure the Docker daemon'*|*'Error reconfiguring the daemon'*|*'configuration validation failed'*) refuse ;;
        *'Reloaded configuration'*) break ;;
      esac
      sleep 0.1; n=$((n + 1))
    done
  `;
}
