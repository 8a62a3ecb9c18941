// A reporter for vitest: what failed, with what was expected and what came, and what passed only when it was tried
// again. Lines go to stderr and to the file SLIPWAY_TOLD, which .ci/run prints at its end.
import { appendFileSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';

const LINES = 40;

export default class Outcomes {
  onTestCaseResult(test) {
    const { flaky, retryCount } = test.diagnostic() ?? {};
    const { state, errors } = test.result();
    const title = `${test.module.relativeModuleId} > ${test.fullName}`;
    if (state === 'failed') tell(`FAILED: ${title}`, errors);
    else if (flaky) tell(`NOT AT ONCE: ${title} (tries: ${retryCount + 1})`, errors?.slice(0, 1));
  }

  onTestModuleEnd(module) {
    const errors = module.errors();
    if (errors.length > 0) tell(`FAILED: ${module.relativeModuleId}`, errors);
    for (const suite of module.children.allSuites())
      if (suite.errors().length > 0)
        tell(`FAILED: ${module.relativeModuleId} > ${suite.fullName}`, suite.errors());
  }
}

function tell(title, errors = []) {
  const lines = errors.flatMap(({ message, diff, stack }) =>
    stripVTControlCharacters([message, diff ?? '', firstPlace(stack)].filter(Boolean).join('\n'))
      .split('\n')
      .slice(0, LINES)
      .map((line) => `    ${line.slice(0, 400)}`),
  );
  const text = [title, ...lines].join('\n');
  console.error(text);
  if (process.env.SLIPWAY_TOLD) appendFileSync(process.env.SLIPWAY_TOLD, `${text}\n`);
}

/** The first place of a stack that is in a file of tests. */
function firstPlace(stack = '') {
  return (
    stack
      .split('\n')
      .find((line) => line.includes('/test/'))
      ?.trim() ?? ''
  );
}
