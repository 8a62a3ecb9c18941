import { SlipwayError } from '../base/errors.ts';
import type { Span } from '../base/span.ts';
import { hostAddress } from '../inventory/address.ts';
import type { Fault } from '../expression/types.ts';
import type { Findings } from './findings.ts';
import { Look } from './look.ts';
import type { Place } from './walk.ts';

/** How hosts are to be reached: address, port, user and the like, as far as they can be known. Each host once. */
export function examineConnections(place: Place, hosts: readonly string[], findings: Findings): void {
  const { reached } = place.world;
  for (const host of hosts) {
    if (reached.has(host)) continue;
    reached.add(host);
    findings.add(examineConnection(place, host), [host], place.planned.hosts.length);
  }
}

function examineConnection(place: Place, host: string): readonly Fault[] {
  const { planned } = place;
  const look = new Look(place, host, planned.play.keywords);
  const scope = look.scope(undefined);
  try {
    hostAddress(scope, host);
  } catch (error) {
    if (!(error instanceof SlipwayError)) throw error;
    const { code, hint } = error;
    // It says that something is not known yet.
    if (code === 'task.invalid') return [...look.watch.faults.values()];
    const message = error.message.replace(` of ${host} `, ' ');
    const named = /ansible_\w+/.exec(`${error.message} ${hint ?? ''}`)?.[0];
    const span = named === undefined ? undefined : spanOf(named, host, place);
    look.watch.fault({ code, message, span: span ?? planned.play.hostsSpan, hint, sure: true });
  }
  return [...look.watch.faults.values()];
}

function spanOf(name: string, host: string, { world, planned: { play } }: Place): Span | undefined {
  const value = world.inventory.host(host)?.variables.get(name) ?? play.vars.get(name);
  return value?.span.source.text === '' ? undefined : value?.span;
}
