import type { Event, TaskStatus } from '../events/types.ts';

/** What a screen shows of one host. */
export interface HostLine {
  readonly name: string;
  state: 'waiting' | 'connecting' | 'running' | 'done' | 'failed' | 'unreachable';
  task: string;
  /** Of the current task, from task.progress. */
  progress: string;
  fraction: number | undefined;
  /** Milliseconds since the epoch when the current task began. */
  since: number;
  readonly counts: Record<TaskStatus, number>;
}

export interface PlayLine {
  readonly name: string;
  readonly hosts: number;
  state: 'waiting' | 'running' | 'done';
  changed: number;
  failed: number;
  since: number;
}

/** A run as it stands, folded from its events. */
export interface Model {
  readonly hosts: Map<string, HostLine>;
  readonly plays: PlayLine[];
  started: number;
  check: boolean;
  simulated: boolean;
  playbooks: readonly string[];
}

export function emptyModel(): Model {
  return { hosts: new Map(), plays: [], started: 0, check: false, simulated: false, playbooks: [] };
}

/** Takes an event into the model. */
export function fold(model: Model, event: Event): void {
  if (event.event === 'run.started') return begin(model, event);
  if (event.event === 'play.started') {
    const play = model.plays[event.play];
    if (play) Object.assign(play, { state: 'running', since: event.time });
    return;
  }
  if (event.event === 'play.finished') {
    const play = model.plays[event.play];
    if (play) play.state = 'done';
    return;
  }
  if (!('host' in event)) return;
  const host = model.hosts.get(event.host);
  if (host) foldHost(model, host, event);
}

function begin(model: Model, event: Event<'run.started'>): void {
  const { check, simulated, playbooks } = event;
  Object.assign(model, { started: event.time, check, simulated, playbooks });
  for (const { name, hosts } of event.plays) {
    model.plays.push({
      name,
      hosts: hosts.length,
      state: 'waiting',
      changed: 0,
      failed: 0,
      since: event.time,
    });
    for (const host of hosts) if (!model.hosts.has(host)) model.hosts.set(host, hostLine(host, event.time));
  }
}

function hostLine(name: string, since: number): HostLine {
  const counts = { ok: 0, changed: 0, skipped: 0, failed: 0, unreachable: 0 };
  return { name, state: 'waiting', task: '', progress: '', fraction: undefined, since, counts };
}

function foldHost(model: Model, host: HostLine, event: Extract<Event, { host: string }>): void {
  if (event.event === 'host.connecting') Object.assign(host, { state: 'connecting', since: event.time });
  else if (event.event === 'host.connected') host.state = 'running';
  else if (event.event === 'host.unreachable') host.state = 'unreachable';
  else if (event.event === 'task.started') {
    const task = event.item === undefined ? event.name : `${event.name} (${event.item})`;
    Object.assign(host, { state: 'running', task, progress: '', fraction: undefined, since: event.time });
  } else if (event.event === 'task.progress') {
    host.progress = event.text;
    host.fraction = event.fraction;
  } else if (event.event === 'task.finished' && !event.partial) finish(model, host, event);
}

function finish(model: Model, host: HostLine, event: Event<'task.finished'>): void {
  if (event.ignored) host.counts.ok += 1;
  else if (!event.rescued) host.counts[event.status] += 1;
  Object.assign(host, { task: '', progress: '', fraction: undefined });
  const play = model.plays[event.play];
  if (play && event.status === 'changed') play.changed += 1;
  const bad =
    (event.status === 'failed' || event.status === 'unreachable') && !event.ignored && !event.rescued;
  if (!bad) return;
  host.state = event.status === 'unreachable' ? 'unreachable' : 'failed';
  if (play) play.failed += 1;
}
