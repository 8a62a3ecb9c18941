import { type Program, sh } from '../../module/program.ts';

/** A name as a part of an extended regular expression. */
export function literal(name: string): string {
  return name.replace(/[.+*?^${}()|[\]\\]/g, '\\$&');
}

/** The lines of a database's file that `grep` printed as `/etc/passwd:LINE`, taken apart at the colons. */
export function rowsOf(stdout: string, database: 'passwd' | 'shadow' | 'group'): string[][] {
  const start = `/etc/${database}:`;
  return stdout
    .split('\n')
    .filter((line) => line.startsWith(start))
    .map((line) => line.slice(start.length).split(':'));
}

/**
 * Read-only sh that prints the lines of the databases that a pattern matches, by one `grep`, and keeps them in `"$v"`.
 * After it, `"$far"` says which directory service the host asks for accounts, too: only then is `getent` worth a process.
 * systemd has none but users of its own making; `"$own"` says that it is asked.
 */
export function databases(files: readonly string[], patterns: readonly string[]): Program {
  return sh`
    set -f
    v=$(grep -sEH -e ${patterns.join('|')} -e '^(passwd|group|initgroups):.*[a-z]' ${files} /etc/nsswitch.conf)
    far= own=
    IFS='
    '
    for l in $v; do
      unset IFS
      case $l in
        /etc/nsswitch.conf:*)
          for w in \${l#*:*:}; do
            case $w in
              files|compat|db|'['*|*']') ;;
              '#'*) break ;;
              systemd) own=$w ;;
              *) far=$w ;;
            esac
          done ;;
        *) printf '%s\n' "$l" ;;
      esac
    done
  `;
}
