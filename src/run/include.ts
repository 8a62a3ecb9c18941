import { SlipwayError } from '../base/errors.ts';
import { evaluate } from '../expression/value.ts';
import { type Scope, Unknown } from '../expression/types.ts';
import { loopNames } from '../playbook/loop-names.ts';
import type { Include } from '../playbook/types.ts';
import type { Seat } from './seat.ts';
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
  if (items instanceof Unknown) throw new NotForetold(items.why);
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
  const holds = decide(include, scope);
  if (holds === false) return next;
  const doubt = holds === true ? item.doubt : (item.doubt ?? holds.why);
  const target = evaluate(include.target, scope);
  if (target instanceof Unknown) throw new NotForetold(target.why);
  const { tasks, handlers, variables } = include.load(String(target));
  if (variables && doubt === undefined) seat.vars.includeVars(variables);
  for (const name of (doubt !== undefined && variables?.keys()) || [])
    seat.vars.set(name, new Unknown(doubt!));
  for (const handler of handlers)
    if (!seat.handlers.some(({ id }) => id === handler.id)) seat.handlers.push(handler);
  const selected = tasks.filter((task) => task.kind === 'block' || seat.ctx.plan.selected(task.tags));
  const { at, frame, handler, extra } = item;
  return before(selected, { at, frame, handler, extra, doubt }, next);
}

function decide(include: Include, scope: Scope): boolean | Unknown {
  let unknown: Unknown | undefined;
  for (const condition of include.when) {
    const result = condition.test(scope);
    if (result === false) return false;
    if (result instanceof Unknown) unknown ??= result;
  }
  return unknown ?? true;
}

/** A dry run cannot know what would be included. */
export class NotForetold extends Error {
  /** Completes "depends on ...". */
  readonly why: string;
  constructor(why: string) {
    super(`what is included depends on ${why}`);
    this.why = why;
  }
}
