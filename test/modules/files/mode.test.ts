import { describe, expect, it } from 'vitest';
import { octal, resolveMode } from '../../../src/modules/files/mode.ts';

describe('resolveMode', () => {
  it.each([
    ['0644', 0, false, '0644'],
    ['755', 0, false, '0755'],
    ['0o600', 0, false, '0600'],
    ['1777', 0, true, '1777'],
    ['u=rw,g=r,o=', 0o777, false, '0640'],
    ['u=rwX,go=rX', 0o600, false, '0644'],
    ['u=rwX,go=rX', 0o700, false, '0755'],
    ['u=rwX,go=rX', 0o600, true, '0755'],
    ['+x', 0o644, false, '0755'],
    ['a+w', 0o644, false, '0666'],
    ['+w', 0o444, false, '0644'],
    ['go-rwx', 0o755, false, '0700'],
    ['u+s,g+s,+t', 0o755, false, '7755'],
    ['u=rwx', 0o4755, false, '0755'],
    ['u=rwx', 0o2755, true, '2755'],
    ['g=u', 0o700, false, '0770'],
    ['o=g', 0o750, false, '0755'],
    ['u+r-w', 0o200, false, '0400'],
  ])('%s on %o (directory: %s) is %s', (mode, current, directory, expected) => {
    expect(octal(resolveMode(mode, current, directory))).toBe(expected);
  });

  it('shows the quoted form for a number', () => {
    expect(() => resolveMode(644, 0, false)).toThrow(
      expect.objectContaining({ hint: expect.stringContaining("'0644'") }),
    );
  });

  it.each(['rw', 'u=q', '0888', '', 'x+u'])('rejects %j', (mode) => {
    expect(() => resolveMode(mode, 0, false)).toThrow(
      expect.objectContaining({ code: 'schema.invalid-value' }),
    );
  });
});
