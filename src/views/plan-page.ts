import { counted } from '../base/counted.ts';
import { FORECAST_WORDS } from '../events/forecast-words.ts';
import type { Diff, Event, Forecast, HostForecast } from '../events/types.ts';
import { diffLines } from './diff.ts';
import { PAGE_STYLE } from './plan-page-style.ts';

type Finished = Event<'task.finished'>;

const WORDS = Object.entries(FORECAST_WORDS) as [Forecast, string][];

/** A forecast as one page that needs nothing else: per host and play, with the differences folded. */
export function planPage(events: readonly Event[], about: readonly (readonly [string, string])[]): string {
  const start = events.find((event) => event.event === 'run.started');
  const end = events.find((event) => event.event === 'run.finished');
  const title = `Plan: ${(start?.playbooks ?? []).join(' ')}`;
  const hosts = Object.entries(end?.forecast ?? {});
  const finished = events.filter((event): event is Finished => event.event === 'task.finished');
  const plays = (start?.plays ?? []).map(({ name }) => name);
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(title)}</title>
<style>${PAGE_STYLE}</style>
<h1>${escape(title)}</h1>
<p class="mark">Nothing was changed: this is what would be done.${start?.simulated ? ' The Kubernetes is simulated.' : ''}</p>
<dl>${about.map(([name, value]) => `<dt>${escape(name)}<dd>${escape(value)}`).join('')}</dl>
${overview(hosts)}
${hosts.map(([host, counts]) => hostSection(host, counts, finished, plays)).join('\n')}
</html>
`;
}

function overview(hosts: readonly (readonly [string, HostForecast])[]): string {
  const head = WORDS.map(([, word]) => `<th>${word}`).join('');
  const row = (name: string, counts: HostForecast) =>
    `<tr><th>${name}${WORDS.map(([key]) => `<td class="${counts[key] > 0 ? key : 'none'}">${counts[key]}`).join('')}`;
  const sum = (key: Forecast) => hosts.reduce((all, [, counts]) => all + counts[key], 0);
  const total = Object.fromEntries(WORDS.map(([key]) => [key, sum(key)])) as unknown as HostForecast;
  return `<table><thead><tr><th>${counted(hosts.length, 'host')}${head}<tbody>
${hosts.map(([host, counts]) => row(`<a href="#${anchor(host)}">${escape(host)}</a>`, counts)).join('\n')}
${row('all hosts', total)}
</table>`;
}

function hostSection(
  host: string,
  counts: HostForecast,
  finished: readonly Finished[],
  plays: readonly string[],
): string {
  const mine = finished.filter((event) => event.host === host);
  const parts = plays.map((name, play) =>
    playPart(
      name,
      mine.filter((event) => event.play === play),
    ),
  );
  const open = counts.change + counts.run + counts.unknown + counts['may-run'] > 0;
  const said = WORDS.filter(([key]) => counts[key] > 0).map(([key, word]) => `${counts[key]} ${word}`);
  return `<details id="${anchor(host)}"${open ? ' open' : ''}><summary><h2>${escape(host)}</h2> ${said.join(' · ')}</summary>
${parts.join('\n')}
</details>`;
}

function playPart(name: string, events: readonly Finished[]): string {
  const rows = events.filter(isShown);
  const rest = events.filter((event) => !isShown(event) && !event.partial).length;
  if (events.length === 0) return '';
  const more = rest > 0 ? `<li class="same">${counted(rest, 'task')} with nothing to do` : '';
  return `<h3>${escape(name)}</h3>
<ul>${rows.map(taskRow).join('\n')}${more}</ul>`;
}

// An item of a loop stands for itself; its loop is only the sum of the items.
function isShown({ forecast, status, item, diff }: Finished): boolean {
  if (status === 'failed') return true;
  if (forecast === undefined || forecast === 'same') return false;
  return item !== undefined || diff !== undefined || forecast !== 'change';
}

function taskRow(event: Finished): string {
  const { forecast, name, item, why, handler, delegate, diff, assuming, says } = event;
  const word = forecast === undefined ? event.status : FORECAST_WORDS[forecast];
  const title = `${handler ? 'handler: ' : ''}${name}${item === undefined ? '' : ` (${item})`}`;
  const where = delegate === undefined ? '' : ` <small>on ${escape(delegate)}</small>`;
  const reason = why === undefined ? '' : ` <span class="why">${escape(why)}</span>`;
  const unless =
    assuming === undefined ? '' : ` <small>if “${escape(assuming)}” changes nothing here</small>`;
  const lines = [...(says ?? []).map(escape), ...(diff ?? []).map(difference)];
  const details =
    lines.length === 0
      ? ''
      : `<details><summary>differences</summary><pre>${lines.join('\n')}</pre></details>`;
  return `<li><b class="${forecast ?? 'failed'}">${word}</b> ${escape(title)}${where}${reason}${unless}${details}`;
}

const plain = (_colour: string, text: string) => text;

function difference(diff: Diff): string {
  return diffLines(diff, plain)
    .map((line) => {
      const sign = diff.kind === 'content' ? line[0] : undefined;
      const kind = sign === '+' ? 'ins' : sign === '-' ? 'del' : undefined;
      return kind ? `<${kind}>${escape(line)}</${kind}>` : escape(line);
    })
    .join('\n');
}

function anchor(host: string): string {
  return `host-${encodeURIComponent(host)}`;
}

function escape(text: string): string {
  return text.replace(
    /[&<>"']/g,
    (sign) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' })[sign]!,
  );
}
