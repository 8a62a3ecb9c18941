import { createHash, createPublicKey, randomBytes, sign, X509Certificate, type KeyObject } from 'node:crypto';
import { isIP } from 'node:net';
import {
  bits,
  context,
  elements,
  implicit,
  integer,
  nothing,
  octets,
  oid,
  pem,
  printable,
  sequence,
  setOf,
  time,
  unpem,
  utf8,
  yes,
} from './der.ts';

export interface Subject {
  readonly commonName: string;
  readonly organizations?: readonly string[];
}

export interface CertificateRequest {
  readonly subject: Subject;
  readonly publicKey: KeyObject;
  /** The signer; for a root, the same name and key again. */
  readonly issuer: { readonly subject: Subject; readonly key: KeyObject };
  readonly days: number;
  readonly authority?: boolean;
  readonly usages?: readonly ('client' | 'server')[];
  /** DNS names and IP addresses, mixed. */
  readonly names?: readonly string[];
}

const OIDS = { server: '1.3.6.1.5.5.7.3.1', client: '1.3.6.1.5.5.7.3.2' } as const;

export function encodeName(subject: Subject): Buffer {
  const part = (id: string, value: Buffer): Buffer => setOf(sequence(oid(id), value));
  return sequence(
    ...(subject.organizations ?? []).map((name) => part('2.5.4.10', printable(name))),
    part('2.5.4.3', utf8(subject.commonName)),
  );
}

function keyId(spki: Buffer): Buffer {
  const key = elements(elements(spki)[0]?.body ?? spki)[1];
  return createHash('sha1')
    .update(key?.body.subarray(1) ?? spki)
    .digest();
}

function addressBytes(address: string): Buffer {
  if (isIP(address) === 4) return Buffer.from(address.split('.').map(Number));
  const [head = '', tail] = address.split('::');
  const groups = (text: string): string[] => (text === '' ? [] : text.split(':'));
  const left = groups(head);
  const right = tail === undefined ? [] : groups(tail);
  const middle = Array.from({ length: 8 - left.length - right.length }, () => '0');
  return Buffer.from([...left, ...middle, ...right].map((g) => g.padStart(4, '0')).join(''), 'hex');
}

function alternative(name: string): Buffer {
  return isIP(name) === 0 ? implicit(2, Buffer.from(name)) : implicit(7, addressBytes(name));
}

function extensions(request: CertificateRequest, spki: Buffer, issuerSpki: Buffer): Buffer {
  const extension = (id: string, value: Buffer, critical = false): Buffer =>
    sequence(oid(id), ...(critical ? [yes] : []), octets(value));
  const list = [
    // digitalSignature + keyEncipherment; an authority signs certificates too.
    extension(
      '2.5.29.15',
      bits(Buffer.from([request.authority ? 0xa4 : 0xa0]), request.authority ? 2 : 5),
      true,
    ),
    extension('2.5.29.19', request.authority ? sequence(yes) : sequence(), true),
  ];
  if (request.usages !== undefined) {
    list.push(extension('2.5.29.37', sequence(...request.usages.map((usage) => oid(OIDS[usage])))));
  }
  if (request.authority) list.push(extension('2.5.29.14', octets(keyId(spki))));
  list.push(extension('2.5.29.35', sequence(implicit(0, keyId(issuerSpki)))));
  const names = request.authority ? [request.subject.commonName] : (request.names ?? []);
  if (names.length > 0) list.push(extension('2.5.29.17', sequence(...names.map(alternative))));
  return context(3, sequence(...list));
}

const der = (key: KeyObject): Buffer => {
  const open = key.type === 'private' ? createPublicKey(key) : key;
  return open.export({ type: 'spki', format: 'der' });
};

function algorithm(key: KeyObject): Buffer {
  return key.asymmetricKeyType === 'ec'
    ? sequence(oid('1.2.840.10045.4.3.2'))
    : sequence(oid('1.2.840.113549.1.1.11'), nothing);
}

/** Makes and signs a certificate; PEM. */
export function createCertificate(request: CertificateRequest): string {
  const { issuer } = request;
  const from = new Date(Date.now() - 5 * 60_000);
  const until = new Date(from.getTime() + request.days * 86_400_000);
  const spki = der(request.publicKey);
  const serial = randomBytes(8);
  serial[0] = (serial[0] ?? 0) & 0x7f;
  const body = sequence(
    context(0, integer(Buffer.from([2]))),
    integer(serial),
    algorithm(issuer.key),
    encodeName(issuer.subject),
    sequence(time(from), time(until)),
    encodeName(request.subject),
    spki,
    extensions(request, spki, der(issuer.key)),
  );
  return pem('CERTIFICATE', sequence(body, algorithm(issuer.key), bits(sign('sha256', body, issuer.key))));
}

/** A PKCS #10 request for a certificate; PEM. */
export function createSigningRequest(subject: Subject, key: KeyObject): string {
  const body = sequence(integer(Buffer.from([0])), encodeName(subject), der(key), context(0));
  return pem('CERTIFICATE REQUEST', sequence(body, algorithm(key), bits(sign('sha256', body, key))));
}

export interface SigningRequest {
  readonly subject: Subject;
  readonly publicKey: KeyObject;
}

/** Reads what `createSigningRequest` or any other PKCS #10 tool wrote; undefined where it is none. */
export function readSigningRequest(text: string): SigningRequest | undefined {
  const bytes = unpem(text, 'CERTIFICATE REQUEST');
  if (bytes === undefined) return undefined;
  const body = elements(elements(elements(bytes)[0]?.body ?? bytes)[0]?.body ?? bytes);
  const [, name, spki] = body;
  if (name === undefined || spki === undefined) return undefined;
  const found = new Map<string, string[]>();
  for (const set of elements(name.body)) {
    const [id, value] = elements(elements(set.body)[0]?.body ?? Buffer.alloc(0));
    const key = id?.whole.toString('hex') ?? '';
    found.set(key, [...(found.get(key) ?? []), value?.body.toString('utf8') ?? '']);
  }
  return {
    subject: {
      commonName: found.get(oid('2.5.4.3').toString('hex'))?.[0] ?? '',
      organizations: found.get(oid('2.5.4.10').toString('hex')) ?? [],
    },
    publicKey: createPublicKey({ key: spki.whole, type: 'spki', format: 'der' }),
  };
}

/** `sha256:<hex>` over the public key of a certificate, as kubeadm pins it. */
export function publicKeyHash(certificate: string): string {
  const spki = new X509Certificate(certificate).publicKey.export({ type: 'spki', format: 'der' });
  return `sha256:${createHash('sha256').update(spki).digest('hex')}`;
}

/** The subject of a certificate as `node:crypto` prints it, taken apart. */
export function subjectOf(certificate: string): Subject {
  const lines = new X509Certificate(certificate).subject.split('\n');
  const of = (key: string): string[] =>
    lines.filter((l) => l.startsWith(`${key}=`)).map((l) => l.slice(key.length + 1));
  return { commonName: of('CN')[0] ?? '', organizations: of('O') };
}
