import { cut, type Paint } from './colour.ts';
import { duration } from './duration.ts';
import type { HostLine, Model } from './model.ts';

const SPINNER = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];

export interface Screen {
  readonly columns: number;
  readonly rows: number;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** The live part of the screen: a heading and a line for each host, never more rows than the screen has. */
export function frameLines(model: Model, screen: Screen, paint: Paint): string[] {
  const room = Math.max(1, screen.rows - 3);
  const hosts = [...model.hosts.values()];
  const sorted =
    hosts.length <= room ? hosts : [...hosts].sort((a, b) => rank(a) - rank(b) || a.since - b.since);
  const shown = hosts.length <= room ? sorted : sorted.slice(0, room - 1);
  const width = Math.max(4, ...shown.map(({ name }) => name.length));
  const lines = shown.map((host) => hostText(host, width, screen, paint));
  if (shown.length < hosts.length) lines.push(paint('grey', restText(hosts, shown, screen.columns)));
  return [heading(model, screen, paint), ...lines];
}

function rank({ state }: HostLine): number {
  return ['failed', 'unreachable', 'running', 'connecting', 'waiting', 'done'].indexOf(state);
}

function heading(model: Model, screen: Screen, paint: Paint): string {
  const running = model.plays.filter(({ state }) => state === 'running').map(({ name }) => name);
  const done = model.plays.filter(({ state }) => state === 'done').length;
  const marks = [model.check ? 'dry run' : '', model.simulated ? 'simulated Kubernetes' : ''].filter(Boolean);
  const parts = [
    `play ${Math.min(done + 1, model.plays.length)}/${model.plays.length}`,
    running.join(' + '),
    duration(screen.now - model.started),
    ...marks,
  ];
  return paint('bold', cut(parts.filter(Boolean).join(' · '), screen.columns - 1));
}

function hostText(host: HostLine, width: number, screen: Screen, paint: Paint): string {
  const { ok, changed, failed } = host.counts;
  const counts = `ok ${ok + changed} changed ${changed}${failed > 0 ? ` failed ${failed}` : ''}`;
  const bar = host.fraction === undefined ? '' : ` ${Math.round(host.fraction * 100)}%`;
  const elapsed = screen.now - host.since;
  const busy =
    host.task &&
    `${host.task}${bar}${host.progress ? ` · ${host.progress}` : ''}${elapsed > 1000 ? `  ${duration(elapsed)}` : ''}`;
  const what = host.state === 'running' ? busy : host.state === 'done' ? '' : host.state;
  const colour =
    host.state === 'failed' || host.state === 'unreachable' ? 'red' : changed > 0 ? 'yellow' : 'green';
  const head = `${host.name.padEnd(width)}  ${counts.padEnd(22)}  `;
  return `${paint(colour, mark(host, screen.now))} ${head}${paint('grey', cut(what, screen.columns - head.length - 4))}`;
}

function mark({ state, task }: HostLine, now: number): string {
  if (state === 'failed' || state === 'unreachable') return '✖';
  if (state === 'done') return '✔';
  if (state === 'waiting' || (state === 'running' && !task)) return '·';
  return SPINNER[Math.floor(now / 100) % SPINNER.length]!;
}

function restText(hosts: readonly HostLine[], shown: readonly HostLine[], columns: number): string {
  const rest = new Map<string, number>();
  for (const host of hosts) if (!shown.includes(host)) rest.set(host.state, (rest.get(host.state) ?? 0) + 1);
  return cut(
    `… ${hosts.length - shown.length} more: ${[...rest].map(([state, n]) => `${n} ${state}`).join(', ')}`,
    columns - 1,
  );
}
