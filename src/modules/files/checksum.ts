import { SlipwayError } from '../../base/errors.ts';

const LENGTHS = { md5: 32, sha1: 40, sha224: 56, sha256: 64, sha384: 96, sha512: 128 } as const;

export type Algorithm = keyof typeof LENGTHS;

/** `algorithm:hash`, or `algorithm:URL` of a list that holds it. */
export interface Checksum {
  readonly algorithm: Algorithm;
  readonly hash?: string;
  readonly url?: string;
}

/** @throws {SlipwayError} schema.invalid-value */
export function parseChecksum(text: string): Checksum {
  const [, name = '', value = ''] = /^([a-z0-9]+):(.+)$/is.exec(text.trim()) ?? [];
  const algorithm = name.toLowerCase() as Algorithm;
  if (!(algorithm in LENGTHS))
    throw new SlipwayError('schema.invalid-value', `checksum has no known algorithm: ${text}`, {
      hint: `Write algorithm:hash or algorithm:URL; known are ${Object.keys(LENGTHS).join(', ')}.`,
    });
  if (/^[a-z+]+:\/\//i.test(value)) return { algorithm, url: value };
  const hash = value.replace(/\s+/g, '').toLowerCase();
  if (!new RegExp(`^[0-9a-f]{${LENGTHS[algorithm]}}$`).test(hash))
    throw new SlipwayError('schema.invalid-value', `${value} is no ${algorithm} checksum`, {
      hint: `It has ${LENGTHS[algorithm]} hexadecimal digits.`,
    });
  return { algorithm, hash };
}

/**
 * The hash of a file in a list as `sha256sum` and its kin print it (`HASH  name`, `HASH *./name`), BSD's
 * (`SHA256 (name) = HASH`) or a bare hash.
 */
export function hashInList(list: string, name: string, algorithm: Algorithm): string | undefined {
  const digits = `[0-9a-fA-F]{${LENGTHS[algorithm]}}`;
  const rows = list.split('\n').map((line) => line.trim());
  for (const row of rows) {
    const gnu = new RegExp(`^\\\\?(${digits})\\s+\\*?(.+)$`).exec(row);
    if (gnu && gnu[2]!.replace(/^.*\//, '') === name) return gnu[1]!.toLowerCase();
    const bsd = new RegExp(`^\\w+ \\((.+)\\) = (${digits})$`).exec(row);
    if (bsd && bsd[1]!.replace(/^.*\//, '') === name) return bsd[2]!.toLowerCase();
  }
  const filled = rows.filter((row) => row !== '');
  if (filled.length === 1 && new RegExp(`^${digits}$`).test(filled[0]!)) return filled[0]!.toLowerCase();
  return undefined;
}
