import { read } from './files.ts';
import { LAB_DIR } from './paths.ts';
import { sleep } from './run.ts';

/**
 * The longest that the double waits for anything, in milliseconds. The real programs wait minutes (four for the
 * control plane, five for discovery); a lab is in a hurry. /etc/slipway-lab/timeout holds other seconds.
 */
export function patience(wanted: number): number {
  const seconds = Number(process.env['SLIPWAY_LAB_TIMEOUT'] ?? read(`${LAB_DIR}/timeout`) ?? 20);
  return Math.min(wanted, (Number.isFinite(seconds) ? seconds : 20) * 1000);
}

/** Asks again until the answer is there or the time is over. */
export async function poll<T>(
  milliseconds: number,
  ask: () => Promise<T | undefined> | T | undefined,
  pause = 100,
): Promise<T | undefined> {
  const end = Date.now() + milliseconds;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (Date.now() >= end) return undefined;
    await sleep(pause);
  }
}
