export interface ExecLine {
  readonly argv: readonly string[];
  /** `-`: a failure does not count. */
  readonly ignoreFailure: boolean;
}

/**
 * A line of ExecStart and its like, with the environment put in as systemd does: `${X}` is one word, a word that is
 * just `$X` becomes as many words as the value has, `$$` is a dollar.
 */
export function parseExec(
  line: string,
  environment: Readonly<Record<string, string>>,
  specifiers: Readonly<Record<string, string>>,
): ExecLine {
  const prefix = /^[-@:+!|]*/.exec(line)![0];
  const raw = prefix.includes(':');
  const words = splitWords(line.slice(prefix.length)).map((word) => specify(word, specifiers));
  const argv = raw ? words : words.flatMap((word) => expand(word, environment));
  // `@`: the second word is argv[0], which a program started here cannot be given; the path names it well enough.
  if (prefix.includes('@')) argv.splice(1, 1);
  return { argv, ignoreFailure: prefix.includes('-') };
}

/** Words as systemd splits them: quotes group, a backslash escapes. */
export function splitWords(text: string): string[] {
  const found: string[] = [];
  let word: string | undefined;
  let quote = '';
  for (let at = 0; at < text.length; at++) {
    const char = text[at]!;
    if (char === '\\' && at + 1 < text.length) {
      at += 1;
      word = (word ?? '') + escaped(text[at]!);
    } else if (quote !== '') {
      if (char === quote) quote = '';
      else word = (word ?? '') + char;
    } else if (char === '"' || char === "'") {
      quote = char;
      word ??= '';
    } else if (/\s/.test(char)) {
      if (word !== undefined) found.push(word);
      word = undefined;
    } else word = (word ?? '') + char;
  }
  if (word !== undefined) found.push(word);
  return found;
}

function escaped(char: string): string {
  const known: Record<string, string> = { n: '\n', t: '\t', s: ' ', r: '\r' };
  return known[char] ?? char;
}

function specify(word: string, specifiers: Readonly<Record<string, string>>): string {
  return word.replace(/%(.)/g, (all, name: string) => (name === '%' ? '%' : (specifiers[name] ?? all)));
}

function expand(word: string, environment: Readonly<Record<string, string>>): string[] {
  const alone = /^\$(\w+)$/.exec(word);
  if (alone) return splitWords(environment[alone[1]!] ?? '');
  return [
    word.replace(/\$\$|\$\{(\w+)\}/g, (all, name: string | undefined) =>
      name === undefined ? '$' : (environment[name] ?? ''),
    ),
  ];
}

/** `A=1 "B=two words"`: the form of Environment=. */
export function parseAssignments(lines: readonly string[]): Record<string, string> {
  const found: Record<string, string> = {};
  for (const word of lines.flatMap(splitWords)) {
    const at = word.indexOf('=');
    if (at > 0) found[word.slice(0, at)] = word.slice(at + 1);
  }
  return found;
}

/** The form of EnvironmentFile=: one assignment a line, quotes as in a shell. */
export function parseEnvironmentFile(text: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const line of text.split('\n')) {
    const match = /^\s*(?:export\s+)?(\w+)=(.*)$/.exec(line);
    if (!match || /^\s*[#;]/.test(line)) continue;
    const text = match[2]!.trim();
    const quoted = /^(["'])(.*)\1$/.exec(text);
    found[match[1]!] = quoted ? quoted[2]!.replace(quoted[1] === '"' ? /\\(["\\$`])/g : /(?!)/g, '$1') : text;
  }
  return found;
}
