import { expect, test } from 'vitest';
import { createLayerMeter } from '../../../src/modules/docker/engine/layer-meter.ts';

test('the layers of an image are one thing, with bytes, rate and time', () => {
  let time = 0;
  const meter = createLayerMeter(() => time);
  const at = (status: string, id: string, current: number, total = 40_000_000) => {
    time += 500;
    return meter.at({ status, id, progressDetail: { current, total } })?.text;
  };
  expect(meter.at({ status: 'Pulling from team/box' })?.text).toBe('Pulling from team/box');
  expect(meter.at({ stream: 'Step 1/2 : FROM a\n' })).toBeUndefined();
  time = 300;
  expect(meter.at({ stream: ' ---> Running in 1\nhello\n' })?.text).toBe('hello');
  expect(at('Downloading', 'a', 4_000_000)).toContain('4.0 MB of 40.0 MB, 10 %');
  expect(at('Downloading', 'b', 6_000_000)).toContain('10.0 MB of 80.0 MB, 12 %');
  // Unpacking is no second download.
  expect(at('Extracting', 'a', 1_000_000)).toBeUndefined();
  expect(at('Downloading', 'a', 40_000_000)).toMatch(
    /^46\.0 MB of 80\.0 MB, 57 %, [\d.]+ MB\/s, \d+ s left$/,
  );
});
