import { FUNCTION_NAMES, METHOD_NAMES } from './functions.ts';

/** A function or a method of conditions: what it does, and a condition with it that holds. */
export interface FunctionDoc {
  readonly summary: string;
  readonly example: string;
}

/** By the name as it is called: `size`, `.size`. */
const DOCS: Readonly<Record<string, FunctionDoc>> = {
  size: { summary: 'The number of characters, items or keys.', example: "size(['a', 'b']) == 2" },
  int: {
    summary: 'A whole number from text or from another number.',
    example: "int('6443') + 1 == 6444",
  },
  double: {
    summary: 'A number with a fraction from text or from a whole number.',
    example: "double('1.5') > 1.0",
  },
  string: { summary: 'Text from a number or a boolean.', example: "string(6443) == '6443'" },
  bool: { summary: 'A boolean from text: true, yes, on, 1 and their opposites.', example: "bool('yes')" },
  type: { summary: 'The type of a value.', example: 'type(1) == int' },
  versionCompare: {
    summary: 'Compares two versions part by part: -1, 0 or 1.',
    example: "versionCompare('1.9.3', '1.34.0') < 0",
  },
  dyn: { summary: 'The value itself; for CEL that was written elsewhere.', example: 'dyn(1) == 1' },
  has: { summary: 'Whether a variable or a key is there.', example: '!has(not_set_anywhere)' },
  '.size': { summary: 'The number of characters, items or keys.', example: "'abc'.size() == 3" },
  '.contains': { summary: 'Whether text has a part.', example: "'kubelet'.contains('be')" },
  '.startsWith': { summary: 'Whether text begins with a part.', example: "'kubelet'.startsWith('kube')" },
  '.endsWith': { summary: 'Whether text ends with a part.', example: "'kubelet'.endsWith('let')" },
  '.matches': {
    summary: 'Whether a regular expression matches somewhere in text.',
    example: "'v1.34.1'.matches('^v[0-9]+')",
  },
  '.lowerAscii': { summary: 'In lower case.', example: "'CP1'.lowerAscii() == 'cp1'" },
  '.upperAscii': { summary: 'In upper case.', example: "'cp1'.upperAscii() == 'CP1'" },
  '.trim': { summary: 'Without white space at both ends.', example: "' a '.trim() == 'a'" },
  '.split': { summary: 'A list of the parts between separators.', example: "'a,b'.split(',') == ['a', 'b']" },
  '.replace': { summary: 'With each occurrence replaced.', example: "'a.b.c'.replace('.', '-') == 'a-b-c'" },
  '.indexOf': { summary: 'Where a part begins first, or -1.', example: "'banana'.indexOf('an') == 1" },
  '.lastIndexOf': { summary: 'Where a part begins last, or -1.', example: "'banana'.lastIndexOf('an') == 3" },
  '.substring': {
    summary: 'From a position on, and up to another one.',
    example: "'kubelet'.substring(0, 4) == 'kube'",
  },
  '.join': { summary: 'A list as one text.', example: "['a', 'b'].join(',') == 'a,b'" },
  '.exists': { summary: 'Whether it holds for an item.', example: '[1, 2].exists(n, n > 1)' },
  '.all': { summary: 'Whether it holds for all items.', example: '[1, 2].all(n, n > 0)' },
  '.exists_one': {
    summary: 'Whether it holds for exactly one item.',
    example: '[1, 2].exists_one(n, n > 1)',
  },
  '.map': { summary: 'A list of what comes out for each item.', example: '[1, 2].map(n, n * 2) == [2, 4]' },
  '.filter': { summary: 'The items that it holds for.', example: '[1, 2].filter(n, n > 1) == [2]' },
  '.orValue': {
    summary: 'What is there, or this where nothing is: of a variable, of `.?key` or of `[?key]`.',
    example: "{'a': 1}[?'b'].orValue(0) == 0",
  },
  '.hasValue': {
    summary: 'Whether there is something: after `.?key` or `[?key]`.',
    example: "{'a': 1}[?'a'].hasValue()",
  },
};

/** All functions, then all methods with their dot, as they are called. */
export const CALLABLE: readonly string[] = [...FUNCTION_NAMES, ...METHOD_NAMES.map((name) => `.${name}`)];

export function functionDoc(name: string): FunctionDoc | undefined {
  return Object.hasOwn(DOCS, name) ? DOCS[name] : undefined;
}

/** One function or method as Markdown. */
export function functionText(name: string): string {
  const doc = functionDoc(name);
  return `- **\`${name}()\`**${doc ? `: ${doc.summary} \`${doc.example}\`` : ''}`;
}
