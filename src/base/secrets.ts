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
    if (data !== null && typeof data === 'object' && Object.getPrototypeOf(data) === Object.prototype) {
      return Object.fromEntries(Object.entries(data).map(([key, item]) => [key, this.redactData(item)])) as T;
    }
    return data;
  }
}

function encodings(text: string): string[] {
  const bytes = Buffer.from(text);
  const forms = [text, bytes.toString('base64'), bytes.toString('base64url'), bytes.toString('hex')];
  forms.push(encodeURIComponent(text), JSON.stringify(text).slice(1, -1), `${text.replaceAll("'", "'\\''")}`);
  return forms.filter((form) => form.length >= Secrets.SHORTEST);
}
