import { SlipwayError } from '../base/errors.ts';
import type { Scope } from '../expression/types.ts';
import type { Keywords, Variables } from '../playbook/types.ts';
import type { Become, Remote, Session } from '../transport/types.ts';
import { delegateOf, keyword, type Seat } from './seat.ts';

/** Where a step runs: a session of one user on one host, and what is set around each step. */
export interface Station {
  /** The host that does it: the seat's own, or the one delegated to. */
  readonly host: string;
  readonly remote: Remote;
  readonly session: Session;
  readonly become: Become | undefined;
  readonly environment: Readonly<Record<string, string>> | undefined;
  /** The same text, the same station. */
  readonly key: string;
}

/** Opens (or finds) the session in which a task's steps run. @throws {SlipwayError} connect.* */
export async function stationOf(seat: Seat, keywords: Keywords, scope: Scope): Promise<Station> {
  const key = fixedKey(keywords);
  const known = key === undefined ? undefined : seat.stations.get(key);
  if (known?.version === seat.vars.version && seat.ctx.remotes.has(known.station)) return known.station;
  const { version } = seat.vars;
  const station = await openStation(seat, keywords, scope);
  if (key !== undefined) seat.stations.set(key, { version, station });
  return station;
}

// Most tasks of a play run at one place, and nothing of their own says where: their keywords as text, or undefined
// where they hang on variables.
const fixedKeys = new WeakMap<Keywords, string | undefined>();

function fixedKey(keywords: Keywords): string | undefined {
  if (fixedKeys.has(keywords)) return fixedKeys.get(keywords);
  const { become, delegateTo, environment, layers } = keywords;
  const values = [become.become, become.user, become.method, become.flags];
  const own = [...layers.roleDefaults, ...layers.roleVars, ...layers.vars, ...layers.params];
  // A variable of the task's own may say where it runs, and change with the items of its loop.
  const fixed = !delegateTo && environment.length === 0 && !own.some(sayWhere);
  const key =
    fixed && values.every((value) => value === undefined || value.kind === 'data')
      ? JSON.stringify([
          ...values.map((value) => (value?.kind === 'data' ? value.data : null)),
          own.map(numberOf),
        ])
      : undefined;
  fixedKeys.set(keywords, key);
  return key;
}

function sayWhere(variables: Variables): boolean {
  return [...variables.keys()].some((name) => name.startsWith('ansible_'));
}

const numbers = new WeakMap<Variables, number>();
let counted = 0;

function numberOf(variables: Variables): number {
  const known = numbers.get(variables);
  if (known !== undefined) return known;
  counted += 1;
  numbers.set(variables, counted);
  return counted;
}

async function openStation(seat: Seat, keywords: Keywords, scope: Scope): Promise<Station> {
  const { ctx } = seat;
  const delegate = delegateOf(keywords, scope);
  const host = delegate ?? seat.host;
  const hostScope = delegate ? ctx.variables.forHost(delegate, seat.planned).scope(keywords) : scope;
  const environment = environmentOf(keywords, scope);
  if (delegate !== undefined) ctx.remotes.share(delegate);
  const become = ctx.become(host, hostScope, keywords);
  const remote = await ctx.remotes.get(host, () => ctx.address(host, hostScope));
  const session = await remote.session(become);
  const user = become ? `${become.method}:${become.user}:${become.flags ?? ''}` : '';
  const key = `${host}\n${user}\n${environment ? JSON.stringify(environment) : ''}\n`;
  return { host, remote, session, become, environment, key };
}

function environmentOf(keywords: Keywords, scope: Scope): Record<string, string> | undefined {
  if (keywords.environment.length === 0) return undefined;
  const merged: Record<string, string> = {};
  for (const layer of keywords.environment) {
    const values = keyword(layer, scope, 'environment');
    if (values === null || values === undefined || values === '') continue;
    if (typeof values !== 'object') {
      throw new SlipwayError('task.invalid', '`environment` is not a mapping of names to values', {
        span: layer.span,
      });
    }
    for (const [name, value] of Object.entries(values)) merged[name] = String(value);
  }
  return Object.keys(merged).length === 0 ? undefined : merged;
}
