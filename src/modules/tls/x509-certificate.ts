import { Type } from 'typebox';
import { SlipwayError } from '../../base/errors.ts';
import {
  change,
  defineState,
  type Difference,
  impossible,
  same,
  type Verdict,
} from '../../module/contract.ts';
import { type Effect, type Outlook, Unclear } from '../../module/outlook.ts';
import { compareAttributes } from '../files/attributes.ts';
import {
  becomes,
  type ExpectedPath,
  foreseePath,
  isSet,
  NOTHING,
  pathSubject,
  stateAfter,
} from '../files/expected.ts';
import type { Stat } from '../files/path-state.ts';
import { apply, type Change } from './apply.ts';
import { type Params, params } from './params.ts';
import { type Certificate, type Current, probe, read, sameName, withKind } from './probe.ts';

export const x509Certificate = defineState({
  name: 'x509_certificate',
  summary: 'A certificate and its key, made on the host with openssl and renewed before it ends.',
  description: `
What \`openssl_privatekey\`, \`openssl_csr\` and \`x509_certificate\` of \`community.crypto\` do together, for a certificate that
signs itself or that a CA on the same host signs. The key never leaves the host. A certificate is made anew where its
names differ, where it is not that of its key or of its CA, and before it ends; the key stays.
`,
  params,
  returns: Type.Object({
    path: Type.String({ description: 'The certificate.' }),
    privatekey_path: Type.String({ description: 'Its key.' }),
    not_after: Type.Optional(Type.String({ description: 'Until when it is valid.' })),
  }),
  elsewhere: {
    csr_path: 'Name the subject here: `common_name` and `subject_alt_name`.',
    selfsigned_not_after: 'Write `valid_days`.',
    ownca_not_after: 'Write `valid_days`.',
  },
  examples: [
    {
      title: 'a CA of our own, and a server that it vouches for',
      given: 'mkdir -p /srv/slipway-tls',
      yaml: `
        - x509_certificate:
            path: /srv/slipway-tls/ca.crt
            privatekey_path: /srv/slipway-tls/ca.key
            common_name: CA of the lab
            is_ca: true
            valid_days: 3650
          become: true
        - x509_certificate:
            path: /srv/slipway-tls/server.crt
            privatekey_path: /srv/slipway-tls/server.key
            common_name: registry.lan
            subject_alt_name: [registry.lan, 10.0.0.5]
            provider: ownca
            ownca_path: /srv/slipway-tls/ca.crt
            ownca_privatekey_path: /srv/slipway-tls/ca.key
          become: true
      `,
    },
  ],

  prepare: (p): Params => {
    const own = p.ownca_path !== undefined && p.ownca_privatekey_path !== undefined;
    if (p.provider === 'ownca' && !own)
      throw new SlipwayError('task.invalid', 'provider is ownca, and nothing says which CA', {
        hint: 'Give ownca_path and ownca_privatekey_path.',
      });
    if ((p.renew_days ?? 30) >= (p.valid_days ?? 825))
      throw new SlipwayError(
        'task.invalid',
        `renew_days is ${p.renew_days ?? 30} and valid_days ${p.valid_days ?? 825}: it would be renewed each time`,
      );
    return { ...p, subject_alt_name: (p.subject_alt_name ?? []).map(withKind) };
  },
  probe,
  read,
  compare,
  apply,

  touches: (p) => [pathSubject(p.path), pathSubject(p.privatekey_path)],
  reads: (p) => (p.provider === 'ownca' ? [pathSubject(p.ownca_path!)] : []),
  foresee,
  effects: ({ make }, current, p, doer): Effect[] => {
    const made = (mode: string, there?: Stat) => {
      const before = { ...NOTHING, own: there, real: there };
      return stateAfter(before, { type: 'file', attributes: { owner: p.owner, group: p.group, mode } }, doer);
    };
    const [certificate, key] = [made('0644', current.certificate?.stat), made('0600', current.key)];
    if (make === undefined) return [isSet(p.path, certificate), isSet(p.privatekey_path, key)];
    // What is in them is made up only then.
    return [becomes(p.path, certificate), (make === 'all' ? becomes : isSet)(p.privatekey_path, key)];
  },
  result: (current, p) => ({
    path: p.path,
    privatekey_path: p.privatekey_path,
    ...(current.certificate && { not_after: current.certificate.until }),
  }),
  forecast: (_, __, p) => ({ path: p.path, privatekey_path: p.privatekey_path }),
});

function compare(current: Current, p: Params): Verdict<Change> {
  const { certificate, key } = current;
  const after = `${p.common_name}${namesOf(p)}, valid for ${p.valid_days ?? 825} days`;
  const keyRights = key
    ? compareAttributes(p.privatekey_path, key, { mode: '0600', owner: p.owner, group: p.group })
    : [];
  const make = (why: string, what: Change['make'], before?: string): Verdict<Change> =>
    change(why, [{ subject: p.path, ...(before !== undefined && { before }), after }, ...keyRights], {
      make: what,
    });
  if (key && !current.keyReadable)
    return impossible(
      `${p.privatekey_path} may not be read by this user`,
      'Set `become: true` for the task.',
    );
  if (!key) return make(`${p.privatekey_path} is not there`, 'all', certificate && shown(certificate));
  if (current.there && !current.tool)
    return impossible(
      'there is no openssl on the host to look with',
      'Install it first: apt: {name: openssl}.',
    );
  if (!certificate)
    return make(current.there ? `${p.path} is no certificate` : `${p.path} is not there`, 'certificate');
  const why = wrongWith(certificate, p);
  if (why !== undefined) return make(`${p.path} ${why}`, 'certificate', shown(certificate));
  const rights: Difference[] = [
    ...keyRights,
    ...compareAttributes(p.path, certificate.stat, { mode: '0644', owner: p.owner, group: p.group }),
  ];
  if (rights.length === 0) return same(`${p.path} is valid until ${certificate.until}`);
  const told = rights.map(({ subject, before }) => `${subject} is ${before}`).join(', ');
  return change(told, rights, { make: undefined });
}

const namesOf = (p: Params) =>
  p.subject_alt_name && p.subject_alt_name.length > 0 ? ` (${p.subject_alt_name.join(', ')})` : '';

function shown({ subject, names, until }: Certificate): string {
  return `${subject.replace(/^CN ?= ?/, '')}${names.length > 0 ? ` (${names.join(', ')})` : ''}, valid until ${until}`;
}

/** Why it has to be made anew; completes "/etc/x.crt ...". */
function wrongWith(found: Certificate, p: Params): string | undefined {
  const name = found.subject.replace(/^CN ?= ?/, '');
  if (name !== p.common_name) return `is that of ${name}`;
  const listed = (names: readonly string[]) => names.map(sameName).sort().join();
  const wanted = p.subject_alt_name ?? [];
  if (listed(found.names) !== listed(wanted)) return `is good for ${found.names.join(', ') || 'no name'}`;
  if (found.isCa !== (p.is_ca ?? false)) return found.isCa ? 'is that of a CA' : 'is not that of a CA';
  if (!found.fits) return `is not that of ${p.privatekey_path}`;
  if (!found.signed) return `is not signed by ${p.provider === 'ownca' ? p.ownca_path : 'its own key'}`;
  if (found.ends) return `ends on ${found.until}`;
  return undefined;
}

/** Where neither is there, now and then, it is known what happens; else what openssl would say then is not. */
function foresee(current: Current, p: Params, outlook: Outlook): Current | Unclear {
  for (const path of [p.path, p.privatekey_path]) {
    const then = outlook.concerning([pathSubject(path)]);
    if (!then) continue;
    const there = path === p.path ? current.there : current.key !== undefined;
    const seen = there ? undefined : foreseePath(path, { ...NOTHING }, outlook, { replaces: true });
    if (seen === undefined) return new Unclear(then.by);
    if (seen instanceof Unclear) return seen;
    if (seen.own) return new Unclear(then.by);
  }
  const ca = p.provider === 'ownca' ? outlook.concerning([pathSubject(p.ownca_path!)]) : undefined;
  const goes = ca?.state !== undefined && (ca.state as ExpectedPath).state.own === undefined;
  return ca && (current.there || goes) ? new Unclear(ca.by) : current;
}
