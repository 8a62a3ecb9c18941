import { lines, type Program, type Raw, raw, sh } from '../../module/program.ts';
import { setAttributes } from '../files/attributes.ts';
import { pathWord } from '../files/path.ts';
import type { Params } from './params.ts';

export interface Change {
  /** Undefined: only rights are put right. */
  readonly make: 'all' | 'certificate' | undefined;
}

/**
 * What is made is made beside its place, checked, and then renamed: the key first, since it alone is good for nothing. One
 * that is there already stays where it is, and gets its rights before anything is signed with it.
 */
export function apply({ make }: Change, p: Params): Program {
  const { owner, group } = p;
  const own = (word: string, mode: number) => setAttributes(raw(word), { mode, owner, group })!;
  if (make === undefined)
    return lines(sh`set -e`, own(pathWord(p.privatekey_path).raw, 0o600), own(pathWord(p.path).raw, 0o644));
  const key = raw(make === 'all' ? '"$tk"' : '"$k"');
  return lines(
    sh`
      set -e
      umask 077
      c=${pathWord(p.path)}; k=${pathWord(p.privatekey_path)}
      command -v openssl >/dev/null || { echo "there is no openssl on the host; install it first (apt: openssl)" >&2; exit 1; }
      for d in "\${c%/*}" "\${k%/*}"; do
        [ -d "$d/" ] || { echo "the directory $d does not exist; make it first (file: state=directory)" >&2; exit 1; }
      done
      try() { m=$("$@" 2>&1) || { printf '%s\n' "$m" >&2; exit 1; }; }
      tk=
      tc=$(mktemp "\${c%/*}/.slipway.XXXXXX"); tr=$(mktemp "\${k%/*}/.slipway.XXXXXX")
      trap 'rm -f "$tc" "$tk" "$tr" "$tr.csr"' 0; trap 'exit 1' 1 2 15
    `,
    make === 'all' && newKey(p.type),
    sh`printf %s ${configuration(p)} > "$tr"`,
    own(key.raw, 0o600),
    sign(p, key),
    own('"$tc"', 0o644),
    make === 'all' && sh`mv -f "$tk" "$k"`,
    sh`mv -f "$tc" "$c"`,
  );
}

function newKey(type: Params['type']): Program {
  const make =
    type === 'RSA'
      ? sh`try openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:3072 -out "$tk"`
      : sh`try openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$tk"`;
  return lines(sh`tk=$(mktemp "\${k%/*}/.slipway.XXXXXX")`, make);
}

function sign(p: Params, key: Raw): Program {
  const days = p.valid_days ?? 825;
  if (p.provider !== 'ownca')
    return sh`openssl req -x509 -new -sha256 -config "$tr" -extensions ext -key ${key} -days ${days} -out "$tc"`;
  return sh`
    openssl req -new -sha256 -config "$tr" -key ${key} -out "$tr.csr"
    try openssl x509 -req -sha256 -in "$tr.csr" -CA ${pathWord(p.ownca_path!)} -CAkey ${pathWord(p.ownca_privatekey_path!)} -set_serial "0x$(openssl rand -hex 16)" -days ${days} -extfile "$tr" -extensions ext -out "$tc"
    openssl verify -partial_chain -trusted ${pathWord(p.ownca_path!)} "$tc" >/dev/null
  `;
}

function configuration(p: Params): string {
  const names = p.subject_alt_name ?? [];
  const uses = p.is_ca
    ? ['basicConstraints = critical, CA:TRUE', 'keyUsage = critical, keyCertSign, cRLSign']
    : ['basicConstraints = critical, CA:FALSE', 'keyUsage = critical, digitalSignature, keyEncipherment'];
  return [
    '[req]',
    'distinguished_name = subject',
    'prompt = no',
    '[subject]',
    `CN = ${p.common_name}`,
    '[ext]',
    ...uses,
    ...(p.is_ca ? [] : ['extendedKeyUsage = serverAuth, clientAuth']),
    'subjectKeyIdentifier = hash',
    ...(names.length > 0 ? [`subjectAltName = ${names.join(', ')}`] : []),
    '',
  ].join('\n');
}
