import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { bcrypt, bcryptFits } from '../../../src/modules/htpasswd/bcrypt.ts';
import { piWords } from '../../../src/modules/htpasswd/pi.ts';

it('pi', () => {
  const words = piWords(18 + 1024);
  expect([words[0], words[1], words[17], words[1041]]).toEqual([
    0x243f6a88, 0x85a308d3, 0x8979fb1b, 0x3ac372e6,
  ]);
});

describe('bcrypt', () => {
  // Published with John the Ripper and crypt_blowfish.
  it.each([
    ['U*U', '$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW'],
    ['U*U*', '$2a$05$CCCCCCCCCCCCCCCCCCCCC.VGOzA784oUp/Z0DY336zx7pLYAy0lwK'],
    ['U*U*U', '$2a$05$XXXXXXXXXXXXXXXXXXXXXOAcXxm9kjPGEMsLznoKqmqw7tc8WCx4a'],
    ['', '$2a$05$CCCCCCCCCCCCCCCCCCCCC.7uG0VCzI2bS7j6ymqJi9CdcdxiRTWNy'],
  ])('%j has its hash', (password, hash) => {
    expect(bcryptFits(password, hash)).toBe(true);
    expect(bcryptFits(`${password}x`, hash)).toBe(false);
  });

  it('a hash of our own fits its password only', () => {
    const made = bcrypt('a long one: geheim äöü', 4);
    expect(made).toMatch(/^\$2y\$04\$.{53}$/);
    expect(bcryptFits('a long one: geheim äöü', made)).toBe(true);
    expect(bcryptFits('a long one: geheim äö', made)).toBe(false);
    expect(bcrypt('x', 4)).not.toBe(bcrypt('x', 4));
  });

  it.each([
    '',
    'plain',
    '{SHA}xyz',
    '$apr1$a$b',
    '$2y$99$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW',
  ])('%j is no hash of ours', (hash) => expect(bcryptFits('plain', hash)).toBe(false));

  it('agrees with the crypt of this machine', () => {
    const script = 'print crypt($ARGV[0], $ARGV[1])';
    const ask = (password: string, salt: string) =>
      spawnSync('perl', ['-e', script, password, salt], { encoding: 'utf8' }).stdout ?? '';
    // Not every system's crypt knows it.
    if (!ask('a', '$2y$04$abcdefghijklmnopqrstuu').startsWith('$2y$')) return;
    for (const password of ['a', 'correct horse', 'ü'.repeat(30), 'x'.repeat(72)]) {
      const made = bcrypt(password, 4);
      expect(ask(password, made)).toBe(made);
    }
  });
});
