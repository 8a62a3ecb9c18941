import { splitOptions } from './key-options.ts';

/** A line of an authorized_keys file. */
export interface KeyLine {
  /** As it stands in the file. */
  readonly text: string;
  /** Type and key, which make two lines the same key; undefined for comments and what is no key. */
  readonly key?: {
    readonly options: string;
    readonly type: string;
    readonly data: string;
    readonly comment: string;
  };
}

const TYPE =
  /^(ssh-(rsa|dss|ed25519)|ecdsa-sha2-nistp\d+|sk-(ssh-ed25519|ecdsa-sha2-nistp256)@openssh\.com)(-cert-v01@openssh\.com)?$/;

export function parseKeyLine(text: string): KeyLine {
  const line = text.trim();
  if (line === '' || line.startsWith('#')) return { text };
  const [options, rest] = TYPE.test(line.split(/\s+/)[0]!) ? ['', line] : splitOptions(line);
  const found = /^(\S+)\s+(\S+)(?:\s+(.*))?$/.exec(rest);
  if (!found || !TYPE.test(found[1]!)) return { text };
  return { text, key: { options, type: found[1]!, data: found[2]!, comment: found[3] ?? '' } };
}

export interface KeysWanted {
  readonly keys: readonly NonNullable<KeyLine['key']>[];
  readonly absent: boolean;
  readonly exclusive: boolean;
  /** Undefined: what the key line itself says. */
  readonly options: string | undefined;
  readonly comment: string | undefined;
}

/** The file's text when it is as wanted. Lines that need no change stay as they are, byte by byte. */
export function editKeys(text: string, wanted: KeysWanted): string {
  const lines = text === '' ? [] : text.replace(/\n$/, '').split('\n').map(parseKeyLine);
  const left = new Map(wanted.keys.map((key) => [`${key.type} ${key.data}`, key]));
  const kept: string[] = [];
  for (const line of lines) {
    const id = line.key && `${line.key.type} ${line.key.data}`;
    const match = id === undefined ? undefined : left.get(id);
    if (match === undefined) {
      if (!(wanted.exclusive && !wanted.absent && line.key)) kept.push(line.text);
      continue;
    }
    if (wanted.absent) continue;
    left.delete(id!);
    const better = format(match, wanted, line.key!.comment);
    kept.push(better.trim() === line.text.trim() ? line.text : better);
  }
  if (!wanted.absent) for (const key of left.values()) kept.push(format(key, wanted));
  return kept.length === 0 ? '' : `${kept.join('\n')}\n`;
}

function format(key: NonNullable<KeyLine['key']>, wanted: KeysWanted, old?: string): string {
  const options = wanted.options ?? key.options;
  const comment = wanted.comment ?? (key.comment || old || '');
  return [options, key.type, key.data, comment].filter((part) => part !== '').join(' ');
}
