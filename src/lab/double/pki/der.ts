/** The few forms of DER that certificates are made of. */
export function tlv(tag: number, ...parts: Uint8Array[]): Buffer {
  const body = Buffer.concat(parts);
  if (body.length < 128) return Buffer.concat([Buffer.from([tag, body.length]), body]);
  let length = body.length.toString(16);
  if (length.length % 2 === 1) length = `0${length}`;
  const size = Buffer.from(length, 'hex');
  return Buffer.concat([Buffer.from([tag, 0x80 | size.length]), size, body]);
}

export const sequence = (...parts: Uint8Array[]): Buffer => tlv(0x30, ...parts);
export const setOf = (...parts: Uint8Array[]): Buffer => tlv(0x31, ...parts);
export const octets = (body: Uint8Array): Buffer => tlv(0x04, body);
export const utf8 = (text: string): Buffer => tlv(0x0c, Buffer.from(text));
export const printable = (text: string): Buffer => tlv(0x13, Buffer.from(text));
export const yes: Buffer = Buffer.from([0x01, 0x01, 0xff]);
export const nothing: Buffer = Buffer.from([0x05, 0x00]);
export const context = (n: number, ...parts: Uint8Array[]): Buffer => tlv(0xa0 | n, ...parts);
/** A context tag on a primitive value (IMPLICIT). */
export const implicit = (n: number, body: Uint8Array): Buffer => tlv(0x80 | n, body);

export function bits(body: Uint8Array, unused = 0): Buffer {
  return tlv(0x03, Buffer.from([unused]), body);
}

/** A positive integer from its big-endian bytes. */
export function integer(bytes: Uint8Array): Buffer {
  let body = Buffer.from(bytes);
  while (body.length > 1 && body[0] === 0 && (body[1] ?? 0) < 128) body = body.subarray(1);
  return tlv(0x02, (body[0] ?? 0) >= 128 ? Buffer.from([0]) : Buffer.alloc(0), body);
}

export function oid(dotted: string): Buffer {
  const numbers = dotted.split('.').map(Number);
  const bytes = [(numbers[0] ?? 0) * 40 + (numbers[1] ?? 0)];
  for (const number of numbers.slice(2)) {
    const groups = [number & 0x7f];
    for (let rest = number >>> 7; rest > 0; rest >>>= 7) groups.unshift((rest & 0x7f) | 0x80);
    bytes.push(...groups);
  }
  return tlv(0x06, Buffer.from(bytes));
}

/** UTCTime until 2049, GeneralizedTime after it. */
export function time(date: Date): Buffer {
  const text = date.toISOString().replace(/[-:T]/g, '').slice(0, 14);
  return date.getUTCFullYear() < 2050
    ? tlv(0x17, Buffer.from(`${text.slice(2)}Z`))
    : tlv(0x18, Buffer.from(`${text}Z`));
}

export interface Element {
  readonly tag: number;
  /** The content. */
  readonly body: Buffer;
  /** Tag, length and content. */
  readonly whole: Buffer;
}

/** The elements that stand side by side in `bytes`. */
export function elements(bytes: Buffer): Element[] {
  const found: Element[] = [];
  let at = 0;
  while (at < bytes.length) {
    const tag = bytes[at] ?? 0;
    let length = bytes[at + 1] ?? 0;
    let start = at + 2;
    if (length >= 0x80) {
      const size = length & 0x7f;
      length = bytes.readUIntBE(start, size);
      start += size;
    }
    found.push({
      tag,
      body: bytes.subarray(start, start + length),
      whole: bytes.subarray(at, start + length),
    });
    at = start + length;
  }
  return found;
}

export function pem(label: string, der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}

export function unpem(text: string, label: string): Buffer | undefined {
  const found = new RegExp(`-----BEGIN ${label}-----([\\s\\S]+?)-----END ${label}-----`).exec(text);
  return found === null ? undefined : Buffer.from(found[1] ?? '', 'base64');
}
