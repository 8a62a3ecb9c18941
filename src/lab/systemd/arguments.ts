export interface Arguments {
  readonly verb: string;
  readonly names: readonly string[];
  readonly flags: ReadonlySet<string>;
  readonly properties: readonly string[];
  readonly types: readonly string[];
  readonly states: readonly string[];
  readonly signal: string;
  readonly presetMode: string;
}

const WITH_VALUE =
  /^(-p|--property|-P|-t|--type|--state|-s|--signal|-n|--lines|-o|--output|-H|-M|--job-mode|--kill-whom|--root|--preset-mode)$/;

/** The command line of systemctl: options may stand anywhere, as `--name=value` or `--name value`. */
export function parseArguments(words: readonly string[]): Arguments {
  const plain: string[] = [];
  const flags = new Set<string>();
  const lists = { properties: [] as string[], types: [] as string[], states: [] as string[] };
  let signal = 'SIGTERM';
  let presetMode = 'full';
  const option = (name: string, text: string) => {
    if (name === '-p' || name === '--property' || name === '-P') lists.properties.push(...text.split(','));
    if (name === '-P') flags.add('--value');
    if (name === '-t' || name === '--type') lists.types.push(...text.split(','));
    if (name === '--state') lists.states.push(...text.split(','));
    if (name === '--preset-mode') presetMode = text;
    if (name === '-s' || name === '--signal') signal = text.startsWith('SIG') ? text : `SIG${text}`;
  };
  for (let at = 0; at < words.length; at++) {
    const word = words[at]!;
    const long = /^(--[a-z-]+)=(.*)$/s.exec(word);
    const short = /^(-[pPtsno])(.+)$/s.exec(word);
    if (word === '--') {
      plain.push(...words.slice(at + 1));
      break;
    }

    if (long) option(long[1]!, long[2]!);
    else if (WITH_VALUE.test(word)) option(word, words[++at] ?? '');
    else if (short) option(short[1]!, short[2]!);
    else if (word.startsWith('--')) flags.add(word);
    else if (word.startsWith('-') && word.length > 1) for (const one of word.slice(1)) flags.add(`-${one}`);
    else plain.push(word);
  }
  if (flags.has('-q')) flags.add('--quiet');
  if (flags.has('-a')) flags.add('--all');
  const [verb = flags.has('--version') ? 'version' : 'list-units', ...names] = plain;
  return { verb, names, flags, ...lists, signal, presetMode };
}
