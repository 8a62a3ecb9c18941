import { locate, type Span } from '../base/span.ts';
import type { Fault } from '../expression/types.ts';
import type { Changes } from './edits.ts';

/** A task that determines the whole content of a file, or a part of it. */
export interface Write {
  readonly task: string;
  /** The host that has the file, where it is not the task's own. */
  readonly on?: string | undefined;
  readonly path: string;
  /** The same for the same content. */
  readonly content: string;
  /** Set where it is only a part: what it makes of the content that another task writes. */
  readonly changes?: Changes | undefined;
  /** As it is written in the task: what is written alike is the same on each host. */
  readonly raw: string;
  readonly span: Span;
}

interface Written {
  readonly content: string;
  readonly raw: string;
  readonly hosts: readonly string[];
}

interface Owner {
  readonly span: Span;
  readonly changes: Changes | undefined;
  /** What it writes for the first hosts, to see what an edit makes of it. */
  readonly text: string | undefined;
  readonly written: Written[];
}

interface Conflict {
  readonly fault: Fault;
  readonly hosts: readonly string[];
}

/** The files that the tasks of a play write: by path (and host that has it), then by task. */
export class Writes {
  readonly #files = new Map<string, Map<string, Owner>>();

  add(writes: readonly Write[], hosts: readonly string[]): void {
    for (const { task, on, path, content, changes, raw, span } of writes) {
      const key = on === undefined ? path : `${path}\n${on}`;
      const owners = this.#files.get(key) ?? new Map<string, Owner>();
      this.#files.set(key, owners);
      const text = content.startsWith(TEXT) ? content.slice(TEXT.length) : undefined;
      const owner = owners.get(task) ?? { span, changes, text, written: [] };
      owners.set(task, owner);
      owner.written.push({ content: digest(content), raw, hosts });
    }
  }

  /** Files that two tasks give different contents on one host. */
  *conflicts(): Iterable<Conflict> {
    for (const [key, owners] of this.#files) {
      if (owners.size < 2) continue;
      const path = key.split('\n')[0]!;
      const all = [...owners.values()];
      const whole = all.filter(({ changes }) => !changes);
      yield* overwritten(path, whole);
      for (const edit of all) if (edit.changes) yield* undone(path, edit, whole);
    }
  }
}

/** How a content that is known begins; others are the name of a file, or that there is none. */
const TEXT = 'text ';

function* overwritten(path: string, owners: readonly Owner[]): Iterable<Conflict> {
  const before = new Map<string, Written & { readonly span: Span }>();
  for (const { span, written } of owners) {
    const found = written.flatMap((one) =>
      one.hosts.filter((host) => {
        const other = before.get(host);
        return other !== undefined && other.content !== one.content && other.raw !== one.raw;
      }),
    );
    const [first] = found;
    if (first !== undefined) {
      const hint = `The other one is at ${locate(before.get(first)!.span)}: each run changes the file twice. Let one of them write it.`;
      yield conflict(`\`${path}\` is written by two tasks with different contents`, span, hint, found);
    }
    for (const one of written) for (const host of one.hosts) before.set(host, { ...one, span });
  }
}

/** An edit of what another task writes whole: each run takes it back and makes it again. */
function* undone(path: string, edit: Owner, owners: readonly Owner[]): Iterable<Conflict> {
  const edited = new Set(edit.written.flatMap(({ hosts }) => hosts));
  for (const { span, text, written } of owners) {
    const hosts = written.flatMap((one) => one.hosts.filter((host) => edited.has(host)));
    if (hosts.length === 0 || !edit.changes!(text)) continue;
    const hint = `The other one is at ${locate(span)}: each run takes the edit back and makes it again. Let that task write it all.`;
    yield conflict(`\`${path}\` is edited here and written whole by another task`, edit.span, hint, hosts);
    return;
  }
}

function conflict(message: string, span: Span, hint: string, hosts: readonly string[]): Conflict {
  return { fault: { code: 'playbook.two-owners', message, span, hint, sure: true, warning: true }, hosts };
}

/** Long contents of thousands of hosts are not kept. */
function digest(content: string): string {
  if (content.length <= 64) return content;
  let [a, b] = [0x811c9dc5, 0x1b873593];
  for (let at = 0; at < content.length; at++) {
    a = Math.imul(a ^ content.charCodeAt(at), 0x01000193);
    b = Math.imul(b ^ content.charCodeAt(at), 0x85ebca6b);
  }
  return `${content.length}:${a}:${b}`;
}
