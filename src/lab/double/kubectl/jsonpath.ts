import { Exit } from '../host/exit.ts';

type Step =
  | { readonly is: 'field'; readonly name: string }
  | { readonly is: 'all' }
  | { readonly is: 'deep'; readonly name: string }
  | { readonly is: 'slice'; readonly from: number | undefined; readonly to: number | undefined }
  | { readonly is: 'filter'; readonly path: Step[]; readonly op: string; readonly value: unknown };

function literal(text: string): unknown {
  const quoted = /^(["'])([\s\S]*)\1$/.exec(text);
  if (quoted !== null) return quoted[2];
  if (text === 'true' || text === 'false') return text === 'true';
  return Number.isNaN(Number(text)) ? text : Number(text);
}

function bracket(inside: string): Step {
  if (inside === '*') return { is: 'all' };
  const quoted = /^(["'])([\s\S]*)\1$/.exec(inside);
  if (quoted !== null) return { is: 'field', name: quoted[2] ?? '' };
  const filter = /^\?\(\s*@(.*?)\s*(?:(==|!=|<=|>=|<|>)\s*(.*?))?\s*\)$/s.exec(inside);
  if (filter !== null)
    return {
      is: 'filter',
      path: steps(filter[1] ?? ''),
      op: filter[2] ?? 'has',
      value: literal(filter[3] ?? ''),
    };
  const slice = /^(-?\d*)(:?)(-?\d*)(?::\d+)?$/.exec(inside);
  if (slice === null) throw new Exit(`error parsing jsonpath, invalid array index ${inside}`);
  const number = (text: string | undefined): number | undefined =>
    text === undefined || text === '' ? undefined : Number(text);
  const from = number(slice[1]);
  if (slice[2] === ':') return { is: 'slice', from, to: number(slice[3]) };
  return { is: 'slice', from, to: from === -1 ? undefined : (from ?? 0) + 1 };
}

/** `.items[*].metadata['name']` as steps. */
function steps(path: string): Step[] {
  const found: Step[] = [];
  let rest = path.replace(/^[$@]/, '');
  while (rest !== '') {
    const deep = /^\.\.([\w-]+)/.exec(rest);
    const field = /^\.?((?:[\w/-]|\\.)+)/.exec(rest);
    if (deep !== null) {
      found.push({ is: 'deep', name: deep[1] ?? '' });
      rest = rest.slice(deep[0].length);
    } else if (rest.startsWith('[')) {
      const end = closing(rest);
      found.push(bracket(rest.slice(1, end)));
      rest = rest.slice(end + 1);
    } else if (/^\.?\*/.test(rest)) {
      found.push({ is: 'all' });
      rest = rest.replace(/^\.?\*/, '');
    } else if (field !== null) {
      found.push({ is: 'field', name: (field[1] ?? '').replaceAll('\\', '') });
      rest = rest.slice(field[0].length);
    } else if (rest === '.') rest = '';
    else throw new Exit(`error parsing jsonpath, unrecognized character in action: ${rest[0]}`);
  }
  return found;
}

function closing(text: string): number {
  let depth = 0;
  let quote = '';
  for (let i = 0; i < text.length; i++) {
    const c = text[i] ?? '';
    if (quote !== '') quote = c === quote ? '' : quote;
    else if (c === '"' || c === "'") quote = c;
    else if (c === '[') depth++;
    else if (c === ']' && --depth === 0) return i;
  }
  throw new Exit('error parsing jsonpath, unterminated array');
}

function children(value: unknown): unknown[] {
  if (Array.isArray(value)) return value;
  return typeof value === 'object' && value !== null ? Object.values(value) : [];
}

function deepFind(value: unknown, name: string): unknown[] {
  const own =
    typeof value === 'object' && value !== null && !Array.isArray(value) && name in value
      ? [(value as Record<string, unknown>)[name]]
      : [];
  return [...own, ...children(value).flatMap((child) => deepFind(child, name))];
}

function compare(left: unknown, op: string, right: unknown): boolean {
  if (op === '==') return left === right;
  if (op === '!=') return left !== right;
  const [a, b] = [left as number, right as number];
  return op === '<' ? a < b : op === '>' ? a > b : op === '<=' ? a <= b : a >= b;
}

function walk(value: unknown, [step, ...rest]: readonly Step[]): unknown[] {
  if (step === undefined) return [value];
  if (step.is === 'deep') return deepFind(value, step.name).flatMap((v) => walk(v, rest));
  if (step.is === 'all') return children(value).flatMap((v) => walk(v, rest));
  if (step.is === 'field') {
    const next = (value as Record<string, unknown> | null | undefined)?.[step.name];
    return next === undefined ? [] : walk(next, rest);
  }
  if (!Array.isArray(value)) return [];
  if (step.is === 'slice') return value.slice(step.from, step.to).flatMap((v) => walk(v, rest));
  const chosen = value.filter((item) => {
    const [found] = walk(item, step.path);
    return step.op === 'has'
      ? found !== undefined
      : found !== undefined && compare(found, step.op, step.value);
  });
  return chosen.flatMap((v) => walk(v, rest));
}

/** All values that a path like `.status.conditions[?(@.type=="Ready")].status` finds. */
export function find(value: unknown, path: string): unknown[] {
  return walk(value, steps(path));
}

export function show(value: unknown): string {
  if (typeof value === 'string') return value;
  return value === undefined || value === null ? '' : JSON.stringify(value);
}

interface Piece {
  readonly text?: string;
  readonly action?: string;
}

function pieces(template: string): Piece[] {
  const found: Piece[] = [];
  for (const match of template.matchAll(/\{((?:"[^"]*"|'[^']*'|[^{}"'])*)\}|([^{]+)/g)) {
    found.push(match[2] === undefined ? { action: (match[1] ?? '').trim() } : { text: match[2] });
  }
  return found;
}

function unescape(text: string): string {
  return text.replaceAll('\\n', '\n').replaceAll('\\t', '\t').replaceAll('\\"', '"');
}

function render(root: unknown, here: unknown, list: readonly Piece[]): string {
  let out = '';
  for (let i = 0; i < list.length; i++) {
    const { text, action = '' } = list[i] ?? {};
    if (text !== undefined) out += text;
    else if (/^(["'])/.test(action)) out += unescape(action.slice(1, -1));
    else if (action.startsWith('range ')) {
      let depth = 1;
      let end = i + 1;
      for (; end < list.length && depth > 0; end++) {
        if (list[end]?.action?.startsWith('range ')) depth++;
        else if (list[end]?.action === 'end') depth--;
      }
      const body = list.slice(i + 1, end - 1);
      for (const item of find(here, action.slice(6).trim())) out += render(root, item, body);
      i = end - 1;
    } else if (action !== 'end' && action !== '') {
      const from = action.startsWith('$') ? root : here;
      out += find(from, action).map(show).join(' ');
    }
  }
  return out;
}

/** A jsonpath template of kubectl: `{range .items[*]}{.metadata.name}{"\n"}{end}`. Braces may be left away. */
export function jsonpath(value: unknown, template: string): string {
  const whole = template.includes('{') ? template : `{${template}}`;
  return render(value, value, pieces(whole));
}
