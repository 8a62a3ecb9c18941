import { createPublicKey, X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { humanDuration, goDuration } from '../../../src/lab/double/host/text.ts';
import { find, jsonpath } from '../../../src/lab/double/kubectl/jsonpath.ts';
import { jsonPatch, strategic, threeWay } from '../../../src/lab/double/kube/merge.ts';
import { matchesText } from '../../../src/lab/double/kube/selectors.ts';
import { newKey } from '../../../src/lab/double/pki/keys.ts';
import {
  createCertificate,
  createSigningRequest,
  readSigningRequest,
  subjectOf,
} from '../../../src/lab/double/pki/x509.ts';

describe('certificates', () => {
  it('are what any reader of X.509 takes them for', async () => {
    const [ca, leaf] = await Promise.all([newKey(), newKey()]);
    const subject = { commonName: 'kubernetes' };
    const root = createCertificate({
      subject,
      publicKey: createPublicKey(ca),
      issuer: { subject, key: ca },
      days: 3650,
      authority: true,
    });
    const cert = createCertificate({
      subject: { commonName: 'kube-apiserver', organizations: ['a', 'b'] },
      publicKey: createPublicKey(leaf),
      issuer: { subject, key: ca },
      days: 365,
      usages: ['server'],
      names: ['kubernetes', '10.96.0.1', '::1'],
    });
    const [parsedRoot, parsed] = [new X509Certificate(root), new X509Certificate(cert)];
    expect(parsedRoot.ca).toBe(true);
    expect(parsed.verify(parsedRoot.publicKey)).toBe(true);
    expect(parsed.checkIssued(parsedRoot)).toBe(true);
    expect(parsed.checkHost('kubernetes')).toBe('kubernetes');
    expect(parsed.checkIP('10.96.0.1')).toBe('10.96.0.1');
    expect(parsed.checkIP('::1')).toBe('::1');
    expect(parsed.checkIP('10.96.0.2')).toBeUndefined();
    expect(subjectOf(cert)).toEqual({ commonName: 'kube-apiserver', organizations: ['a', 'b'] });
    const request = createSigningRequest(
      { commonName: 'system:node:n', organizations: ['system:nodes'] },
      leaf,
    );
    expect(readSigningRequest(request)?.subject).toEqual({
      commonName: 'system:node:n',
      organizations: ['system:nodes'],
    });
    expect(readSigningRequest('nonsense')).toBeUndefined();
  });
});

describe('jsonpath', () => {
  const value = {
    items: [
      { n: 'a', ok: true, tags: ['x', 'y'] },
      { n: 'b', ok: false, 'k.v/w': 1 },
    ],
  };
  it.each([
    ['{.items[*].n}', 'a b'],
    ['.items[0].tags[-1]', 'y'],
    ['{.items[?(@.ok==true)].n}', 'a'],
    ['{.items[?(@.n!="a")].n}', 'b'],
    [String.raw`{.items[1].k\.v/w}`, '1'],
    [String.raw`{.items[1]['k.v/w']}`, '1'],
    ['{range .items[*]}{.n}{":"}{.ok}{"\\n"}{end}', 'a:true\nb:false\n'],
    ['{..n}', 'a b'],
    ['{.items[0].tags}', '["x","y"]'],
    ['{.nothing}', ''],
  ])('%s', (template, expected) => {
    expect(jsonpath(value, template)).toBe(expected);
  });
  it('finds nothing in nothing', () => expect(find(undefined, '.a.b')).toEqual([]));
});

describe('merges', () => {
  it('keep what only the server knows and drop what was applied and is gone', () => {
    const live = { a: 1, b: 2, server: true, list: [{ name: 'x', image: 'old', added: 1 }] };
    const wanted = { a: 5, list: [{ name: 'x', image: 'new' }] };
    expect(threeWay(live, wanted, { a: 1, b: 2 })).toEqual({
      a: 5,
      server: true,
      list: [{ name: 'x', image: 'new', added: 1 }],
    });
  });
  it('patch lists by name, and by position', () => {
    expect(strategic({ c: [{ name: 'a', v: 1 }, { name: 'b' }] }, { c: [{ name: 'a', v: 2 }] })).toEqual({
      c: [{ name: 'b' }, { name: 'a', v: 2 }],
    });
    expect(
      jsonPatch({ a: { 'b/c': 1 }, l: [1] }, [
        { op: 'remove', path: '/a/b~1c' },
        { op: 'add', path: '/l/-', value: 2 },
      ]),
    ).toEqual({ a: {}, l: [1, 2] });
  });
});

it.each([
  ['app=web', true],
  ['app!=web', false],
  ['app in (db, web),tier', true],
  ['app notin (web)', false],
  ['!gone', true],
  ['gone', false],
])('selector %s', (selector, expected) => {
  expect(matchesText({ app: 'web', tier: 'front' }, selector)).toBe(expected);
});

it('writes and reads durations', () => {
  const of = (seconds: number) => humanDuration(seconds * 1000);
  expect([of(5), of(119), of(125), of(601), of(7300), of(90_000), of(200_000)]).toEqual([
    '5s',
    '119s',
    '2m5s',
    '10m',
    '121m',
    '25h',
    '2d7h',
  ]);
  expect([goDuration('24h0m0s'), goDuration('0'), goDuration('90s'), goDuration('soon')]).toEqual([
    86_400_000,
    0,
    90_000,
    undefined,
  ]);
});
