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
  const prefix = text(block, 257, 5) === 'ustar' ? text(block, 345, 155) : '';
  return {
    name: `${prefix === '' ? '' : `${prefix}/`}${text(block, 0, 100)}`,
    size: number(block, 124, 12),
    type: String.fromCharCode(block[156] || 48),
    link: text(block, 157, 100),
  };
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
