import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Secrets } from '../../src/base/secrets.ts';

const M = Secrets.MASK;
function redact(secret: unknown, text: string): string {
  const secrets = new Secrets();
  secrets.add(secret);
  return secrets.redact(text);
}
const b64 = (text: string) => Buffer.from(text).toString('base64');

describe('secrets', () => {
  it.each([
    ['as they are', "token=s3cr/t'x y!"],
    ['in base64', b64("s3cr/t'x y!")],
    ['in base64 with a line break at the end', b64("s3cr/t'x y!\n")],
    ['in hex', Buffer.from("s3cr/t'x y!").toString('hex')],
    ['in HEX', Buffer.from("s3cr/t'x y!").toString('hex').toUpperCase()],
    ['in a URL', `https://u:${encodeURIComponent("s3cr/t'x y!")}@h`],
    ['in a form', `pw=${encodeURIComponent("s3cr/t'x y!").replaceAll('%20', '+')}`],
    ['in JSON', JSON.stringify({ a: "s3cr/t'x y!" })],
    ['quoted for a shell', `'s3cr/t'\\''x y!'`],
    ['quoted for YAML', `'s3cr/t''x y!'`],
  ])('are hidden %s', (_, text) => {
    const hidden = redact("s3cr/t'x y!", text);
    expect(hidden).toContain(M);
    expect(hidden).not.toMatch(/s3cr|x y!|Q3IvdCd4I|72637/i);
  });

  it('are hidden inside other base64, at any offset', () => {
    for (const before of ['', 'u', 'ur', 'usr', 'user:']) {
      const hidden = redact('correct-horse-battery', `Basic ${b64(`${before}correct-horse-battery:x`)}`);
      expect(hidden).toContain(M);
      expect(Buffer.from(hidden.replaceAll(M, '').split(' ').at(-1)!, 'base64').toString()).not.toMatch(
        /orse|atter/,
      );
    }
  });

  it('are hidden without the white space around them', () =>
    expect(redact('  hunter22\n', 'pw hunter22')).toBe(`pw ${M}`));
  it('of several lines are hidden line by line', () =>
    expect(
      redact('-----BEGIN KEY-----\nabcdefghijklmnopqrst\n-----END KEY-----\n', 'x abcdefghijklmnopqrst'),
    ).toBe(`x ${M}`));
  it('may be numbers, and stand deep in data', () => {
    expect(redact({ a: [{ pin: 836_251 }] }, 'pin 836251')).toBe(`pin ${M}`);
    expect(redact(true, 'true')).toBe('true');
  });
  it('that are too short would hide half of every screen', () => expect(redact('abc', 'abc')).toBe('abc'));
  it('are hidden the longest first', () => {
    const secrets = new Secrets();
    secrets.add(['pass', 'password1']);
    expect(secrets.redact('password1 pass')).toBe(`${M} ${M}`);
  });
  it('can be added later', () => {
    const secrets = new Secrets();
    secrets.add('first-one');
    expect(secrets.redact('second-one')).toBe('second-one');
    secrets.add('second-one');
    expect(secrets.redact('first-one second-one')).toBe(`${M} ${M}`);
  });
  it('are hidden in data, whose shape stays', () => {
    const secrets = new Secrets();
    secrets.add('hunter22');
    const bare = Object.assign(Object.create(null) as object, { a: 'hunter22' });
    const data = { a: ['x hunter22', 5, null], b: { c: 'hunter22' }, bare, __proto__: null };
    expect(secrets.redactData(data)).toEqual({ a: [`x ${M}`, 5, null], b: { c: M }, bare: { a: M } });
    expect(data.a[0]).toBe('x hunter22');
  });
  it('of any kind are hidden and break nothing', () =>
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 4 }), fc.string(), (secret, around) => {
        const hidden = redact(secret, `${around}${secret}${around}`);
        const word = secret.trim();
        if (word.length >= Secrets.SHORTEST && !M.includes(word) && !around.includes(word))
          return hidden.includes(M);
        return true;
      }),
    ));
});
