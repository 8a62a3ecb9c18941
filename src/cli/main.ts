import { CommanderError } from 'commander';
import { SlipwayError, SlipwayErrors } from '../base/errors.ts';
import { formatThrown } from '../base/frame.ts';
import { watchOutput } from './closed-output.ts';
import { createProgram } from './program.ts';

/** 0 ok, 1 a fault of ours, 2 a host failed, 3 the input is wrong, 4 a host unreachable, 99 interrupted. */
export async function main(argv: readonly string[]): Promise<number> {
  watchOutput();
  let code = 0;
  const program = createProgram((exit) => {
    code = exit;
  });
  try {
    await program.parseAsync([...argv]);
    return code;
  } catch (thrown) {
    if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? 0 : 3;
    process.stderr.write(`${formatThrown(thrown)}\n`);
    return isOurs(thrown) ? 1 : 3;
  }
}

function isOurs(thrown: unknown): boolean {
  if (thrown instanceof SlipwayErrors) return thrown.errors.some((error) => error.code === 'internal');
  return !(thrown instanceof SlipwayError) || thrown.code === 'internal';
}
