// `node scripts/tell-report.mjs FILE`: the numbers of a vitest JSON report ("passed failed skipped") on stdout; on stderr
// the files that took longest.
import { readFileSync } from 'node:fs';
import path from 'node:path';

const report = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const nameOf = (file) => path.relative(process.cwd(), file.name);

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
