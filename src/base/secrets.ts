/**
 * The secret values of a run. A value that is marked secret is replaced wherever it leaves the program (events,
 * journal, diffs, errors): as it is, and in the encodings that tools commonly print.
 */
export class Secrets {
  static readonly MASK = '********';
  /** Shorter values would mask half of every screen. */
  static readonly SHORTEST = 4;
  readonly #values = new Set<string>();
  #pattern: RegExp | undefined;

  add(value: unknown): void {
    if (typeof value === 'string') this.#addText(value);
    else if (typeof value === 'number' || typeof value === 'bigint') this.#addText(String(value));
    else if (Array.isArray(value)) for (const item of value) this.add(item);
    else if (value !== null && typeof value === 'object')
      for (const item of Object.values(value)) this.add(item);
  }

  #addText(value: string): void {
    const text = value.trim();
    if (text.length < Secrets.SHORTEST || this.#values.has(text)) return;
    for (const form of encodings(text)) this.#values.add(form);
    for (const line of text.split('\n')) if (line.length >= 16) this.#values.add(line);
    this.#pattern = undefined;
  }

  redact(text: string): string {
    if (this.#values.size === 0) return text;
    this.#pattern ??= new RegExp(
      [...this.#values]
        .sort((a, b) => b.length - a.length)
        .map((value) => value.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
        .join('|'),
      'g',
    );
    return text.replace(this.#pattern, Secrets.MASK);
  }

  /** A copy of plain data with every string redacted, keys as they are. */
  redactData<T>(data: T): T {
    if (this.#values.size === 0) return data;
    if (typeof data === 'string') return this.redact(data) as T;
    if (Array.isArray(data)) return data.map((item) => this.redactData(item)) as T;
    if (isRecord(data)) {
      return Object.fromEntries(Object.entries(data).map(([key, item]) => [key, this.redactData(item)])) as T;
    }
    return data;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  if (value === null || typeof value !== 'object') return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** The ways in which tools write a text. */
function encodings(text: string): string[] {
  const bytes = Buffer.from(text);
  const hex = bytes.toString('hex');
  const forms = [text, hex, hex.toUpperCase(), ...base64Forms(bytes), ...urlForms(text)];
  forms.push(JSON.stringify(text).slice(1, -1), text.replaceAll("'", "'\\''"), text.replaceAll("'", "''"));
  return forms.filter((form) => form.length >= Secrets.SHORTEST);
}

function urlForms(text: string): string[] {
  // Half of a surrogate pair has no URL form.
  if (/[\ud800-\udfff]/u.test(text)) return [];
  const url = encodeURIComponent(text);
  return [url, url.replaceAll('%20', '+')];
}

/** A shorter stretch of base64 would be met by chance. */
const SHORTEST_CORE = 8;

/**
 * In base64, by itself and (`user:password`) inside of something longer: there the first and last characters also hold
 * bits of the neighbours, so only those between them are looked for, for each of the three ways to be aligned.
 */
function base64Forms(bytes: Buffer): string[] {
  const whole = [bytes.toString('base64'), bytes.toString('base64url')];
  for (const shift of [0, 1, 2]) {
    const encoded = Buffer.concat([Buffer.alloc(shift), bytes]).toString('base64');
    const core = encoded.slice(Math.ceil((shift * 8) / 6), Math.floor(((shift + bytes.length) * 8) / 6));
    if (core.length >= SHORTEST_CORE) whole.push(core, core.replaceAll('+', '-').replaceAll('/', '_'));
  }
  return whole;
}
