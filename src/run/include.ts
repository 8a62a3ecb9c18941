import { SlipwayError } from '../base/errors.ts';
import { evaluate } from '../expression/value.ts';
import { type Scope, Unknown } from '../expression/types.ts';
import { loopNames } from '../playbook/loop-names.ts';
import type { Include } from '../playbook/types.ts';
import { keyword, type Seat } from './seat.ts';
import { before, type Cell, type Item } from './tree.ts';

type NodeItem = Extract<Item, { kind: 'node' }>;

/** Puts the tasks that an include stands for (for each item of its loop) before what is left. */
export async function loadInclude(
  seat: Seat,
  include: Include,
  item: NodeItem,
  next: Cell | undefined,
): Promise<Cell | undefined> {
  const scope = seat.vars.scope(include, item.extra);
  const items = include.loop ? evaluate(include.loop.items, scope) : [undefined];
  if (items instanceof Unknown) throw notKnown(items.why, include);
  if (!Array.isArray(items)) {
    throw new SlipwayError('task.invalid', 'the loop of this include is not a list', {
      span: include.loop?.items.span,
    });
  }
  let cells = next;
  for (let index = items.length - 1; index >= 0; index--) {
    const { loop } = include;
    const extra = loop ? { ...item.extra, ...loopNames(loop, items, index) } : item.extra;
    cells = one(seat, include, { ...item, at: [...item.at, index], extra }, cells);
  }
  return cells;
}

function one(seat: Seat, include: Include, item: NodeItem, next: Cell | undefined): Cell | undefined {
  const scope = seat.vars.scope(include, item.extra);
  if (!holds(include, scope)) return next;
  const target = keyword(include.target, scope, `include_${include.what}`);
  const { tasks, handlers, variables } = include.load(String(target));
  if (variables) seat.vars.includeVars(variables);
  for (const handler of handlers)
    if (!seat.handlers.some(({ id }) => id === handler.id)) seat.handlers.push(handler);
  const selected = tasks.filter((task) => task.kind === 'block' || seat.ctx.plan.selected(task.tags));
  return before(selected, { at: item.at, frame: item.frame, handler: item.handler, extra: item.extra }, next);
}

function holds(include: Include, scope: Scope): boolean {
  for (const condition of include.when) {
    const result = condition.test(scope);
    if (result instanceof Unknown) throw notKnown(result.why, include);
    if (!result) return false;
  }
  return true;
}

function notKnown(why: string, include: Include): SlipwayError {
  return new SlipwayError('task.invalid', `what is included depends on ${why}, which a dry run cannot know`, {
    span: include.span,
    hint: 'Use import_tasks with `when`, so that each task is forecast by itself.',
  });
}
