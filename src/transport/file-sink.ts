import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import type { Readable } from 'node:stream';
import { SlipwayError } from '../base/errors.ts';
import type { Collector } from './session/collector.ts';

/** Writes a stream into a file instead of keeping it, and holds the sender back while the disk is slower. */
export interface FileSink extends Collector {
  /** The stream to hold back. */
  attach(source: Readable): void;
  /** Settles when all is written. @throws {SlipwayError} file.missing when the file cannot be written. */
  close(): Promise<void>;
}

export function createFileSink(path: string): FileSink {
  const file = createWriteStream(path);
  let source: Readable | undefined;
  let total = 0;
  let failure: Error | undefined;
  file.on('error', (error) => {
    failure = error;
    source?.resume();
  });
  file.on('drain', () => source?.resume());
  return {
    attach(stream) {
      source = stream;
    },
    push(bytes) {
      total += bytes.length;
      if (!failure && !file.write(Buffer.from(bytes))) source?.pause();
    },
    flush() {},
    text: () => '',
    truncated: false,
    get total() {
      return total;
    },
    async close() {
      if (!failure) {
        file.end();
        await finished(file).catch((error: Error) => {
          failure = error;
        });
      }
      if (!failure) return;
      throw new SlipwayError('file.missing', `cannot write ${path}: ${failure.message}`, {
        hint: 'Check the path, its permissions and the space left on the controller.',
        cause: failure,
      });
    },
  };
}
