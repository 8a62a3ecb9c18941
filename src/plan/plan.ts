import { type Problems, SlipwayError } from '../base/errors.ts';
import { recordScope } from '../expression/scope.ts';
import { type Scope, Unknown, type Value } from '../expression/types.ts';
import { evaluate } from '../expression/value.ts';
import type { Inventory } from '../inventory/types.ts';
import type { Play, Playbook, TaskNode } from '../playbook/types.ts';
import { batchesOf } from './batches.ts';
import { tasksFrom } from './start-at.ts';
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
  const scope = recordScope({ ...options.extraVars, groups: groupsOf(inventory) });
  const all = playbooks.flatMap(({ plays }) => plays);
  const chosen = startAt(
    all.map((play) => selectTasks(play.tasks, selected)),
    options.startAtTask,
    problems,
  );
  const plays = all.map((play, index): PlannedPlay => {
    const hosts = hostsOf(play, inventory, scope, limit, problems);
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
    const hosts = inventory.select(text).filter((host) => !limit || limit.has(host));
    if (hosts.length === 0 && !limit) {
      problems.warn('inventory.no-hosts', `play \`${play.name}\`: \`${text}\` selects no host`, {
        span: play.hostsSpan,
      });
    }
    return hosts;
  } catch (error) {
    // A group that this inventory does not have leaves the play without hosts, as in Ansible.
    if (error instanceof SlipwayError && error.code === 'inventory.pattern') {
      problems.warn(error.code, `play \`${play.name}\`: ${error.message}`, {
        span: play.hostsSpan,
        hint: error.hint,
      });
    } else problems.add(error);
    return [];
  }
}

function startAt(plays: TaskNode[][], name: string | undefined, problems: Problems): TaskNode[][] {
  if (name === undefined) return plays;
  for (const [index, tasks] of plays.entries()) {
    const rest = tasksFrom(tasks, name);
    if (rest) return [...plays.slice(0, index).map(() => []), rest, ...plays.slice(index + 1)];
  }
  problems.error('plan.no-match', `--start-at-task: no task is called \`${name}\``, {
    hint: '--list-tasks shows the names.',
  });
  return plays;
}
