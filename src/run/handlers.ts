import { SlipwayError } from '../base/errors.ts';
import { type Scope, Unknown, type Value } from '../expression/types.ts';
import { evaluate } from '../expression/value.ts';
import type { PlannedPlay } from '../plan/types.ts';
import type { Task, TaskNode } from '../playbook/types.ts';
import type { RunContext } from './context.ts';
import { nameOf, placeOf, type TaskRun } from './report.ts';
import type { Seat } from './seat.ts';

/** A change has notified the handlers of its task. @param doubt what it hangs on whether there is a change at all */
export function notify(run: TaskRun, doubt?: string): void {
  const { task, seat } = run;
  const { play } = seat.planned;
  const scope = seat.vars.scope(task, run.extra);
  for (const value of task.notify) {
    const names = namesOf(value, scope);
    if (names instanceof Unknown) {
      for (const { id } of seat.handlers) if (!seat.maybe.has(id)) seat.maybe.set(id, names.why);
      continue;
    }
    for (const name of names) {
      const called = calledBy(name, seat.handlers);
      if (called.length === 0) {
        throw new SlipwayError('playbook.unknown-handler', `no handler is called \`${name}\``, {
          span: value.span,
        });
      }
      for (const handler of called) {
        if (doubt === undefined) {
          seat.notified.add(handler.id);
          const line = { play: play.index, host: seat.host, handler: journalName(handler) };
          seat.ctx.journal.write({ at: 'notified', ...line });
        } else if (!seat.maybe.has(handler.id)) seat.maybe.set(handler.id, doubt);
      }
      seat.ctx.events.emit('handler.notified', { ...placeOf(run), handler: name });
    }
  }
}

/** The handlers that a name or topic calls: of several with one name the last. */
function calledBy(name: string, handlers: readonly Task[]): Task[] {
  const last = handlers.findLast((handler) => nameOf(handler) === name);
  return handlers.filter((handler) => handler === last || handler.listen.includes(name));
}

function namesOf(value: Value, scope: Scope): readonly string[] | Unknown {
  const names = value.kind === 'data' ? value.data : evaluate(value, scope);
  if (names instanceof Unknown) return names;
  return Array.isArray(names) ? names.map(String) : [String(names)];
}

function journalName(handler: Task): string {
  return nameOf(handler) ?? handler.listen[0] ?? handler.id;
}

/** A handler has done its work. */
export function handled({ seat, task }: TaskRun): void {
  const { ctx, host, planned } = seat;
  ctx.journal.write({ at: 'handled', play: planned.play.index, host, handler: journalName(task) });
}

/** Notifies the handlers that a run before left undone, as far as they are there by now. */
export function takeOver({ ctx, planned, host, handlers, owed, notified }: Seat): void {
  const play = planned.play.index;
  for (const [name, run] of owed) {
    const called = calledBy(name, handlers);
    if (called.length === 0) continue;
    owed.delete(name);
    // From here on by their own names, under which they will be done.
    ctx.journal.write({ at: 'handled', play, host, handler: name });
    for (const handler of called) {
      notified.add(handler.id);
      const debt = { play, playName: planned.play.name, host, handler: journalName(handler), run };
      ctx.journal.write({ at: 'owed', owed: debt });
    }
    ctx.events.emit('handler.owed', { play, host, handler: name, run });
  }
}

/** Those that the play has no more are given up; what it includes may bring them another time. */
export function giveUp({ ctx, planned, host, owed }: Seat): void {
  if (includes(planned.tasks)) return;
  const play = planned.play.index;
  for (const [handler, run] of owed) {
    ctx.journal.write({ at: 'handled', play, host, handler });
    const message = `${host}: the play has no handler \`${handler}\` any more, which the run ${run} did not come to`;
    ctx.events.emit('warning', { code: 'playbook.unknown-handler', message });
  }
}

/** Whether a play may have handlers: its own, or those of what it includes. */
export function mayNotify({ handlers, tasks }: PlannedPlay): boolean {
  return handlers.length > 0 || includes(tasks);
}

function includes(tasks: readonly TaskNode[]): boolean {
  return tasks.some((node) =>
    node.kind === 'block'
      ? includes([...node.tasks, ...node.rescue, ...node.always])
      : node.kind === 'include',
  );
}

/** By play and host, the handlers that a run before left undone, each with that run; all of them stand in the journal. */
export function takenOver(
  { owed = [], journal, events }: Pick<RunContext, 'owed' | 'journal' | 'events'>,
  plays: readonly PlannedPlay[],
): (play: number, host: string) => Map<string, string> {
  const found = new Map<string, Map<string, string>>();
  for (const debt of owed) {
    const { playName, host, handler, run } = debt;
    const there = plays[debt.play]?.play.name === playName ? plays[debt.play] : undefined;
    const planned = there ?? plays.find(({ play }) => play.name === playName);
    if (!planned) {
      const message = `${host}: no play is called "${playName}" any more, whose handler \`${handler}\` the run ${run} did not come to`;
      events.emit('warning', { code: 'playbook.unknown-handler', message });
      continue;
    }
    const play = planned.play.index;
    journal.write({ at: 'owed', owed: { ...debt, play } });
    const key = `${play}\n${host}`;
    found.set(key, (found.get(key) ?? new Map<string, string>()).set(handler, run));
  }
  return (play, host) => found.get(`${play}\n${host}`) ?? new Map<string, string>();
}
