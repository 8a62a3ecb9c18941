import { Duplex, type Readable, type Writable } from 'node:stream';

/** A source and a sink as one stream. What comes is given to `arrive`, by whoever reads the source. */
export interface Line extends Duplex {
  /** Bytes that came; the source is paused while nobody reads them. */
  arrive(bytes: Buffer): void;
  /** Nothing more comes. */
  conclude(): void;
}

/** @param close gives up both, waited for before the line tells that it is closed. */
export function lineOf(source: Readable, sink: Writable, close: () => Promise<void>): Line {
  let over = false;
  const line = new Duplex({
    read: () => void source.resume(),
    // Why the other side went is told by who watches it; a broken pipe adds nothing.
    write(chunk: Buffer, _, done) {
      if (sink.destroyed || sink.writableEnded) done();
      else sink.write(chunk, () => done());
    },
    final(done) {
      if (!sink.destroyed) sink.end();
      done();
    },
    destroy(error, done) {
      over = true;
      source.resume();
      const closed = () => done(error);
      close().then(closed, closed);
    },
  });
  return Object.assign(line, {
    arrive(bytes: Buffer) {
      if (!over && !line.push(bytes)) source.pause();
    },
    conclude() {
      if (over) return;
      over = true;
      line.push(null);
    },
  });
}
