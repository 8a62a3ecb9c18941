import type { Effect, Expected, Outlook, Subject } from '../module/outlook.ts';

/** What a dry run expects of one host: the latest effect on each subject. */
export class HostOutlook implements Outlook {
  readonly #expected = new Map<Subject, Expected>();
  /** By kind, the latest of it. */
  readonly #kinds = new Map<string, Expected>();
  /** The first task that would do something of which nobody can tell what it touches. */
  #assuming: string | undefined;
  #count = 0;

  get empty(): boolean {
    return this.#expected.size === 0 && this.#assuming === undefined;
  }

  /** The task that what comes after it is foretold in spite of: as if it changed nothing else. */
  get assuming(): string | undefined {
    return this.#assuming;
  }

  copy(): HostOutlook {
    const copy = new HostOutlook();
    for (const [subject, expected] of this.#expected) copy.#expected.set(subject, expected);
    for (const [kind, expected] of this.#kinds) copy.#kinds.set(kind, expected);
    copy.#assuming = this.#assuming;
    copy.#count = this.#count;
    return copy;
  }

  expect(effects: readonly Effect[], by: string): void {
    for (const { subject, state } of effects) {
      const expected = { by, state, at: this.#count++ };
      this.#expected.set(subject, expected);
      this.#kinds.set(kindOf(subject), expected);
    }
  }

  /** A command would run here, and might change anything. */
  assume(by: string): void {
    this.#assuming ??= by;
  }

  of(subject: Subject): Expected | undefined {
    return this.#expected.get(subject) ?? (isKind(subject) ? this.#kinds.get(kindOf(subject)) : undefined);
  }

  concerning(subjects: readonly Subject[]): Expected | undefined {
    for (const subject of subjects) {
      const found = this.of(subject) ?? this.#all(subject) ?? this.#above(subject);
      if (found) return found;
    }
    return undefined;
  }

  within(path: string): Expected | undefined {
    const start = `path:${path.replace(/\/+$/, '')}/`;
    let last: Expected | undefined;
    for (const [subject, expected] of this.#expected)
      if (subject.startsWith(start) && (!last || expected.at > last.at)) last = expected;
    return last;
  }

  // What happens to all of a kind happens to each.
  #all(subject: Subject): Expected | undefined {
    return this.#expected.get(`${kindOf(subject)}:` as Subject);
  }

  #above(subject: Subject): Expected | undefined {
    if (!subject.startsWith('path:/')) return undefined;
    for (let at = subject.lastIndexOf('/'); at > 5; at = subject.lastIndexOf('/', at - 1)) {
      const found = this.#expected.get(subject.slice(0, at) as Subject);
      if (found) return found;
    }
    return undefined;
  }
}

function kindOf(subject: Subject): string {
  return subject.slice(0, subject.indexOf(':'));
}

function isKind(subject: Subject): boolean {
  return subject.endsWith(':');
}

/** The outlooks of all hosts of a dry run; a task may act on another host than its own. */
export class Outlooks {
  readonly #hosts = new Map<string, HostOutlook>();
  /** The first task of which nobody can tell on which host it would run. */
  #anywhere: string | undefined;

  of(host: string): HostOutlook {
    const known = this.#hosts.get(host);
    if (known) return known;
    const made = new HostOutlook();
    if (this.#anywhere !== undefined) made.assume(this.#anywhere);
    this.#hosts.set(host, made);
    return made;
  }

  /** As `HostOutlook.assume`, on all hosts. */
  assume(by: string): void {
    this.#anywhere ??= by;
    for (const outlook of this.#hosts.values()) outlook.assume(by);
  }
}
