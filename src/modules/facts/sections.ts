import { SECTION } from './probe.ts';

/** What the probe printed, taken apart. */
export interface Report {
  /** All lines of a section; empty where there is none. */
  lines(name: string): readonly string[];
  /** All lines of a file. */
  file(path: string): readonly string[];
  /** The first line of a file, trimmed; undefined where it is not there or empty. */
  first(path: string): string | undefined;
  /** Paths of files that were read, below a folder. */
  paths(prefix: string): readonly string[];
}

export function readSections(stdout: string): Report {
  const sections = new Map<string, string[]>();
  const files = new Map<string, string[]>();
  for (const part of stdout.split(SECTION).slice(1)) {
    const [name, ...rest] = part.split('\n');
    if (rest.at(-1) === '') rest.pop();
    sections.set(name!, rest);
  }
  for (const line of [...(sections.get('files') ?? []), ...(sections.get('found') ?? [])]) {
    const at = line.indexOf(':');
    // A name of an interface may hold a colon (an alias does not appear here); none of the other paths does.
    const path = line.slice(0, at);
    const there = files.get(path);
    if (there) there.push(line.slice(at + 1));
    else files.set(path, [line.slice(at + 1)]);
  }
  return {
    lines: (name) => sections.get(name) ?? [],
    file: (path) => files.get(path) ?? [],
    first: (path) => files.get(path)?.[0]?.trim() || undefined,
    paths: (prefix) => [...files.keys()].filter((path) => path.startsWith(prefix)),
  };
}

/** `KEY=value` lines with shell quotes, as os-release has them. */
export function assignments(lines: readonly string[]): Record<string, string> {
  const values: Record<string, string> = {};
  for (const line of lines) {
    const found = /^\s*([A-Za-z_]\w*)=(.*)$/.exec(line);
    if (!found) continue;
    const text = found[2]!.trim();
    const quoted = /^(["'])(.*)\1$/.exec(text);
    values[found[1]!] = quoted ? quoted[2]!.replace(/\\(["$`\\])/g, '$1') : text;
  }
  return values;
}

/** What `uname -nrvm` says; only the version has blanks in it. */
export function kernelOf(report: Report): {
  nodename: string;
  kernel: string;
  version: string;
  machine: string;
} {
  const said = /^(\S*) (\S+) (.*) (\S+)$/.exec(report.lines('uname')[0] ?? '');
  const [, nodename = 'NA', kernel = 'NA', version = 'NA', machine = 'NA'] = said ?? [];
  return { nodename, kernel, version, machine };
}

/**
 * `export -p` as a mapping: lines such as `export NAME='value'`. Shells quote in different ways, and a value may go over
 * several lines.
 */
export function exported(lines: readonly string[]): Record<string, string> {
  const values: Record<string, string> = {};
  const text = lines.join('\n');
  const word =
    /(?:export|declare -x) ([A-Za-z_]\w*)(=((?:'[^']*'|\$'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|\\.|[^\s'"\\])*))?(?:\n|$)/gsy;
  for (const [, name, assigned, quoted] of text.matchAll(word))
    if (assigned !== undefined) values[name!] = unquote(quoted ?? '');
  return values;
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', E: '\u001b', a: '\u0007' };

function unquote(word: string): string {
  const part = /'([^']*)'|\$'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|\\(.)|([^'"\\$]+|\$)/gs;
  return word.replace(part, (all, plain?: string, ansi?: string, double?: string, one?: string) => {
    if (plain !== undefined) return plain;
    if (ansi !== undefined)
      return ansi.replace(/\\([0-7]{1,3}|.)/gs, (_, code: string) =>
        /^[0-7]/.test(code) ? String.fromCharCode(Number.parseInt(code, 8)) : (ESCAPES[code] ?? code),
      );
    if (double !== undefined) return double.replace(/\\\n/g, '').replace(/\\(["$`\\])/g, '$1');
    return one ?? all;
  });
}

/** `Key: 123 kB` lines, as /proc/meminfo has them: key to number. */
export function numbers(lines: readonly string[]): Record<string, number> {
  const values: Record<string, number> = {};
  for (const line of lines) {
    const found = /^([\w()]+):\s+(\d+)/.exec(line);
    if (found) values[found[1]!] = Number(found[2]);
  }
  return values;
}
