// A reporter for vitest: names each test that passed only when it was tried again. Lines go to the file SLIPWAY_TOLD.
import { appendFileSync } from 'node:fs';

export default class SecondTry {
  onTestCaseResult(test) {
    const { flaky, retryCount } = test.diagnostic() ?? {};
    if (!flaky) return;
    const first = test.result().errors?.[0]?.message ?? '';
    const file = test.module.relativeModuleId;
    const lines = [
      `NOT AT ONCE: ${file} > ${test.fullName} (tries: ${retryCount + 1})`,
      `    ${first.slice(0, 600)}`,
    ];
    console.error(lines.join('\n'));
    if (process.env.SLIPWAY_TOLD) appendFileSync(process.env.SLIPWAY_TOLD, `${lines.join('\n')}\n`);
  }
}
