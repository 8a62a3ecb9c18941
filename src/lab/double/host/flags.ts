import { Exit } from './exit.ts';

/** text: the last one wins; list: comma separated and repeated; lines: repeated only; optional: text, or bare. */
export type FlagKind = 'text' | 'bool' | 'list' | 'lines' | 'optional';
export type FlagSpec = Readonly<Record<string, FlagKind>>;

export interface Parsed {
  readonly args: string[];
  readonly given: ReadonlySet<string>;
  text(name: string): string | undefined;
  bool(name: string): boolean;
  list(name: string): string[];
  /** What stands after `--`. */
  readonly rest: string[];
}

interface State {
  readonly values: Map<string, string[]>;
  readonly args: string[];
  rest: string[];
}

function take(spec: FlagSpec, word: string, next: () => string | undefined, state: State): void {
  const [name = '', inline] = split(word);
  const kind = spec[name];
  if (kind === undefined) {
    throw new Exit(
      word.startsWith('--') ? `unknown flag: --${name}` : `unknown shorthand flag: '${name}' in ${word}`,
    );
  }
  const value = inline ?? (kind === 'bool' || kind === 'optional' ? 'true' : next());
  if (value === undefined) throw new Exit(`flag needs an argument: --${name}`);
  const values = state.values.get(name) ?? [];
  values.push(...(kind === 'list' ? value.split(',').map((v) => v.trim()) : [value]));
  state.values.set(name, values);
}

/** `--a=b` and `-o=b` and `-ob`, the way of pflag. */
function split(word: string): [string, string | undefined] {
  const long = /^--([^=]+)(?:=([\s\S]*))?$/.exec(word);
  if (long !== null) return [long[1] ?? '', long[2]];
  const short = /^-(.)(?:=?([\s\S]+))?$/.exec(word);
  return [short?.[1] ?? '', short?.[2]];
}

/** Reads a command line as pflag does. `alias` maps short names to long ones. Throws on an unknown flag. */
export function parseFlags(
  argv: readonly string[],
  spec: FlagSpec,
  alias: Readonly<Record<string, string>> = {},
): Parsed {
  const whole: Record<string, FlagKind> = { ...spec };
  for (const [short, long] of Object.entries(alias)) whole[short] = spec[long] ?? 'bool';
  const state: State = { values: new Map(), args: [], rest: [] };
  for (let i = 0; i < argv.length; i++) {
    const word = argv[i] ?? '';
    if (word === '--') {
      state.rest = argv.slice(i + 1);
      break;
    }
    if (!word.startsWith('-') || word === '-') state.args.push(word);
    else take(whole, word, () => argv[++i], state);
  }
  const values = (name: string): string[] => {
    const shorts = Object.keys(alias).filter((short) => alias[short] === name);
    return [name, ...shorts].flatMap((key) => state.values.get(key) ?? []);
  };
  return {
    args: state.args,
    rest: state.rest,
    given: new Set([...state.values.keys()].map((name) => alias[name] ?? name)),
    text: (name) => values(name).at(-1),
    bool: (name) => !['false', '0', undefined].includes(values(name).at(-1)),
    list: (name) => values(name),
  };
}
