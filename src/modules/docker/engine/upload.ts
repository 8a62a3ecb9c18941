import { type Readable, Transform } from 'node:stream';
import { SlipwayError } from '../../../base/errors.ts';
import { createMeter } from '../../../base/meter.ts';
import type { Host } from '../../../module/host.ts';

/**
 * The body of a request, with what has been taken of it told in the view. The Engine tells nothing before it has all.
 *
 * @param doing begins the line: "loading a.tar"
 */
export function metered(source: Readable, total: number, host: Host, doing: string): Readable {
  const meter = createMeter(total);
  let bytes = 0;
  const body = new Transform({
    transform(chunk: Buffer, _, done) {
      bytes += chunk.length;
      const line = meter.at(bytes);
      if (line) host.progress(`${doing}: ${line.text}`, line.fraction);
      done(null, chunk);
    },
    destroy(error, done) {
      source.destroy();
      done(error);
    },
  });
  source.on('error', (cause) => {
    const message = `${doing}: what is to be sent cannot be read: ${cause.message}`;
    body.destroy(
      cause instanceof SlipwayError ? cause : new SlipwayError('file.missing', message, { cause }),
    );
  });
  return source.pipe(body);
}
