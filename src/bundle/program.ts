import { execFile } from 'node:child_process';
import { SlipwayError } from '../base/errors.ts';

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program of this machine. @throws {SlipwayError} bundle.failed where there is no such program */
export function program(
  name: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const options = { maxBuffer: 64e6, env: { ...process.env, LC_ALL: 'C', ...env } };
    execFile(name, [...args], options, (error, stdout, stderr) => {
      if (error !== null && error.code === 'ENOENT')
        reject(
          new SlipwayError('bundle.failed', `there is no \`${name}\` on this machine`, {
            hint: 'A bundle is made where Docker (for images) and apt-get (for packages) are.',
          }),
        );
      else resolve({ code: typeof error?.code === 'number' ? error.code : error ? 1 : 0, stdout, stderr });
    });
  });
}

/** What a failed program said last. */
export const lastWords = ({ stderr, stdout }: Ran) =>
  `${stdout}\n${stderr}`
    .trim()
    .split('\n')
    .filter((line) => /^E: |error|denied|not found|no such|refused/i.test(line))
    .slice(-3)
    .join(' ') || stderr.trim().split('\n').slice(-1).join('');
