import { randomBytes, timingSafeEqual } from 'node:crypto';
import { piWords } from './pi.ts';

// Provos and Mazières, "A Future-Adaptable Password Scheme" (1999). Of all that an htpasswd file may hold, registries
// take this alone, and Node has none.

const ALPHABET = './ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const SHAPE = /^\$2[abxy]\$(\d\d)\$([./A-Za-z0-9]{22})([./A-Za-z0-9]{31})$/;
/** `OrpheanBeholderScryDoubt`. */
const TEXT = [0x4f727068, 0x65616e42, 0x65686f6c, 0x64657253, 0x63727944, 0x6f756274];
const LONGEST = 72;

let pi: Uint32Array | undefined;

interface Cipher {
  readonly p: Int32Array;
  readonly s: Int32Array;
}

/** A new hash with a salt of its own, as `htpasswd -B` writes it. */
export function bcrypt(password: string, cost = 10): string {
  return hash(password, cost, randomBytes(16));
}

/** Whether a hash is that of the password; false for a hash of another kind. */
export function bcryptFits(password: string, wanted: string): boolean {
  const [, cost, salt, digest] = SHAPE.exec(wanted) ?? [];
  if (cost === undefined || salt === undefined || digest === undefined) return false;
  if (Number(cost) < 4 || Number(cost) > 31) return false;
  const made = hash(password, Number(cost), decode(salt, 16));
  return timingSafeEqual(Buffer.from(made.slice(-31)), Buffer.from(digest));
}

/** What counts of a password ends after 72 bytes. */
export const isTooLong = (password: string) => Buffer.byteLength(password) > LONGEST;

function hash(password: string, cost: number, salt: Buffer): string {
  const key = Buffer.concat([Buffer.from(password), Buffer.alloc(1)]).subarray(0, LONGEST);
  const cipher = expensive(key, salt, cost);
  const digest = Buffer.alloc(24);
  const block = new Int32Array(2);
  for (let at = 0; at < TEXT.length; at += 2) {
    block[0] = TEXT[at]!;
    block[1] = TEXT[at + 1]!;
    for (let round = 0; round < 64; round++) encrypt(cipher, block);
    digest.writeInt32BE(block[0]!, at * 4);
    digest.writeInt32BE(block[1]!, at * 4 + 4);
  }
  return `$2y$${String(cost).padStart(2, '0')}$${encode(salt)}${encode(digest.subarray(0, 23))}`;
}

function expensive(key: Buffer, salt: Buffer, cost: number): Cipher {
  pi ??= piWords(18 + 1024);
  const cipher = { p: Int32Array.from(pi.subarray(0, 18)), s: Int32Array.from(pi.subarray(18)) };
  const none = Buffer.alloc(16);
  expand(cipher, key, salt);
  for (let round = 0; round < 2 ** cost; round++) {
    expand(cipher, key, none);
    expand(cipher, salt, none);
  }
  return cipher;
}

/** Four bytes of a key that repeats itself. */
function cyclic(bytes: Buffer, at: number): number {
  let word = 0;
  for (let step = 0; step < 4; step++) word = (word << 8) | bytes[(at * 4 + step) % bytes.length]!;
  return word;
}

function expand(cipher: Cipher, key: Buffer, salt: Buffer): void {
  const { p, s } = cipher;
  for (let at = 0; at < p.length; at++) p[at]! ^= cyclic(key, at);
  const words = [0, 4, 8, 12].map((at) => salt.readInt32BE(at));
  const block = new Int32Array(2);
  let half = 0;
  for (const table of [p, s])
    for (let at = 0; at < table.length; at += 2) {
      block[0]! ^= words[half]!;
      block[1]! ^= words[half + 1]!;
      half ^= 2;
      encrypt(cipher, block);
      table[at] = block[0]!;
      table[at + 1] = block[1]!;
    }
}

function encrypt({ p, s }: Cipher, block: Int32Array): void {
  let left = block[0]! ^ p[0]!;
  let right = block[1]!;
  for (let round = 1; round <= 16; round += 2) {
    right ^= mix(s, left) ^ p[round]!;
    left ^= mix(s, right) ^ p[round + 1]!;
  }
  block[0] = right ^ p[17]!;
  block[1] = left;
}

function mix(s: Int32Array, word: number): number {
  const sum = (s[word >>> 24]! + s[256 + ((word >>> 16) & 255)]!) ^ s[512 + ((word >>> 8) & 255)]!;
  return sum + s[768 + (word & 255)]!;
}

function encode(bytes: Uint8Array): string {
  let text = '';
  let held = 0;
  let bits = 0;
  for (const byte of bytes) {
    held = (held << 8) | byte;
    bits += 8;
    for (; bits >= 6; bits -= 6) text += ALPHABET[(held >> (bits - 6)) & 63];
    held &= 0xff;
  }
  return bits > 0 ? text + ALPHABET[(held << (6 - bits)) & 63] : text;
}

function decode(text: string, length: number): Buffer {
  let held = 0;
  let bits = 0;
  const bytes: number[] = [];
  for (const letter of text) {
    held = ((held << 6) | ALPHABET.indexOf(letter)) & 0xffff;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes.push((held >> bits) & 255);
  }
  return Buffer.from(bytes.slice(0, length));
}
