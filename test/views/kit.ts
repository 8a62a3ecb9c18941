import type { Event, EventMap, EventName } from '../../src/events/types.ts';
import type { ViewOptions } from '../../src/views/view.ts';

export function event<N extends EventName>(name: N, data: EventMap[N], time = 1000): Event {
  return { event: name, time, ...data } as unknown as Event;
}

/** A stream that keeps what is written to it. */
export function screen(size: { columns?: number; rows?: number; isTTY?: boolean } = {}) {
  const written: string[] = [];
  const stream = {
    write: (text: string) => written.push(text) > 0,
    columns: 80,
    rows: 24,
    isTTY: false,
    ...size,
  };
  return { written, stdout: stream as unknown as NodeJS.WriteStream };
}

export function options(stdout: NodeJS.WriteStream, more: Partial<ViewOptions> = {}): ViewOptions {
  return { output: 'auto', verbose: 0, diff: false, stdout, env: {}, ...more };
}

export const started = (hosts: string[], more: Partial<EventMap['run.started']> = {}) =>
  event('run.started', {
    run: 'r1',
    version: '0',
    playbooks: ['site.yml'],
    check: false,
    diff: false,
    simulated: false,
    plays: [{ name: 'Prepare', hosts, tasks: 3 }],
    ...more,
  });

export const finished = (host: string, more: Partial<EventMap['task.finished']> = {}) =>
  event('task.finished', {
    play: 0,
    task: '0.1',
    host,
    name: 'Install',
    module: 'apt',
    status: 'ok',
    duration: 10,
    ...more,
  });
