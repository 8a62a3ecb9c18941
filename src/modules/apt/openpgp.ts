import { createHash } from 'node:crypto';

/** What a public key says of itself. Times are seconds since 1970. */
export interface PublicKey {
  /** Upper-case hex. */
  readonly fingerprint: string;
  readonly created: number;
  /** Undefined: never. */
  readonly expires: number | undefined;
  /** The first user id. */
  readonly user: string | undefined;
}

/** Binary OpenPGP data out of ASCII armour; data that is no armour comes back as it is. Undefined where it is neither. */
export function dearmor(bytes: Uint8Array): Uint8Array | undefined {
  if (bytes.length === 0) return undefined;
  if ((bytes[0]! & 0x80) !== 0) return bytes;
  const text = Buffer.from(bytes).toString('latin1').replaceAll('\r', '');
  const parts = [
    ...text.matchAll(
      /-----BEGIN PGP PUBLIC KEY BLOCK-----\n(?:[^\n]*: [^\n]*\n)*\s*\n?([A-Za-z0-9+/=\s]+?)\n(?:=[A-Za-z0-9+/]{4}\n)?-----END/g,
    ),
  ];
  if (parts.length === 0) return undefined;
  return Buffer.concat(parts.map((part) => Buffer.from(part[1]!, 'base64')));
}

interface Packet {
  readonly tag: number;
  readonly body: Buffer;
}

function* packets(bytes: Uint8Array): Generator<Packet> {
  const data = Buffer.from(bytes);
  let at = 0;
  while (at < data.length) {
    const head = data[at++]!;
    if ((head & 0x80) === 0) return;
    let length: number;
    if ((head & 0x40) !== 0) {
      const first = data[at++] ?? 0;
      if (first < 192) length = first;
      else if (first < 224) length = ((first - 192) << 8) + (data[at++] ?? 0) + 192;
      else if (first === 255) {
        length = data.readUInt32BE(at);
        at += 4;
      } else return;
    } else {
      const size = [1, 2, 4][head & 3];
      if (size === undefined) return;
      length = data.readUIntBE(at, size);
      at += size;
    }
    yield {
      tag: (head & 0x40) !== 0 ? head & 0x3f : (head >> 2) & 0x0f,
      body: data.subarray(at, at + length),
    };
    at += length;
  }
}

/** The primary keys of a keyring, in order. Keys of versions that are not known are left out. */
export function readKeys(bytes: Uint8Array): PublicKey[] {
  const keys: {
    fingerprint: string;
    created: number;
    expires: number | undefined;
    user: string | undefined;
  }[] = [];
  let newest = -1;
  try {
    for (const { tag, body } of packets(bytes)) {
      const last = keys.at(-1);
      if (tag === 6) {
        newest = -1;
        const fingerprint = fingerprintOf(body);
        if (fingerprint)
          keys.push({ fingerprint, created: body.readUInt32BE(1), expires: undefined, user: undefined });
      } else if (tag === 13 && last && last.user === undefined) last.user = body.toString('utf8');
      else if (tag === 2 && last) {
        const signature = selfSignature(body, last.fingerprint);
        // The newest signature of the owner counts: that is how a key is renewed.
        if (signature && signature.made >= newest) {
          newest = signature.made;
          last.expires = signature.lifetime === 0 ? undefined : last.created + signature.lifetime;
        }
      }
    }
  } catch {
    // A keyring that ends in the middle of a packet has told what it has.
  }
  return keys;
}

function fingerprintOf(body: Buffer): string | undefined {
  if (body[0] === 4) {
    const head = Buffer.from([0x99, body.length >> 8, body.length & 0xff]);
    return createHash('sha1').update(head).update(body).digest('hex').toUpperCase();
  }
  if (body[0] !== 5 && body[0] !== 6) return undefined;
  const head = Buffer.alloc(5);
  head[0] = body[0] === 5 ? 0x9a : 0x9b;
  head.writeUInt32BE(body.length, 1);
  return createHash('sha256').update(head).update(body).digest('hex').toUpperCase();
}

/** A certification of a user id, or a direct signature, by the key itself. */
function selfSignature(body: Buffer, fingerprint: string): { made: number; lifetime: number } | undefined {
  const type = body[1]!;
  if (body[0] !== 4 || !((type >= 0x10 && type <= 0x13) || type === 0x1f)) return undefined;
  const hashed = body.readUInt16BE(4);
  const unhashed = body.readUInt16BE(6 + hashed);
  let made = 0;
  let lifetime = 0;
  let issuer = '';
  const parts = [body.subarray(6, 6 + hashed), body.subarray(8 + hashed, 8 + hashed + unhashed)];
  for (const [trusted, part] of [
    [true, parts[0]!],
    [false, parts[1]!],
  ] as const) {
    for (const { type: kind, value } of subpackets(part)) {
      if (trusted && kind === 2) made = value.readUInt32BE(0);
      if (trusted && kind === 9) lifetime = value.readUInt32BE(0);
      if (kind === 16) issuer = value.toString('hex').toUpperCase();
    }
  }
  return fingerprint.endsWith(issuer) ? { made, lifetime } : undefined;
}

function* subpackets(data: Buffer): Generator<{ type: number; value: Buffer }> {
  let at = 0;
  while (at < data.length) {
    let length = data[at++]!;
    if (length >= 192 && length < 255) length = ((length - 192) << 8) + data[at++]! + 192;
    else if (length === 255) {
      length = data.readUInt32BE(at);
      at += 4;
    }
    yield { type: data[at]! & 0x7f, value: data.subarray(at + 1, at + length) };
    at += length;
  }
}
