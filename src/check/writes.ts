import type { Span } from '../base/span.ts';
import type { Fault } from '../expression/types.ts';
import { locate } from '../base/span.ts';

/** A task that determines the whole content of a file. */
export interface Write {
  readonly task: string;
  /** The host that has the file, where it is not the task's own. */
  readonly on?: string | undefined;
  readonly path: string;
  /** The same for the same content. */
  readonly content: string;
  /** As it is written in the task: what is written alike is the same on each host. */
  readonly raw: string;
  readonly span: Span;
}

interface Written {
  readonly content: string;
  readonly hosts: readonly string[];
}

interface Owner {
  readonly span: Span;
  readonly raw: string;
  readonly written: Written[];
}

/** The files that the tasks of a play write: by path (and host that has it), then by task. */
export class Writes {
  readonly #files = new Map<string, Map<string, Owner>>();

  add(writes: readonly Write[], hosts: readonly string[]): void {
    for (const { task, on, path, content, raw, span } of writes) {
      const key = on === undefined ? path : `${path}\n${on}`;
      const owners = this.#files.get(key) ?? new Map<string, Owner>();
      this.#files.set(key, owners);
      const owner = owners.get(task) ?? { span, raw, written: [] };
      owners.set(task, owner);
      owner.written.push({ content: digest(content), hosts });
    }
  }

  /** Files that two tasks give different contents on one host. */
  *conflicts(): Iterable<{ readonly fault: Fault; readonly hosts: readonly string[] }> {
    for (const [key, owners] of this.#files) {
      if (owners.size < 2) continue;
      const before = new Map<string, { content: string; raw: string; span: Span }>();
      for (const { span, raw, written } of owners.values()) {
        const differs = (host: string, content: string) => {
          const other = before.get(host);
          return other !== undefined && other.content !== content && other.raw !== raw;
        };
        const found = written.flatMap(({ content, hosts }) => hosts.filter((host) => differs(host, content)));
        const [first] = found;
        if (first !== undefined)
          yield { fault: conflict(key.split('\n')[0]!, span, before.get(first)!.span), hosts: found };
        for (const { content, hosts } of written)
          for (const host of hosts) before.set(host, { content, raw, span });
      }
    }
  }
}

function conflict(path: string, span: Span, other: Span): Fault {
  return {
    code: 'playbook.two-owners',
    message: `\`${path}\` is written by two tasks with different contents`,
    span,
    hint: `The other one is at ${locate(other)}: each run changes the file twice. Let one of them write it.`,
    sure: true,
    warning: true,
  };
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
