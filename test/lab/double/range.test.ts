import { describe, expect, it } from 'vitest';
import { freePart, nthAddress } from '../../../src/lab/double/host/range.ts';

describe('addresses of a range', () => {
  it.each([
    ['10.96.0.0/12', 1, '10.96.0.1'],
    ['10.96.0.250/12', 10, '10.96.1.4'],
    ['10.96.0.0/12,fd00::/112', 10, '10.96.0.10'],
    ['fd00:10:96::/112', 10, 'fd00:10:96::a'],
    ['::/112', 1, '::1'],
    ['fd00:1:0:0:2:0:0:0/112', 3, 'fd00:1::2:0:0:3'],
  ])('%s, %i places on: %s', (range, n, address) => {
    expect(nthAddress(range, n)).toBe(address);
  });

  it('each node gets a part that no other has', () => {
    expect(freePart('10.244.0.0/16', new Set(['10.244.0.0/24']))).toBe('10.244.1.0/24');
    expect(freePart('fd00:10:244::/56', new Set(['fd00:10:244::/64']))).toBe('fd00:10:244:1::/64');
    expect(freePart('10.244.0.0/24', new Set(['10.244.0.0/24']))).toBeUndefined();
  });
});
