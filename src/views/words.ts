import { FORECAST_WORDS } from '../events/forecast-words.ts';
import type { Event, Failure, HostForecast } from '../events/types.ts';
import type { Colour, Paint } from './colour.ts';
import { diffLines } from './diff.ts';
import { duration } from './duration.ts';

type Finished = Event<'task.finished'>;

/** What happened to a task in one word, with Ansible's colours. */
export function statusWord(event: Finished, check: boolean): { word: string; colour: Colour } {
  const foretold = event.status === 'failed' || event.status === 'unreachable' ? undefined : event.forecast;
  if (foretold && isOpen(event)) return { word: FORECAST_WORDS[foretold], colour: 'magenta' };
  if (event.status === 'changed') return { word: check ? 'would change' : 'changed', colour: 'yellow' };
  if (event.status === 'skipped') return { word: 'skipped', colour: 'cyan' };
  if (event.status === 'ok') return { word: 'ok', colour: 'green' };
  if (event.status === 'unreachable') return { word: 'unreachable', colour: 'red' };
  if (event.ignored) return { word: 'ignored', colour: 'cyan' };
  return { word: event.rescued ? 'rescued' : 'failed', colour: 'red' };
}

/** A forecast that leaves something to be seen. */
export function isOpen({ forecast }: Finished): boolean {
  return forecast === 'run' || forecast === 'may-run' || forecast === 'unknown';
}

/** One line for a finished task on a host. */
export function taskLine(event: Finished, paint: Paint, check: boolean, verbose = 0): string {
  const { word, colour } = statusWord(event, check);
  const host = event.delegate ? `${event.host} -> ${event.delegate}` : event.host;
  const item = event.item === undefined ? '' : ` (${event.item})`;
  const handler = event.handler ? 'handler: ' : '';
  const why =
    event.why && event.why !== word && event.status !== 'failed'
      ? paint('grey', `  ${oneLine(event.why)}`)
      : '';
  const time = event.duration >= 1000 ? paint('grey', `  ${duration(event.duration)}`) : '';
  const rests = verbose > 0 && event.assuming !== undefined;
  const assuming = rests ? paint('grey', `  if "${event.assuming}" changes nothing here`) : '';
  return `${paint(colour, `${word}: [${host}]`)} ${handler}${event.name}${item}${time}${why}${assuming}`;
}

export function oneLine(text: string): string {
  return text.replace(/\s*\n\s*/g, ' / ').trim();
}

/** A failure with all that helps: message, place, frame, what the command said, what to do. */
export function failureLines(failure: Failure, paint: Paint): string[] {
  const lines = [`${paint('red', failure.message)} ${paint('grey', `[${failure.code}]`)}`];
  if (failure.where) lines.push(paint('grey', failure.where));
  if (failure.frame) lines.push(...failure.frame.split('\n'));
  for (const stream of ['stderr', 'stdout'] as const) {
    const text = failure[stream]?.trimEnd();
    if (!text) continue;
    const all = text.split('\n');
    const shown = all.slice(-20);
    if (shown.length === 1 && failure.message.includes(shown[0]!)) continue;
    lines.push(
      paint(
        'grey',
        all.length > shown.length ? `${stream} (last ${shown.length} of ${all.length} lines):` : `${stream}:`,
      ),
    );
    lines.push(...shown.map((line) => `  ${line}`));
  }
  if (failure.hint) lines.push(paint('bold', failure.hint));
  return lines;
}

/** What stays on the screen of a finished task besides its line: failure, words, differences. */
export function detailLines(
  event: Finished,
  paint: Paint,
  options: { diff: boolean; verbose: number },
): string[] {
  const lines: string[] = [];
  if (event.failure && !event.partial) lines.push(...failureLines(event.failure, paint));
  if (!event.partial || event.says) lines.push(...(event.says ?? []).flatMap((text) => text.split('\n')));
  if (options.diff) for (const difference of event.diff ?? []) lines.push(...diffLines(difference, paint));
  if (options.verbose > 1 && event.result) lines.push(...JSON.stringify(event.result, null, 2).split('\n'));
  return lines.map((line) => `    ${line}`);
}

const FORETOLD = [
  ['same', 'green'],
  ['change', 'yellow'],
  ['run', 'magenta'],
  ['may-run', 'magenta'],
  ['unknown', 'magenta'],
] as const;

/** What a dry run foretells, by host and in all. */
export function forecastLines(event: Event<'run.finished'>, paint: Paint): string[] {
  const hosts = Object.entries(event.forecast ?? {});
  if (hosts.length === 0) return [];
  const sum = (key: keyof HostForecast) => hosts.reduce((all, [, counts]) => all + counts[key], 0);
  const keys = [...FORETOLD.map(([key]) => key), 'assuming'] as const;
  const total = Object.fromEntries(keys.map((key) => [key, sum(key)])) as HostForecast;
  const rows = hosts.length === 1 ? hosts : [...hosts, ['all hosts', total] as const];
  const width = Math.max(...rows.map(([host]) => host.length), 4);
  return [
    paint('bold', 'FORECAST') + paint('grey', `  nothing was changed${assumingWords(total.assuming)}`),
    ...rows.map(([host, counts]) => {
      const shown = FORETOLD.map(([key, colour]) => {
        const text = `${FORECAST_WORDS[key]}=${String(counts[key]).padEnd(4)}`;
        return counts[key] > 0 ? paint(colour, text) : text;
      });
      return `${host.padEnd(width)} : ${shown.join(' ').trimEnd()}`;
    }),
  ];
}

/** Which command it is that a forecast rests on is told with -v, task by task. */
function assumingWords(count: number): string {
  if (count === 0) return '';
  const which = count === 1 ? 'forecast holds' : 'forecasts hold';
  return `; ${count} ${which} if the commands before change nothing else (-v)`;
}

/** Ansible's recap, and behind that of a dry run what it foretells. */
export function recapLines(event: Event<'run.finished'>, paint: Paint): string[] {
  const hosts = Object.entries(event.hosts);
  const width = Math.max(...hosts.map(([host]) => host.length), 4);
  const count = (colour: Colour, name: string, value: number) => {
    const text = `${name}=${String(value).padEnd(4)}`;
    return value > 0 ? paint(colour, text) : text;
  };
  const forecast = forecastLines(event, paint);
  return [
    paint('bold', 'PLAY RECAP'),
    ...hosts.map(([host, at]) => {
      const bad = at.failed + at.unreachable > 0;
      const name = paint(bad ? 'red' : at.changed > 0 ? 'yellow' : 'green', host.padEnd(width));
      const counts = [
        count('green', 'ok', at.ok),
        count('yellow', 'changed', at.changed),
        count('red', 'unreachable', at.unreachable),
        count('red', 'failed', at.failed),
        count('cyan', 'skipped', at.skipped),
        count('yellow', 'rescued', at.rescued),
        count('cyan', 'ignored', at.ignored),
      ];
      return `${name} : ${counts.join(' ').trimEnd()}`;
    }),
    ...(forecast.length > 0 ? ['', ...forecast] : []),
  ];
}
