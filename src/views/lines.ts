import { counted } from '../base/counted.ts';
import type { Event } from '../events/types.ts';
import { paintFor } from './colour.ts';
import { duration } from './duration.ts';
import type { View, ViewOptions } from './view.ts';
import { detailLines, oneLine, recapLines, taskLine } from './words.ts';

/** A run as plain lines, for logs and for terminals that cannot be painted on. */
export function linesView(options: ViewOptions): View {
  const paint = paintFor(Boolean(options.stdout.isTTY), options.env);
  // What happens at once is written at once: a thousand hosts have a lot to say.
  let pending = '';
  const flush = () => {
    if (pending !== '') options.stdout.write(pending);
    pending = '';
  };
  const print = (lines: readonly string[]) => {
    if (lines.length === 0) return;
    if (pending === '') setImmediate(flush);
    pending += `${lines.join('\n')}\n`;
  };
  let check = false;
  let simulated = false;
  return {
    handle: (event) => {
      if (event.event === 'run.started') {
        check = event.check;
        simulated = event.simulated;
      }
      if (event.event === 'play.started') {
        const mark = `${check ? ' [dry run]' : ''}${simulated ? ' [simulated Kubernetes]' : ''}`;
        print(['', paint('bold', `PLAY [${event.name}] ${counted(event.hosts.length, 'host')}${mark}`)]);
      } else if (event.event === 'task.finished') {
        if (shown(event, options))
          print([taskLine(event, paint, check, options.verbose), ...detailLines(event, paint, options)]);
      } else if (event.event === 'run.finished') {
        print(['', ...recapLines(event, paint), paint('grey', `${duration(event.duration)}`)]);
      } else print(otherLines(event, options, paint));
    },
    hold: () => {
      flush();
      return () => {};
    },
    end: flush,
  };
}

/** Skipped tasks, and items of loops that did nothing, are told with -v. */
export function shown(event: Event<'task.finished'>, options: ViewOptions): boolean {
  if (options.verbose > 0) return true;
  if (event.partial)
    return event.status === 'changed' || event.status === 'failed' || event.says !== undefined;
  return event.status !== 'skipped' || event.forecast !== undefined;
}

/** Lines for what is the same in every text view. */
export function otherLines(event: Event, options: ViewOptions, paint: ReturnType<typeof paintFor>): string[] {
  if (event.event === 'warning') {
    return [paint('magenta', `warning: ${event.message}${event.where ? ` (${event.where})` : ''}`)];
  }
  if (event.event === 'handler.owed') {
    const why = `the run ${event.run} ended before the handler "${event.handler}", which runs in this one`;
    return [paint('magenta', `note: [${event.host}] ${why}`)];
  }
  if (event.event === 'task.retried') {
    return [
      paint('grey', `retry ${event.attempt} of ${event.of}: [${event.host}] ${oneLine(event.message)}`),
    ];
  }
  if (event.event === 'task.output' && options.verbose > 0) {
    return event.text
      .trimEnd()
      .split('\n')
      .map((line) => paint('grey', `${event.host} | ${line}`));
  }
  if (event.event === 'run.interrupted')
    return [
      paint('magenta', `interrupted (${event.signal}): stopping what runs, once more to leave at once`),
    ];
  return [];
}
