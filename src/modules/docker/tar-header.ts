/** A tar is made of blocks of this size. */
export const BLOCK = 512;

export interface Header {
  readonly name: string;
  readonly size: number;
  /** `0` a file, `1` and `2` links. */
  readonly type: string;
  readonly link: string;
}

const text = (block: Buffer, from: number, length: number) => {
  const end = block.indexOf(0, from);
  return block.toString('utf8', from, end >= 0 && end < from + length ? end : from + length);
};

/** A number of a tar header: octal text, or binary where the top bit says so. */
function number(block: Buffer, from: number, length: number): number {
  if (block[from]! & 0x80) return Number(BigInt(`0x${block.toString('hex', from + 1, from + length)}`));
  return Number.parseInt(text(block, from, length).trim() || '0', 8);
}

function checksum(block: Buffer): number {
  let sum = 0;
  for (let i = 0; i < BLOCK; i++) sum += i >= 148 && i < 156 ? 32 : block[i]!;
  return sum;
}

/** Undefined where the block is no header. */
export function readHeader(block: Buffer): Header | undefined {
  if (checksum(block) !== number(block, 148, 8)) return undefined;
  // GNU's own (`ustar  `) has other things there.
  const prefix = block.toString('latin1', 257, 263) === 'ustar\0' ? text(block, 345, 155) : '';
  return {
    name: `${prefix === '' ? '' : `${prefix}/`}${text(block, 0, 100)}`,
    size: number(block, 124, 12),
    type: String.fromCharCode(block[156] || 48),
    link: text(block, 157, 100),
  };
}

/** What an entry tells of the one that follows it, where a header has no room for it. */
export type Extra = Partial<Pick<Header, 'name' | 'size' | 'link'>>;

/** `x` of the next entry, `g` of all that follow (PAX); `L` and `K` the next one's name and link (GNU). */
export const EXTRA: ReadonlySet<string> = new Set(['x', 'g', 'L', 'K']);

export function readExtra(type: string, bytes: Buffer): Extra {
  if (type === 'L') return { name: text(bytes, 0, bytes.length) };
  if (type === 'K') return { link: text(bytes, 0, bytes.length) };
  return Object.assign({}, ...records(bytes)) as Extra;
}

/** PAX: `LENGTH KEY=VALUE`, each with a line break, which the length counts. */
function* records(bytes: Buffer): Generator<Extra> {
  for (let at = 0; at < bytes.length; ) {
    const space = bytes.indexOf(' ', at);
    const length = Number(bytes.toString('latin1', at, space));
    if (!(length > 0)) return;
    const record = bytes.toString('utf8', space + 1, at + length - 1);
    const equals = record.indexOf('=');
    const value = record.slice(equals + 1);
    const key = record.slice(0, equals);
    if (key === 'path') yield { name: value };
    else if (key === 'linkpath') yield { link: value };
    else if (key === 'size' && /^\d+$/.test(value)) yield { size: Number(value) };
    at += length;
  }
}

/** The header of a file; its name has at most 100 bytes. */
export function writeHeader(name: string, size: number): Buffer {
  const block = Buffer.alloc(BLOCK);
  block.write(name, 0, 100);
  block.write('0000644\0', 100);
  block.write('0000000\0', 108);
  block.write('0000000\0', 116);
  if (size < 8 ** 11) block.write(`${size.toString(8).padStart(11, '0')}\0`, 124);
  else {
    block[124] = 0x80;
    block.writeBigUInt64BE(BigInt(size), 128);
  }
  block.write('00000000000\0', 136);
  block.write('0', 156);
  block.write('ustar\x0000', 257);
  block.write(`${checksum(block).toString(8).padStart(6, '0')}\0 `, 148);
  return block;
}

/** Zeros up to the next block. */
export const padding = (size: number): Buffer => Buffer.alloc((BLOCK - (size % BLOCK)) % BLOCK);

/** A file with its header, as it stands in a tar. */
export const wholeFile = (name: string, bytes: Buffer): Buffer =>
  Buffer.concat([writeHeader(name, bytes.length), bytes, padding(bytes.length)]);

/** What ends a tar. */
export const TAR_END = Buffer.alloc(2 * BLOCK);
