import { createHash, createPrivateKey, generateKeyPair, type KeyObject, sign } from 'node:crypto';
import { promisify } from 'node:util';

/**
 * As much of OpenPGP (RFC 4880, version 4 keys) as an apt repository needs: an RSA key with one self-signed user id,
 * its armored public form, and clear-text signatures. gpg, gpgv and apt accept both; the tests ask them.
 */
export interface SigningKey {
  /** PKCS#8 PEM of the RSA key. */
  readonly privateKey: string;
  /** Seconds since 1970; part of the fingerprint. */
  readonly created: number;
  readonly userId: string;
}

const RSA = 1;
const SHA256 = 8;
const POSITIVE_CERTIFICATION = 0x13;
const TEXT_SIGNATURE = 0x01;

export async function generateSigningKey(userId: string, now = Date.now()): Promise<SigningKey> {
  const pair = await promisify(generateKeyPair)('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  return { privateKey: pair.privateKey, created: Math.floor(now / 1000), userId };
}

/** The 40 hex digits by which people compare keys. */
export function fingerprint(key: SigningKey): string {
  return keyHash(publicBody(key)).toString('hex').toUpperCase();
}

/** The public key for `/etc/apt/keyrings/*.asc`. */
export function armoredPublicKey(key: SigningKey): string {
  const body = publicBody(key);
  const userId = Buffer.from(key.userId);
  const hashed = Buffer.concat([
    subpacket(2, uint32(key.created)),
    subpacket(33, Buffer.concat([Buffer.of(4), keyHash(body)])),
    // It may certify and sign; what others use to encrypt to it is left out, since nobody does.
    subpacket(27, Buffer.of(0x03)),
    subpacket(21, Buffer.of(SHA256)),
  ]);
  const signed = Buffer.concat([keyPrefix(body), body, Buffer.of(0xb4), uint32(userId.length), userId]);
  const certification = signature(key, POSITIVE_CERTIFICATION, hashed, signed);
  return armor(
    'PGP PUBLIC KEY BLOCK',
    Buffer.concat([packet(6, body), packet(13, userId), packet(2, certification)]),
  );
}

/** `text` with its signature, in the form of apt's InRelease. */
export function clearSign(key: SigningKey, text: string, now = Date.now()): string {
  const lines = text.replace(/\n$/, '').split('\n');
  const hashed = Buffer.concat([
    subpacket(2, uint32(Math.floor(now / 1000))),
    subpacket(33, Buffer.concat([Buffer.of(4), keyHash(publicBody(key))])),
  ]);
  const canonical = Buffer.from(lines.map((line) => line.replace(/[ \t]+$/, '')).join('\r\n'));
  const packetBody = signature(key, TEXT_SIGNATURE, hashed, canonical);
  const escaped = lines.map((line) => (line.startsWith('-') ? `- ${line}` : line)).join('\n');
  const block = armor('PGP SIGNATURE', packet(2, packetBody));
  return `-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n${escaped}\n${block}`;
}

function signature(key: SigningKey, type: number, hashed: Buffer, data: Buffer): Buffer {
  const head = Buffer.concat([Buffer.of(4, type, RSA, SHA256), uint16(hashed.length), hashed]);
  const input = Buffer.concat([data, head, Buffer.of(4, 0xff), uint32(head.length)]);
  const unhashed = subpacket(16, keyHash(publicBody(key)).subarray(12));
  return Buffer.concat([
    head,
    uint16(unhashed.length),
    unhashed,
    createHash('sha256').update(input).digest().subarray(0, 2),
    integer(sign('sha256', input, key.privateKey)),
  ]);
}

function publicBody(key: SigningKey): Buffer {
  const jwk = (createPrivateKey(key.privateKey) as KeyObject).export({ format: 'jwk' });
  const number = (text: string | undefined) => integer(Buffer.from(text ?? '', 'base64url'));
  return Buffer.concat([Buffer.of(4), uint32(key.created), Buffer.of(RSA), number(jwk.n), number(jwk.e)]);
}

function keyHash(body: Buffer): Buffer {
  return createHash('sha1').update(keyPrefix(body)).update(body).digest();
}

function keyPrefix(body: Buffer): Buffer {
  return Buffer.concat([Buffer.of(0x99), uint16(body.length)]);
}

/** A multi-precision integer: its length in bits, then its bytes without leading zeros. */
function integer(bytes: Buffer): Buffer {
  const start = bytes.findIndex((byte) => byte !== 0);
  const rest = start < 0 ? Buffer.alloc(0) : bytes.subarray(start);
  const bits = rest.length === 0 ? 0 : rest.length * 8 - Math.clz32(rest[0]!) + 24;
  return Buffer.concat([uint16(bits), rest]);
}

function packet(tag: number, body: Buffer): Buffer {
  return Buffer.concat([Buffer.of(0xc0 | tag), lengthOf(body.length), body]);
}

function subpacket(type: number, body: Buffer): Buffer {
  return Buffer.concat([lengthOf(body.length + 1), Buffer.of(type), body]);
}

function lengthOf(length: number): Buffer {
  if (length < 192) return Buffer.of(length);
  if (length < 8384) return Buffer.of(192 + ((length - 192) >> 8), (length - 192) & 0xff);
  return Buffer.concat([Buffer.of(0xff), uint32(length)]);
}

function uint16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function armor(title: string, bytes: Buffer): string {
  const body = bytes
    .toString('base64')
    .replace(/(.{64})/g, '$1\n')
    .trimEnd();
  const sum = crc24(bytes);
  const check = Buffer.of((sum >> 16) & 0xff, (sum >> 8) & 0xff, sum & 0xff).toString('base64');
  return `-----BEGIN ${title}-----\n\n${body}\n=${check}\n-----END ${title}-----\n`;
}

function crc24(bytes: Buffer): number {
  let crc = 0xb704ce;
  for (const byte of bytes) {
    crc ^= byte << 16;
    for (let bit = 0; bit < 8; bit++) {
      crc <<= 1;
      if (crc & 0x1000000) crc ^= 0x1864cfb;
    }
  }
  return crc & 0xffffff;
}
