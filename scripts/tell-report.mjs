// `node scripts/tell-report.mjs FILE`: the numbers of a vitest JSON report ("passed failed skipped") on stdout; on stderr
// each failure with its message, and the files that took longest.
import { readFileSync } from 'node:fs';
import path from 'node:path';

const LINES_OF_A_MESSAGE = 14;

const report = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const nameOf = (file) => path.relative(process.cwd(), file.name);

for (const file of report.testResults) {
  for (const test of file.assertionResults)
    if (test.status === 'failed')
      tell(`${nameOf(file)} > ${test.fullName}`, (test.failureMessages ?? []).join('\n'));
  if (file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'))
    tell(nameOf(file), file.message ?? '');
}

const slow = report.testResults
  .map((file) => ({ name: nameOf(file), seconds: Math.round((file.endTime - file.startTime) / 1000) }))
  .filter(({ seconds }) => seconds >= 20)
  .sort((a, b) => b.seconds - a.seconds);
if (slow.length > 0)
  console.error(`longest: ${slow.map(({ name, seconds }) => `${name} ${seconds}s`).join(', ')}`);

console.log(
  report.numPassedTests ?? 0,
  report.numFailedTests ?? 0,
  (report.numPendingTests ?? 0) + (report.numTodoTests ?? 0),
);

function tell(title, message) {
  const lines = message.split('\n').slice(0, LINES_OF_A_MESSAGE);
  console.error([`FAILED: ${title}`, ...lines.map((line) => `    ${line.slice(0, 300)}`)].join('\n'));
}
