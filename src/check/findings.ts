import { type Problems, SlipwayError } from '../base/errors.ts';
import type { Fault } from '../expression/types.ts';
import type { World } from './world.ts';

interface Finding {
  fault: Fault;
  readonly severe: boolean;
  readonly hosts: Set<string>;
  of: number;
}

/** Values that are shown as examples: ` ("eighty")`, ` (3)`. They may be others on each host. */
const VALUES = / \((?:"(?:[^"\\]|\\.)*"|-?\d[\d.]*)\)/g;

/** All faults of all hosts; the same one on several hosts is one finding. */
export class Findings {
  readonly #world: World;
  readonly #found = new Map<string, Finding>();

  constructor(world: World) {
    this.#world = world;
  }

  add(faults: Iterable<Fault>, hosts: readonly string[], of: number): void {
    for (const fault of faults) {
      const severe = this.#isSevere(fault);
      const { code, span, message } = fault;
      const kind = message.replaceAll(VALUES, '');
      const key = [severe, code, span.source.path, span.start, kind].join('\n');
      const finding = this.#found.get(key) ?? { fault, severe, hosts: new Set<string>(), of };
      if (finding.fault.message !== message) finding.fault = { ...finding.fault, message: kind };
      for (const host of hosts) finding.hosts.add(host);
      finding.of = Math.max(finding.of, of);
      this.#found.set(key, finding);
    }
  }

  /**
   * What is reached for certain is an error. Where it is not known whether it is reached, it is one only if it is wrong
   * for every host: a name that nobody defines, a field that a module never returns.
   */
  #isSevere({ warning, sure, general, name }: Fault): boolean {
    if (warning) return false;
    if (sure || general) return true;
    return name !== undefined && !this.#world.definitions.open && !this.#world.definitions.names.has(name);
  }

  /** Hands over what was found, by place; what was said before is not said again. */
  report(problems: Problems): void {
    const said = new Set(problems.errors.map(placeOf));
    const sorted = [...this.#found.values()].sort((a, b) => order(a.fault, b.fault));
    for (const { fault, severe, hosts, of } of sorted) {
      const { code, message, span, hint } = fault;
      const names = [...hosts];
      const error = new SlipwayError(code, message, {
        span,
        hint,
        hosts: { names, of: Math.max(of, names.length) },
      });
      if (said.has(placeOf(error))) continue;
      if (severe) said.add(placeOf(error));
      (severe ? problems.errors : problems.warnings).push(error);
    }
  }
}

function placeOf({ code, span, message }: SlipwayError): string {
  return [code, span?.source.path, span?.start, message].join('\n');
}

function order(a: Fault, b: Fault): number {
  if (a.span.source.path !== b.span.source.path) return a.span.source.path < b.span.source.path ? -1 : 1;
  return a.span.start - b.span.start;
}
