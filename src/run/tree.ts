import type { Block, Include, Meta, Task, TaskNode } from '../playbook/types.ts';

/**
 * What is left to do, as an immutable list: a host's place in a play is one cell of it. Cells are shared by all hosts;
 * looking ahead is reading on. Blocks are laid out flat between `end` marks, so that a failure knows where to go on.
 */
export interface Cell {
  readonly item: Item;
  readonly next: Cell | undefined;
}

export type Item =
  | {
      readonly kind: 'node';
      readonly node: Task | Include | Meta;
      readonly at: readonly number[];
      readonly frame: Frame | undefined;
      readonly handler: boolean;
      /** Variables of the include loop that brought it here. */
      readonly extra: Readonly<Record<string, unknown>> | undefined;
      /** Of a dry run: what it hangs on whether this is reached at all. */
      readonly doubt?: string | undefined;
    }
  | { readonly kind: 'end'; readonly at: readonly number[]; readonly frame: Frame };

export type Section = 'tasks' | 'rescue' | 'always';

/** One run through one section of a block. */
export interface Frame {
  readonly block: Block;
  readonly section: Section;
  readonly parent: Frame | undefined;
  readonly at: readonly number[];
  readonly handler: boolean;
  readonly extra: Readonly<Record<string, unknown>> | undefined;
  readonly doubt?: string | undefined;
  /** always: the failure that goes on after it. */
  readonly pending?: unknown;
}

export interface Place {
  readonly at: readonly number[];
  readonly frame?: Frame | undefined;
  readonly handler?: boolean;
  readonly extra?: Readonly<Record<string, unknown>> | undefined;
  readonly doubt?: string | undefined;
}

/** Puts nodes before what is left. */
export function before(nodes: readonly TaskNode[], place: Place, next: Cell | undefined): Cell | undefined {
  let cell = next;
  for (let index = nodes.length - 1; index >= 0; index--) {
    const node = nodes[index]!;
    const at = [...place.at, index];
    if (node.kind === 'block') {
      cell = enter(node, 'tasks', { ...place, at }, cell);
    } else {
      const { frame, handler = false, extra, doubt } = place;
      cell = { item: { kind: 'node', node, at, frame, handler, extra, doubt }, next: cell };
    }
  }
  return cell;
}

const SECTIONS: readonly Section[] = ['tasks', 'rescue', 'always'];

/** Lays out one section of a block and its end mark. `place.frame` is the frame around the block. */
export function enter(
  block: Block,
  section: Section,
  place: Place,
  next: Cell | undefined,
  pending?: unknown,
): Cell {
  const at = [...place.at, SECTIONS.indexOf(section)];
  const frame: Frame = {
    block,
    section,
    parent: place.frame,
    at: place.at,
    handler: place.handler ?? false,
    extra: place.extra,
    doubt: place.doubt,
    pending,
  };
  const end: Cell = { item: { kind: 'end', at: [...at, Number.MAX_SAFE_INTEGER], frame }, next };
  return before(block[section], { ...place, at, frame }, end) ?? end;
}

/** Where a host goes on after it came to the end of a section; `failure` goes on upwards. */
export function leave(frame: Frame, next: Cell | undefined): { cell: Cell | undefined; failure?: unknown } {
  if (frame.section !== 'always') {
    if (frame.block.always.length === 0) return { cell: next };
    return { cell: enter(frame.block, 'always', around(frame), next) };
  }
  return frame.pending === undefined ? { cell: next } : { cell: next, failure: frame.pending };
}

/**
 * Where a host goes on after a failure inside `frame`: the rescue or always section of the nearest block that has one.
 * `cell` is any cell inside the frame's section. Undefined: the failure ends the play for this host.
 */
export function recover(
  cell: Cell | undefined,
  frame: Frame | undefined,
  failure: unknown,
): { cell: Cell; rescued: boolean; block: Block } | undefined {
  let from = cell;
  let inside = frame;
  while (inside) {
    const end = endOf(from, inside);
    const { block } = inside;
    if (inside.section === 'tasks' && block.rescue.length > 0) {
      return { cell: enter(block, 'rescue', around(inside), end?.next), rescued: true, block };
    }
    if (inside.section !== 'always' && block.always.length > 0) {
      return { cell: enter(block, 'always', around(inside), end?.next, failure), rescued: false, block };
    }
    from = end?.next;
    inside = inside.parent;
  }
  return undefined;
}

function around(frame: Frame): Place {
  const { at, parent, handler, extra, doubt } = frame;
  return { at, frame: parent, handler, extra, doubt };
}

function endOf(cell: Cell | undefined, frame: Frame): Cell | undefined {
  for (let at = cell; at; at = at.next) if (at.item.kind === 'end' && at.item.frame === frame) return at;
  return undefined;
}
