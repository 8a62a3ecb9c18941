import { isIP } from 'node:net';
import { lines, type Program, sh } from '../../module/program.ts';
import type { Output } from '../../transport/types.ts';
import { pathWord } from '../files/path.ts';
import { STAT } from '../files/probe-path.ts';
import { type Stat, statOf } from '../files/path-state.ts';
import type { Params } from './params.ts';

export interface Certificate {
  readonly stat: Stat;
  /** `CN = registry.lan`, as openssl writes it. */
  readonly subject: string;
  /** `DNS:a`, `IP:10.0.0.5`. */
  readonly names: readonly string[];
  readonly isCa: boolean;
  /** As openssl writes it: `Mar  1 12:00:00 2029 GMT`. */
  readonly until: string;
  /** It ends within `renew_days`, by the clock of the host. */
  readonly ends: boolean;
  /** It is that of the key beside it. */
  readonly fits: boolean;
  /** The CA, or its own key, signed it. */
  readonly signed: boolean;
}

export interface Current {
  /** False where there is no openssl to ask. */
  readonly tool: boolean;
  readonly key: Stat | undefined;
  readonly keyReadable: boolean;
  /** Undefined where none is, or none that could be read. */
  readonly certificate: Certificate | undefined;
  /** Something is at its path. */
  readonly there: boolean;
}

const DAY = 86_400;

/** Read-only sh; where nothing is there it starts nothing but `command`. */
export function probe(p: Params): Program {
  // A CA may be signed by another that is not here; a certificate is no CA of itself unless it signed itself.
  const trusted =
    p.provider === 'ownca' ? sh`-partial_chain -trusted ${pathWord(p.ownca_path!)}` : sh`-trusted "$c"`;
  return lines(
    sh`
      c=${pathWord(p.path)}; k=${pathWord(p.privatekey_path)}
      command -v openssl >/dev/null && echo tool
      if [ -f "$k" ]; then echo "key $(stat -L -c ${STAT} "$k")"; [ -r "$k" ] && echo readable; fi
      if [ -f "$c" ]; then
        echo "file $(stat -L -c ${STAT} "$c")"
        openssl x509 -in "$c" -noout -subject -enddate -ext subjectAltName,basicConstraints -checkend ${(p.renew_days ?? 30) * DAY} 2>/dev/null
        if [ -r "$k" ]; then
          a=$(openssl x509 -in "$c" -noout -pubkey 2>/dev/null); b=$(openssl pkey -in "$k" -pubout 2>/dev/null)
          [ -n "$a" ] && [ "$a" = "$b" ] && echo fits
        fi
    `,
    sh`openssl verify -no_check_time ${trusted} "$c" >/dev/null 2>&1 && echo signed`,
    sh`
      fi
      :
    `,
  );
}

export function read({ stdout }: Output): Current {
  const rows = stdout.split('\n').map((row) => row.trim());
  const value = (start: string) => rows.find((row) => row.startsWith(start))?.slice(start.length);
  const stat = statOf(value('file '));
  const subject = value('subject=');
  const certificate: Certificate | undefined =
    stat && subject !== undefined
      ? {
          stat,
          subject: subject.trim(),
          names: namesOf(rows),
          isCa: rows.some((row) => row.startsWith('CA:TRUE')),
          until: value('notAfter=') ?? '',
          ends: !rows.includes('Certificate will not expire'),
          fits: rows.includes('fits'),
          signed: rows.includes('signed'),
        }
      : undefined;
  return {
    tool: rows.includes('tool'),
    key: statOf(value('key ')),
    keyReadable: rows.includes('readable'),
    certificate,
    there: stat !== undefined,
  };
}

function namesOf(rows: readonly string[]): string[] {
  const at = rows.findIndex((row) => row.startsWith('X509v3 Subject Alternative Name'));
  if (at === -1) return [];
  return rows[at + 1]!.split(', ').map((name) => name.replace(/^IP Address:/, 'IP:'));
}

/** `DNS:` or `IP:` before a name that has no kind. */
export function withKind(name: string): string {
  if (/^(DNS|IP|URI|email):/.test(name)) return name;
  return `${isIP(name) === 0 ? 'DNS' : 'IP'}:${name}`;
}

/** An address as openssl writes it: that of IPv6 in full, in capitals. */
export function sameName(name: string): string {
  const [, kind, text] = /^(\w+):(.*)$/.exec(name) ?? [];
  if (kind !== 'IP' || !text?.includes(':')) return kind === 'DNS' ? `DNS:${text?.toLowerCase()}` : name;
  const [front = '', back] = text.split('::');
  const groups = (part: string | undefined) => (part ? part.split(':') : []);
  const missing = 8 - groups(front).length - groups(back).length;
  const all = [
    ...groups(front),
    ...Array.from({ length: back === undefined ? 0 : missing }, () => '0'),
    ...groups(back),
  ];
  return `IP:${all.map((group) => (Number.parseInt(group, 16) || 0).toString(16).toUpperCase()).join(':')}`;
}
