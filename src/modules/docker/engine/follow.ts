import { SlipwayError } from '../../../base/errors.ts';
import type { Host } from '../../../module/host.ts';
import { hintFor } from './hints.ts';
import { createLayerMeter } from './layer-meter.ts';

/** One line of what the Engine tells while it loads, builds, pulls or pushes. */
export interface EngineEvent {
  /** Text of a build, or of a load. */
  readonly stream?: string;
  readonly status?: string;
  /** The layer that `status` is about. */
  readonly id?: string;
  readonly progressDetail?: { readonly current?: number; readonly total?: number };
  /** What came of it: the id of a built image, the digest of a pushed one. */
  readonly aux?: {
    readonly ID?: string;
    readonly Tag?: string;
    readonly Digest?: string;
    readonly Size?: number;
  };
  readonly error?: string;
  readonly errorDetail?: { readonly message?: string; readonly code?: number };
}

export interface FollowOptions {
  readonly host: Host;
  /** Begins the sentence of an error, and the line in the view: "pushing x:1". */
  readonly doing: string;
}

export interface Followed {
  readonly aux: readonly NonNullable<EngineEvent['aux']>[];
  /** The last text that it printed. */
  readonly said: string;
}

const KEPT = 16_384;

/**
 * Reads the Engine's events to their end.
 *
 * @throws {SlipwayError} task.failed with the Engine's own words when one of them is an error; dockerode's own
 * `followProgress` takes such a stream for a success
 */
export async function follow(
  stream: NodeJS.ReadableStream,
  { host, doing }: FollowOptions,
): Promise<Followed> {
  const aux: NonNullable<EngineEvent['aux']>[] = [];
  let said = '';
  let failure: string | undefined;
  const meter = createLayerMeter();
  for await (const event of eventsOf(stream)) {
    // The first one is the cause; a build tells it twice.
    failure ??= event.errorDetail?.message ?? event.error;
    if (event.aux) aux.push(event.aux);
    if (event.stream) said = `${said}${event.stream}`.slice(-KEPT);
    const line = meter.at(event);
    if (line) host.progress(`${doing}: ${line.text}`, line.fraction);
  }
  if (failure === undefined) return { aux, said };
  throw new SlipwayError('task.failed', `${doing}: ${failure.trim()}`, {
    hint: hintFor(failure),
    data: { host: host.name, stdout: said },
  });
}

/** Objects one after the other, whatever stands between them. */
async function* eventsOf(stream: NodeJS.ReadableStream): AsyncGenerator<EngineEvent> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of stream) {
    rest += typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true });
    const lines = rest.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line.trim() !== '') yield eventOf(line);
  }
  if (rest.trim() !== '') yield eventOf(rest);
}

/** Older Engines answer a few questions with plain text. */
function eventOf(line: string): EngineEvent {
  try {
    const event: unknown = JSON.parse(line);
    if (event !== null && typeof event === 'object') return event;
  } catch {
    // Not JSON.
  }
  return { stream: `${line}\n` };
}
