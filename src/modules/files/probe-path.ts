import { lines, type Program, sh } from '../../module/program.ts';
import { pathWord } from './path.ts';

/** Content up to this many bytes travels inside a program and is shown in diffs. */
export const INLINE_LIMIT = 64 * 1024;

export interface ProbeOptions {
  /** Hash a regular file. Default true. */
  readonly hash?: boolean;
  /**
   * Send the content back: always, or only when its hash is not the wanted one (so that a settled host answers in a
   * few bytes). Default: never.
   */
  readonly content?: 'always' | { readonly unless: string };
  /** Larger content is not sent back. Bytes, default INLINE_LIMIT. */
  readonly limit?: number;
  /** When the path is a directory, look at this name inside it instead. */
  readonly inside?: string | undefined;
  /** Name the newest backup beside it. */
  readonly backup?: boolean;
}

/** What `statOf` reads: type and mode, owner, size, links, inode, device, times, names. */
export const STAT = '%f %u %g %s %h %i %d %X %Y %Z %U:%G';

/**
 * Read-only sh that tells all of one path: type, mode, owner, size, times, link target, hash and (where asked)
 * content. `readPath` reads it. Several may follow each other in one program: `readPaths`.
 */
export function probePath(path: string, options: ProbeOptions = {}): Program {
  return lines(
    sh`f=${pathWord(path)}`,
    options.inside !== undefined && sh`if [ -d "$f" ]; then f=\${f%/}/${options.inside}; echo inside; fi`,
    sh`
      stat -c ${`own ${STAT}`} "$f" 2>/dev/null || if [ -d "\${f%/*}/" ]; then echo absent; else echo orphan; fi
      if [ -L "$f" ]; then
        printf 'target %s\n' "$(readlink "$f")"
        stat -L -c ${`real ${STAT}`} "$f" 2>/dev/null && printf 'realpath %s\n' "$(readlink -f "$f")"
      fi
    `,
    options.backup === true && sh`ls -1td "$f".*~ 2>/dev/null | sed -n '1s/^/backup /p'`,
    options.hash !== false && hashAndContent(options),
    sh`echo end`,
  );
}

function hashAndContent(options: ProbeOptions): Program {
  const content = options.content;
  if (!content)
    return sh`
      if [ -f "$f" ]; then
        { h=$(sha256sum < "$f"); } 2>/dev/null
        echo "sha256 \${h%% *}"
      fi
    `;
  const wanted = content === 'always' ? sh`` : sh`[ "$h" != ${content.unless} ] && `;
  return sh`
    if [ -f "$f" ]; then
      { h=$(sha256sum < "$f"); } 2>/dev/null
      h=\${h%% *}
      echo "sha256 $h"
      if ${wanted}[ -r "$f" ] && [ "$(stat -L -c %s "$f")" -le ${options.limit ?? INLINE_LIMIT} ]; then
        echo content
        base64 < "$f"
      fi
    fi
  `;
}
