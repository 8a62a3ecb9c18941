import { type Problems, SlipwayError } from '../base/errors.ts';
import { nearest } from '../base/suggest.ts';
import { recordScope } from '../expression/scope.ts';
import { type Scope, Unknown, type Value } from '../expression/types.ts';
import { evaluate } from '../expression/value.ts';
import type { Inventory } from '../inventory/types.ts';
import { matchHosts } from '../inventory/patterns.ts';
import type { Need, Play, Playbook, TaskNode } from '../playbook/types.ts';
import { batchesOf } from './batches.ts';
import { taskNames, tasksFrom } from './start-at.ts';
import { selectTasks, tagFilter } from './tags.ts';
import type { Plan, PlannedPlay, RunOptions } from './types.ts';

export interface PlanOptions extends RunOptions {
  /** `-l`, with files already read. */
  readonly limit?: string | undefined;
}

/** Chooses hosts, tasks and batches for every play. What is wrong goes to `problems`. Pure. */
export function buildPlan(
  playbooks: readonly Playbook[],
  inventory: Inventory,
  options: PlanOptions,
  problems: Problems,
): Plan {
  const limit = limitOf(inventory, options.limit, problems);
  const selected = tagFilter(options.tags, options.skipTags);
  const outer = recordScope({ ...options.extraVars, groups: groupsOf(inventory) });
  const all = playbooks.flatMap(({ plays }) => plays);
  const chosen = startAt(
    all.map((play) => selectTasks(play.tasks, selected)),
    options.startAtTask,
    problems,
  );
  // Where the inventory could not be read, that is what is wrong.
  const unread = inventory.hosts.size === 0 && problems.errors.length > 0;
  const chosenHosts = all.map((play) => hostsOf(play, inventory, scopeOf(play, outer), limit, problems));
  const bare = all.find((_, index) => chosenHosts[index]!.length === 0);
  if (inventory.hosts.size === 0 && !unread && bare)
    problems.warn('inventory.no-hosts', 'the inventory has no hosts', {
      span: bare.hostsSpan,
      hint: 'Name one with -i, or put hosts into it.',
    });
  const plays = all.map((written, index): PlannedPlay => {
    const play = needsOf(written, chosenHosts);
    const hosts = chosenHosts[index]!;
    const scope = scopeOf(play, outer);
    const tasks = chosen[index]!;
    const { handlers } = play;
    try {
      const serial = play.serial && known(play.serial, scope, 'serial');
      const maxFail =
        play.maxFailPercentage && Number(known(play.maxFailPercentage, scope, 'max_fail_percentage'));
      const batches = batchesOf(hosts, serial, play.serial?.span);
      return { play, hosts, batches, tasks, handlers, maxFailPercentage: maxFail };
    } catch (error) {
      problems.add(error);
      return { play, hosts, batches: [hosts], tasks, handlers };
    }
  });
  return { plays, inventory, options, selected };
}

/** What is known before any host: `-e`, `groups` and the play's own variables, as far as they need no more. */
function scopeOf(play: Play, outer: Scope): Scope {
  const open = new Set<string>();
  const scope: Scope = {
    get: (name) => {
      const own = outer.has(name) || open.has(name) ? undefined : play.vars.get(name);
      if (!own) return outer.get(name);
      open.add(name);
      try {
        return evaluate(own, scope);
      } finally {
        open.delete(name);
      }
    },
    has: (name) => outer.has(name) || play.vars.has(name),
    names: () => [...outer.names(), ...play.vars.keys()],
  };
  return scope;
}

/** Group names to the hosts in them: the magic variable `groups`. */
export function groupsOf(inventory: Inventory): Record<string, readonly string[]> {
  return Object.fromEntries([...inventory.groups.values()].map(({ name, allHosts }) => [name, allHosts]));
}

function known(value: Value, scope: Scope, what: string): unknown {
  const result = evaluate(value, scope);
  if (!(result instanceof Unknown)) return result;
  throw new SlipwayError(
    'schema.invalid-value',
    `\`${what}\` depends on ${result.why}, which is not known before the run`,
    { span: value.span },
  );
}

function limitOf(
  inventory: Inventory,
  limit: string | undefined,
  problems: Problems,
): ReadonlySet<string> | undefined {
  if (limit === undefined) return undefined;
  try {
    const hosts = inventory.select(limit);
    if (hosts.length === 0)
      problems.error('inventory.no-hosts', `--limit ${limit} selects no host`, {
        hint: 'slipway inventory --graph shows the hosts.',
      });
    return new Set(hosts);
  } catch (error) {
    problems.add(error);
    return new Set();
  }
}

function hostsOf(
  play: Play,
  inventory: Inventory,
  scope: Scope,
  limit: ReadonlySet<string> | undefined,
  problems: Problems,
): readonly string[] {
  try {
    const pattern = known(play.hosts, scope, 'hosts');
    const text = Array.isArray(pattern) ? pattern.join(',') : String(pattern);
    const match = matchHosts(inventory, text, play.hostsSpan);
    const hosts = match.hosts.filter((host) => !limit || limit.has(host));
    // Said once, for all plays.
    if (inventory.hosts.size === 0) return hosts;
    // A group that this inventory does not have leaves the play without these hosts, as in Ansible.
    for (const { part, hint } of match.unmatched)
      problems.warn('inventory.pattern', `\`${part}\` is no host or group of the inventory`, {
        span: play.hostsSpan,
        hint,
      });
    // `cp[1:]` of a group with one host is how a playbook says "the further ones, if any".
    const rest = /\[\d+[:-]\]$/.test(text);
    if (hosts.length === 0 && !limit && !rest && match.unmatched.length === 0)
      problems.warn('inventory.no-hosts', text === '' ? '`hosts` is empty' : `\`${text}\` selects no host`, {
        span: play.hostsSpan,
      });
    return inOrder(hosts, play.order);
  } catch (error) {
    problems.add(error);
    return [];
  }
}

function inOrder(hosts: readonly string[], order: Play['order']): readonly string[] {
  if (order === undefined || order === 'inventory') return hosts;
  const sorted = order === 'reverse_inventory' ? [...hosts] : [...hosts].sort();
  return order === 'sorted' ? sorted : sorted.reverse();
}

/** A need without a scope: this host's end is enough where every host of this play is in the other one. */
function needsOf(play: Play, hosts: readonly (readonly string[])[]): Play {
  if (!play.needs?.some(({ auto }) => auto)) return play;
  const needs = play.needs.map((need): Need => {
    if (!need.auto) return need;
    const there = new Set(hosts[need.play]);
    return { play: need.play, scope: hosts[play.index]!.every((host) => there.has(host)) ? 'host' : 'all' };
  });
  return { ...play, needs };
}

function startAt(plays: TaskNode[][], name: string | undefined, problems: Problems): TaskNode[][] {
  if (name === undefined) return plays;
  for (const [index, tasks] of plays.entries()) {
    const rest = tasksFrom(tasks, name);
    if (rest) return [...plays.slice(0, index).map(() => []), rest, ...plays.slice(index + 1)];
  }
  const near = nearest(name, plays.flatMap(taskNames));
  problems.error('plan.no-match', `--start-at-task: no task is called \`${name}\``, {
    hint: near === undefined ? '--list-tasks shows the names.' : `Did you mean \`${near}\`?`,
  });
  return plays;
}
