import type { Span } from '../base/span.ts';
import type { Entry, Node } from '../document/node.ts';

class NotLiteral extends Error {}

/** Reads a value of an INI inventory as Ansible does: a Python literal, or else the text itself as a string. */
export function readIniValue(text: string, span: Span): Node {
  return readLiteral(text, span) ?? { kind: 'scalar', span, value: text, source: text, quoted: false };
}

/** A Python literal (number, string, True, False, None, list, tuple, dict) as a node; undefined for anything else. */
export function readLiteral(text: string, span: Span): Node | undefined {
  if (!/^[\s\d+\-.'"[({TFNuUrR]/.test(text)) return undefined;
  const reader = new LiteralReader(text, span);
  try {
    return reader.whole();
  } catch (error) {
    if (error instanceof NotLiteral) return undefined;
    throw error;
  }
}

const NAMED: Readonly<Record<string, boolean | null>> = { True: true, False: false, None: null };
const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  a: '\x07',
  b: '\b',
  f: '\f',
  v: '\v',
  '\\': '\\',
  "'": "'",
  '"': '"',
  '\n': '',
};
const NUMBER =
  /^[+-]?(?:0[xX][\da-fA-F]+(?:_[\da-fA-F]+)*|0[oO][0-7]+|0[bB][01]+|(?:\d+(?:_\d+)*)?\.\d+(?:[eE][+-]?\d+)?|\d+(?:_\d+)*\.?(?:[eE][+-]?\d+)?)/;

class LiteralReader {
  readonly #text: string;
  readonly #span: Span;
  /** Whether offsets in the text are offsets in the source. */
  readonly #exact: boolean;
  #at = 0;

  constructor(text: string, span: Span) {
    this.#text = text;
    this.#span = span;
    this.#exact = span.source.text.startsWith(text, span.start);
  }

  whole(): Node {
    const node = this.#value();
    this.#space();
    if (this.#at < this.#text.length && this.#text[this.#at] !== '#') throw new NotLiteral();
    return node;
  }

  #space(): void {
    while (/\s/.test(this.#text[this.#at] ?? '')) this.#at++;
  }

  #place(start: number): Span {
    if (!this.#exact) return this.#span;
    return { source: this.#span.source, start: this.#span.start + start, end: this.#span.start + this.#at };
  }

  #scalar(start: number, value: string | number | boolean | null, quoted = false): Node {
    const source = quoted ? String(value) : this.#text.slice(start, this.#at);
    return { kind: 'scalar', span: this.#place(start), value, source, quoted };
  }

  #value(): Node {
    this.#space();
    const start = this.#at;
    const char = this.#text[start] ?? '';
    if (char === '[') return this.#list(']');
    if (char === '(') return this.#list(')');
    if (char === '{') return this.#map();
    const rest = this.#text.slice(start);
    if (/^[uUrR]?['"]/.test(rest)) return this.#strings(start);
    const named = /^(True|False|None)\b/.exec(rest);
    if (named) {
      this.#at += named[0].length;
      return this.#scalar(start, NAMED[named[0]]!);
    }
    return this.#number(start, rest);
  }

  #number(start: number, rest: string): Node {
    const text = NUMBER.exec(rest)?.[0];
    if (!text) throw new NotLiteral();
    const digits = text.replaceAll('_', '').replace(/^[+-]/, '');
    // Python refuses 0644; a number that JavaScript cannot hold exactly stays text.
    if (/^0\d*[1-9]/.test(digits) && !/[.eExXoObB]/.test(digits)) throw new NotLiteral();
    const value = Number(digits) * (text.startsWith('-') ? -1 : 1);
    if (Number.isInteger(value) && !Number.isSafeInteger(value)) throw new NotLiteral();
    this.#at += text.length;
    if (/^[\w.]/.test(this.#text.slice(this.#at))) throw new NotLiteral();
    return this.#scalar(start, Object.is(value, -0) ? 0 : value);
  }

  /** Strings that follow each other are one string. */
  #strings(start: number): Node {
    let value = '';
    let end = this.#at;
    for (;;) {
      const prefix = /^([uUrR]?)('''|"""|'|")/.exec(this.#text.slice(this.#at));
      if (!prefix) break;
      this.#at += prefix[0].length;
      value += this.#string(prefix[2]!, /r/i.test(prefix[1]!));
      end = this.#at;
      this.#space();
    }
    this.#at = end;
    return this.#scalar(start, value, true);
  }

  #string(quote: string, raw: boolean): string {
    let value = '';
    for (;;) {
      if (this.#at >= this.#text.length) throw new NotLiteral();
      if (this.#text.startsWith(quote, this.#at)) break;
      const char = this.#text[this.#at++]!;
      if (char === '\\') value += raw ? `\\${this.#text[this.#at++] ?? ''}` : this.#escape();
      else value += char;
    }
    this.#at += quote.length;
    return value;
  }

  #escape(): string {
    const code = /^(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8}))/.exec(this.#text.slice(this.#at));
    if (code) {
      this.#at += code[0].length;
      const point = Number.parseInt((code[1] ?? code[2] ?? code[3])!, 16);
      if (point > 0x10ffff) throw new NotLiteral();
      return String.fromCodePoint(point);
    }
    const char = this.#text[this.#at++] ?? '';
    return ESCAPES[char] ?? `\\${char}`;
  }

  #list(close: string): Node {
    const start = this.#at++;
    const items: Node[] = [];
    let comma = false;
    for (;;) {
      this.#space();
      if (this.#text[this.#at] === close) break;
      items.push(this.#value());
      this.#space();
      if (this.#text[this.#at] !== ',') break;
      comma = true;
      this.#at++;
    }
    this.#expect(close);
    // (1) is a number in brackets, (1,) a tuple.
    if (close === ')' && items.length === 1 && !comma) return items[0]!;
    return { kind: 'list', span: this.#place(start), items };
  }

  #map(): Node {
    const start = this.#at++;
    const entries: Entry[] = [];
    for (;;) {
      this.#space();
      if (this.#text[this.#at] === '}') break;
      const key = this.#value();
      if (key.kind !== 'scalar') throw new NotLiteral();
      this.#space();
      this.#expect(':');
      entries.push({ key: String(key.value), keySpan: key.span, value: this.#value() });
      this.#space();
      if (this.#text[this.#at] !== ',') break;
      this.#at++;
    }
    this.#expect('}');
    return { kind: 'map', span: this.#place(start), entries };
  }

  #expect(char: string): void {
    if (this.#text[this.#at++] !== char) throw new NotLiteral();
  }
}
