import type { Channel } from '../types.ts';
import { BoundedCollector, type Collector } from './collector.ts';
import { createScanner, type Scanner } from './scanner.ts';

/** What one framed command printed; `value` is what its marker carried. */
export interface Framed {
  readonly stdout: Collector;
  readonly stderr: Collector;
  readonly done: (value: string) => void;
}

/** A channel on which frames are written and answered in order. */
export interface FramedChannel {
  /** Announces that the markers of `nonce` will come; `framed` gets all up to them. */
  expect(nonce: string, framed: Framed): void;
  write(text: string): void;
  /** Settles when the channel is gone: undefined, or the error with which the connection was lost. */
  readonly ended: Promise<{ readonly code: number } | Error>;
  readonly channel: Channel;
}

/** Reads both streams of a channel through a scanner each; a frame is done when both have shown its marker. */
export function frameChannel(channel: Channel): FramedChannel {
  const scanners: Record<'stdout' | 'stderr', Scanner> = { stdout: createScanner(), stderr: createScanner() };
  channel.stdout.on('data', (chunk: Buffer) => scanners.stdout.push(chunk));
  channel.stderr.on('data', (chunk: Buffer) => scanners.stderr.push(chunk));
  // What went wrong is told by `exit`; a late EPIPE adds nothing.
  for (const stream of [channel.stdin, channel.stdout, channel.stderr]) stream.on('error', () => {});

  return {
    channel,
    expect(nonce, framed) {
      let missing = 2;
      const end = (collector: Collector) => (value: string) => {
        collector.flush();
        missing--;
        if (missing === 0) framed.done(value);
      };
      for (const stream of ['stdout', 'stderr'] as const) {
        const collector = framed[stream];
        scanners[stream].expect({ nonce, data: (bytes) => collector.push(bytes), end: end(collector) });
      }
    },
    write: (text) => void channel.stdin.write(text),
    ended: channel.exit.then(
      (exit) => exit,
      (error: unknown) => (error instanceof Error ? error : new Error(String(error))),
    ),
  };
}

/** A frame for the channel's own needs (start markers): its text is only kept to explain a failure. */
export function awaitMarker(
  framed: FramedChannel,
  nonce: string,
  onText?: (stream: 'stdout' | 'stderr', text: string) => void,
): { readonly value: Promise<string>; readonly said: () => string } {
  const stdout = new BoundedCollector(16_384, onText && ((text) => onText('stdout', text)));
  const stderr = new BoundedCollector(16_384, onText && ((text) => onText('stderr', text)));
  const value = new Promise<string>((resolve) => framed.expect(nonce, { stdout, stderr, done: resolve }));
  return { value, said: () => [stderr.text().trim(), stdout.text().trim()].filter(Boolean).join('\n') };
}
