import { lines, type Program, raw, sh } from '../../module/program.ts';
import type { Format } from './archive.ts';
import { SlipwayError } from '../../base/errors.ts';
import type { Attributes } from './attributes.ts';
import { pathWord } from './path.ts';

export interface Unpacking {
  readonly dest: string;
  readonly attributes: Attributes;
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  readonly extraOpts: readonly string[];
  readonly keepNewer: boolean;
}

/** Options of tar and unzip that choose and shape what comes out. */
function tarOptions(u: Unpacking): string[] {
  const excluded = u.exclude.map((pattern) => `--exclude=${pattern}`);
  return [...(u.keepNewer ? ['--keep-newer-files'] : []), ...u.extraOpts, ...excluded];
}

const FLAGS: Readonly<Record<Format, string>> = {
  tar: '',
  gzip: '-z',
  xz: '-J',
  bzip2: '-j',
  zstd: '--zstd',
  zip: '',
};

/** sh that sets `$z`, the option with which tar unpacks `"$a"`: not every tar finds it out by itself. */
export function packing(format: Format | undefined): Program {
  if (format !== undefined) return sh`z=${raw(FLAGS[format])}`;
  return sh`
    case $(head -c 4 "$a" | od -An -tx1 | tr -d ' \n') in
      1f8b*) z=-z ;; 425a68*) z=-j ;; fd377a58) z=-J ;; 28b52ffd) z=--zstd ;; *) z= ;;
    esac
  `;
}

/** sh that unpacks the archive `"$a"` into the directory `"$d"`. `$z` is set by `packing`. */
export function unpack(zip: boolean, u: Unpacking): Program {
  if (!zip) return sh`tar -C "$d" $z -xf "$a" ${tarOptions(u)} ${u.include}`;
  const except = u.exclude.length > 0 ? ['-x', ...u.exclude] : [];
  return sh`unzip ${u.keepNewer ? '-uqo' : '-qo'} ${u.extraOpts} "$a" ${u.include} ${except} -d "$d" >&2`;
}

/** sh that makes sure the directory is there, before anything is sent. */
export function enterDest(u: Unpacking): Program {
  return sh`
    set -e
    d=${pathWord(u.dest)}
    if [ ! -d "$d" ]; then echo "$d is not a directory; make it first (file: state=directory)" >&2; exit 1; fi
  `;
}

/**
 * Read-only sh: a line `differs NAME` for each file in `"$a"` that is not so in `"$d"`. GNU tar compares by itself
 * (content, type and link targets count; mode, owner and times do not); any other tar hands each file to cmp.
 */
export function compareTar(u: Unpacking): Program {
  const options = tarOptions({ ...u, keepNewer: false });
  const differs = String.raw`s/^\(.*\): \(Contents differ\|Size differs\|File type differs\|Symlink differs\)$/differs \1/p; s/^tar: \(..*\): Warning: Cannot \(stat\|open\): .*$/differs \1/p; s/^tar: \(.*\): Not found in archive$/problem \1 is not in the archive/p; s/^tar: \(.*not recoverable.*\)$/problem tar cannot read the archive/p; s/^tar: Child returned.*/problem tar cannot unpack the archive/p`;
  // Busybox tells the name before anything is stripped from it; what cmp leaves unread must be read, or tar breaks off.
  const cut = '${n#*/}';
  const name = `n=\${TAR_FILENAME#./}; ${`n=${cut}; `.repeat(stripOf(u.extraOpts))}`;
  const each = `${name}{ cmp -s - "$d/$n"; r=$?; cat >/dev/null; }; [ $r = 0 ] || echo "differs $n"`;
  return sh`
    if tar --version 2>/dev/null | grep -q 'GNU tar'; then
      tar -C "$d" $z --diff -f "$a" ${options} ${u.include} 2>&1 | sed -n ${differs}
    else
      export d
      tar $z -xf "$a" ${options} ${u.include} --to-command=${each} 2>/dev/null || echo 'problem tar cannot read the archive'
    fi
  `;
}

/** The same for a zip file: each member is unpacked into cmp. */
export function compareZip(u: Unpacking): Program {
  const except = u.exclude.length > 0 ? ['-x', ...u.exclude] : [];
  return sh`
    unzip -l "$a" ${u.include} ${except} 2>/dev/null | ${NAMES_OF_ZIP} | while IFS= read -r n; do
      case $n in */) [ -d "$d/$n" ] || echo "differs $n"; continue ;; esac
      m=$(printf %s "$n" | sed 's/[][*?]/\\&/g')
      if [ -L "$d/$n" ]; then
        [ "$(unzip -p "$a" "$m" 2>/dev/null)" = "$(readlink "$d/$n")" ] || echo "differs $n"
      else
        unzip -p "$a" "$m" 2>/dev/null | cmp -s - "$d/$n" || echo "differs $n"
      fi
    done
    unzip -l "$a" >/dev/null 2>&1 || echo 'problem unzip is missing or cannot read the archive'
  `;
}

// The lines of `unzip -l` that hold a date and a time; Info-ZIP's and busybox's are alike enough.
const NAMES_OF_ZIP = sh`sed -n 's/^ *[0-9][0-9]*  *[0-9][0-9-]*  *[0-9][0-9:]*   *\(.*\)$/\1/p'`;

/** sh that prints the names of all files in `"$a"` as they are below `"$d"`. */
export function namesIn(zip: boolean, u: Unpacking): Program {
  if (zip) return sh`unzip -l "$a" ${u.include} 2>/dev/null | ${NAMES_OF_ZIP}`;
  const strip = stripOf(u.extraOpts);
  const cut = strip > 0 && raw(`| sed -n 's#^\\([^/]*/\\)\\{${strip}\\}\\(..*\\)$#\\2#p'`);
  return sh`tar $z -tf "$a" ${u.exclude.map((pattern) => `--exclude=${pattern}`)} ${u.include} | sed 's#^\(\./\)*##' ${cut || undefined}`;
}

/** sh that sets owner, group and mode of the files whose names come in, one a line. */
export function setAll(names: Program, { owner, group, mode }: Attributes): Program | undefined {
  const who = `${owner ?? ''}${group === undefined ? '' : `:${group}`}`;
  const each = (what: Program) => sh`
    ${names} | tr '\n' '\0' | (cd "$d" && xargs -0 ${what})
  `;
  if (who === '' && mode === undefined) return undefined;
  return lines(who !== '' && each(sh`chown -h ${who}`), mode !== undefined && each(sh`chmod ${mode}`));
}

/** How many leading parts of each name are left out. @throws {SlipwayError} task.invalid for what renames otherwise */
export function stripOf(options: readonly string[]): number {
  const renaming = options.find((option) => /^--(?:transform|xform)\b|^-s/.test(option));
  if (renaming !== undefined)
    throw new SlipwayError(
      'task.invalid',
      `${renaming} in extra_opts renames files, which cannot be compared`,
      {
        hint: 'Give `creates`, so that it need not be.',
      },
    );
  const at = options.findIndex((option) => /^--strip(?:-components)?(?:=|$)/.test(option));
  if (at === -1) return 0;
  return Number(options[at]!.includes('=') ? options[at]!.split('=')[1] : options[at + 1]) || 0;
}
