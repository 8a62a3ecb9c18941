import { spawnSync } from 'node:child_process';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Bcrypt, loadBcrypt } from '../../../src/modules/htpasswd/bcrypt.ts';

let bcrypt: Bcrypt;
beforeAll(async () => {
  bcrypt = await loadBcrypt(4);
});

describe('bcrypt', () => {
  // Published with John the Ripper and crypt_blowfish.
  it.each([
    ['U*U', '$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW'],
    ['U*U*', '$2a$05$CCCCCCCCCCCCCCCCCCCCC.VGOzA784oUp/Z0DY336zx7pLYAy0lwK'],
    ['U*U*U', '$2a$05$XXXXXXXXXXXXXXXXXXXXXOAcXxm9kjPGEMsLznoKqmqw7tc8WCx4a'],
    ['', '$2a$05$CCCCCCCCCCCCCCCCCCCCC.7uG0VCzI2bS7j6ymqJi9CdcdxiRTWNy'],
  ])('%j has its hash', (password, hash) => {
    expect(bcrypt.fits(password, hash)).toBe(true);
    expect(bcrypt.fits(`${password}x`, hash)).toBe(false);
  });

  it('a hash of our own fits its password only', () => {
    const made = bcrypt.hash('a long one: geheim äöü');
    expect(made).toMatch(/^\$2y\$04\$.{53}$/);
    expect(bcrypt.fits('a long one: geheim äöü', made)).toBe(true);
    expect(bcrypt.fits('a long one: geheim äö', made)).toBe(false);
    expect(bcrypt.hash('x')).not.toBe(bcrypt.hash('x'));
  });

  it.each([
    '',
    'plain',
    '{SHA}xyz',
    '$apr1$a$b',
    '$2y$99$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW',
  ])('%j is no hash of ours', (hash) => expect(bcrypt.fits('plain', hash)).toBe(false));

  it('agrees with the crypt of this machine', () => {
    const script = 'print crypt($ARGV[0], $ARGV[1])';
    const ask = (password: string, salt: string) =>
      spawnSync('perl', ['-e', script, password, salt], { encoding: 'utf8' }).stdout ?? '';
    // Not every system's crypt knows it.
    if (!ask('a', '$2y$04$abcdefghijklmnopqrstuu').startsWith('$2y$')) return;
    for (const password of ['a', 'correct horse', 'ü'.repeat(30), 'x'.repeat(72)]) {
      const made = bcrypt.hash(password);
      expect(ask(password, made)).toBe(made);
    }
  });
});
