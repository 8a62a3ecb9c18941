import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';

/** Asks the person at the terminal (on stderr, so that stdout stays clean); undefined when there is none. */
export async function ask(
  question: string,
  options: { readonly secret?: boolean } = {},
): Promise<string | undefined> {
  if (!process.stdin.isTTY) return undefined;
  let muted = false;
  const output = new Writable({
    write(chunk, _encoding, done) {
      if (!muted) process.stderr.write(chunk);
      done();
    },
  });
  const lines = createInterface({ input: process.stdin, output, terminal: true });
  try {
    return await new Promise<string | undefined>((resolve) => {
      lines.question(`${question.trimEnd()} `, resolve);
      lines.once('SIGINT', () => resolve(undefined));
      muted = options.secret ?? false;
    });
  } finally {
    lines.close();
    if (muted) process.stderr.write('\n');
  }
}
