/** An entry of fstab, its fields as the kernel means them (`\040` read as a space). */
export interface FstabEntry {
  readonly spec: string;
  readonly file: string;
  readonly type: string;
  readonly options: string;
  readonly dump: string;
  readonly pass: string;
}

export interface FstabLine {
  /** As it stands in the file, without the end of line. */
  readonly text: string;
  /** Undefined for comments, blank lines and what is too short to be an entry. */
  readonly entry?: FstabEntry;
}

export function parseFstab(text: string): FstabLine[] {
  if (text === '') return [];
  return text.replace(/\n$/, '').split('\n').map(parseLine);
}

function parseLine(text: string): FstabLine {
  if (text.trimStart().startsWith('#')) return { text };
  const [spec, file, type, options = 'defaults', dump = '0', pass = '0'] = text
    .trim()
    .split(/[ \t]+/)
    .map(unescapeField);
  if (!spec || !file || !type) return { text };
  return { text, entry: { spec, file, type, options, dump, pass } };
}

/** The lines as a file. An end of line that was missing stays missing unless something comes behind it. */
export function formatFstab(lines: readonly FstabLine[], before: string): string {
  if (lines.length === 0) return '';
  const text = lines.map((line) => line.text).join('\n');
  const last = parseFstab(before).at(-1);
  return before !== '' && !before.endsWith('\n') && last?.text === lines.at(-1)!.text ? text : `${text}\n`;
}

export function formatEntry(entry: FstabEntry): string {
  const { spec, file, type, options, dump, pass } = entry;
  return [spec, file, type, options].map(escapeField).concat(dump, pass).join(' ');
}

/** As fstab and /proc/mounts write blanks and backslashes. */
export function escapeField(value: string): string {
  return value.replace(/[ \t\n\\]/g, (letter) => `\\${letter.charCodeAt(0).toString(8).padStart(3, '0')}`);
}

export function unescapeField(value: string): string {
  return value.replace(/\\([0-7]{3})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );
}
