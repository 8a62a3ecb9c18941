import { counted } from '../base/counted.ts';
import { SlipwayError } from '../base/errors.ts';
import type { Span } from '../base/span.ts';
import { nearest } from '../base/suggest.ts';
import type { Inventory } from './types.ts';

type Members = Pick<Inventory, 'hosts' | 'groups'>;

/** Names that mean this machine where the inventory does not name them. */
export const LOCAL_NAMES: readonly string[] = ['localhost', '127.0.0.1', '::1'];

export interface Match {
  /** In inventory order. */
  readonly hosts: readonly string[];
  /** Parts of the pattern that fit nothing, each with a hint. */
  readonly unmatched: readonly { readonly part: string; readonly hint: string }[];
}

/**
 * Hosts that a pattern selects: `a,b`, `a:b`, `:&x` (and in x), `:!x` (but not in x), `g[0]`, `g[0:2]` (both ends),
 * `g[-1]`, `~regex`, globs, `all`. Unions are made first, then `&`, then `!`, as in Ansible.
 * @throws {SlipwayError} inventory.pattern, when the pattern itself is wrong
 */
export function matchHosts(inventory: Members, pattern: string, span?: Span): Match {
  const parts = splitPattern(inventory, pattern);
  const unmatched: { part: string; hint: string }[] = [];
  const found = (part: string) => {
    const hosts = matchPart(inventory, part, span);
    if (hosts.length === 0 && !isEmptyGroup(inventory, part))
      unmatched.push({ part, hint: hintFor(inventory, part) });
    return hosts;
  };
  const plain = parts.filter((part) => !/^[&!]/.test(part));
  let chosen = new Set((plain.length === 0 && parts.length > 0 ? ['all'] : plain).flatMap(found));
  for (const part of parts.filter((each) => each.startsWith('&'))) {
    const also = new Set(found(part.slice(1)));
    chosen = new Set([...chosen].filter((host) => also.has(host)));
  }
  for (const part of parts.filter((each) => each.startsWith('!')))
    for (const host of found(part.slice(1))) chosen.delete(host);
  return { hosts: inOrder(inventory, chosen), unmatched };
}

/** As `matchHosts`; a part that fits nothing is an error, too. @throws {SlipwayError} inventory.pattern */
export function selectHosts(inventory: Members, pattern: string, span?: Span): readonly string[] {
  const { hosts, unmatched } = matchHosts(inventory, pattern, span);
  const first = unmatched[0];
  if (first)
    throw new SlipwayError('inventory.pattern', `\`${first.part}\` is no host or group of the inventory`, {
      span,
      hint: first.hint,
    });
  return hosts;
}

/** Commas part; in what is left colons part, but not in brackets, host names and IPv6 addresses. */
function splitPattern(inventory: Members, pattern: string): string[] {
  return pattern
    .split(/,(?![^[]*\])/)
    .map((part) => part.trim())
    .flatMap((part) => (isName(inventory, part) ? [part] : part.split(/:(?![^[]*\])/)))
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

function isName(inventory: Members, part: string): boolean {
  const name = part.replace(/^[&!]/, '');
  return (
    inventory.hosts.has(name) ||
    /^[\da-f:.]*::[\da-f:.]*$/i.test(name) ||
    /^([\da-f]{1,4}:){7}[\da-f]{1,4}$/i.test(name)
  );
}

/** Nothing is in it, but it is no mistake: an empty group, or the rest of a group after all of its hosts (`cp[1:]`). */
function isEmptyGroup(inventory: Members, part: string): boolean {
  const rest = /^(.+)\[\d+[:-]\]$/.exec(part)?.[1];
  if (rest !== undefined && inventory.groups.has(rest)) return true;
  return part === '*' || inventory.groups.get(part)?.allHosts.length === 0;
}

function inOrder(inventory: Members, chosen: ReadonlySet<string>): string[] {
  if (chosen.size < 2) return [...chosen];
  const sorted: string[] = [];
  for (const name of inventory.hosts.keys()) if (chosen.has(name)) sorted.push(name);
  for (const name of chosen) if (!inventory.hosts.has(name)) sorted.push(name);
  return sorted;
}

const SUBSCRIPT = /^(.+)\[(?:(-?\d+)|(\d+)([:-])(\d*))\]$/;

function matchPart(inventory: Members, part: string, span: Span | undefined): readonly string[] {
  const subscript = part.startsWith('~') || inventory.hosts.has(part) ? null : SUBSCRIPT.exec(part);
  if (!subscript) return matchNames(inventory, part, span);
  const hosts = matchNames(inventory, subscript[1]!, span);
  if (subscript[2] !== undefined) {
    const host = hosts.at(Number(subscript[2]));
    return host === undefined ? [] : [host];
  }
  const end = subscript[5] === '' ? hosts.length : Number(subscript[5]) + 1;
  return hosts.slice(Number(subscript[3]), end);
}

function matchNames(inventory: Members, part: string, span: Span | undefined): readonly string[] {
  const { hosts, groups } = inventory;
  if (part === 'all' || part === '*') return [...hosts.keys()];
  const group = groups.get(part);
  if (group) return group.allHosts;
  if (hosts.has(part)) return [part];
  if (LOCAL_NAMES.includes(part)) return [part];
  const fits = matcherOf(part, span);
  if (!fits) return [];
  const chosen = new Set<string>();
  for (const { name, allHosts } of groups.values())
    if (fits(name)) for (const host of allHosts) chosen.add(host);
  for (const name of hosts.keys()) if (fits(name)) chosen.add(name);
  return inOrder(inventory, chosen);
}

function matcherOf(part: string, span: Span | undefined): ((name: string) => boolean) | undefined {
  if (part.startsWith('~')) {
    try {
      const regex = new RegExp(`^(?:${part.slice(1)})`);
      return (name) => regex.test(name);
    } catch (cause) {
      throw new SlipwayError(
        'inventory.pattern',
        `\`${part}\` is not a regular expression: ${(cause as Error).message}`,
        {
          span,
          cause,
        },
      );
    }
  }
  if (!/[*?[]/.test(part)) return undefined;
  const regex = new RegExp(`^${globSource(part)}$`);
  return (name) => regex.test(name);
}

function globSource(glob: string): string {
  return glob.replace(
    /\[(!?)([^\]]+)\]|[*?]|[.+^${}()|[\]\\]/g,
    (found, not: string | undefined, set: string | undefined) => {
      if (found === '*') return '.*';
      if (found === '?') return '.';
      if (set !== undefined) return `[${not ? '^' : ''}${set.replace(/[\\^[\]]/g, '\\$&')}]`;
      return `\\${found}`;
    },
  );
}

function hintFor(inventory: Members, part: string): string {
  const open = /^(.+)\[(-?\d*):(-?\d*)\]$/.exec(part);
  if (open && !SUBSCRIPT.test(part)) {
    const last = open[2] === '' && /^\d+$/.test(open[3]!) ? open[3]! : '1';
    return `A range of hosts starts with a number from 0 and includes its end: \`${open[1]}[0:${last}]\`.`;
  }
  if (/^~|[*?]/.test(part)) return 'No name of a host or group fits it.';
  const name = SUBSCRIPT.exec(part)?.[1];
  const group = name === undefined ? undefined : inventory.groups.get(name);
  const size = group?.allHosts.length;
  if (size !== undefined) return `\`${name}\` has ${counted(size, 'host')}, counted from 0.`;
  const near = nearest(name ?? part, [...inventory.groups.keys(), ...inventory.hosts.keys()]);
  return near
    ? `Did you mean \`${near}\`?`
    : `Groups: ${[...inventory.groups.keys()].slice(0, 20).join(', ')}.`;
}
