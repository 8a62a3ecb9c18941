import { expect, test } from 'vitest';
import { createMeter } from '../../src/base/meter.ts';

test('a meter tells bytes, percent, rate and what is left', () => {
  let time = 0;
  const meter = createMeter(80_000_000, () => time);
  time = 1000;
  expect(meter.at(10_000_000)).toEqual({
    text: '10.0 MB of 80.0 MB, 12 %, 10.0 MB/s, 7 s left',
    fraction: 0.125,
  });
  time = 1100;
  expect(meter.at(11_000_000)).toBeUndefined();
  // The rate is that of the last seconds, not of the whole way.
  for (time = 2000; time <= 10_000; time += 1000) meter.at(20_000_000 + time * 1000);
  time = 11_000;
  expect(meter.at(31_000_000)?.text).toBe('31.0 MB of 80.0 MB, 38 %, 1.0 MB/s, 49 s left');
  expect(meter.at(80_000_000)?.text).toContain('80.0 MB of 80.0 MB, 100 %');
});

test('nothing at all is done at once', () => {
  expect(createMeter(0, () => 0).at(0)).toEqual({ text: '0 B of 0 B', fraction: 1 });
});

test('what comes behind the end is told as seldom as all else', () => {
  let time = 0;
  const meter = createMeter(100, () => time);
  time = 1000;
  expect(meter.at(100)).toBeDefined();
  time = 1001;
  expect(meter.at(120)).toBeUndefined();
  time = 1500;
  expect(meter.at(130)?.fraction).toBe(1);
});
