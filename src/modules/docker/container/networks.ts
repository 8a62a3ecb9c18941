import type { Difference } from '../../../module/contract.ts';
import { howOf } from './differences.ts';
import type { Container, Endpoint } from './inspected.ts';
import type { ContainerParams } from './params.ts';
import type { Network } from './params-network.ts';

export interface NetworkChanges {
  readonly connect: readonly Network[];
  readonly disconnect: readonly string[];
  readonly diff: readonly Difference[];
}

const NONE: NetworkChanges = { connect: [], disconnect: [], diff: [] };

/** What has to happen to the networks of a container that is there. */
export function networkChanges(p: ContainerParams, container: Container): NetworkChanges {
  const how = howOf('networks', 'set', p);
  if (!p.networks || how === 'ignore') return NONE;
  const found = container.NetworkSettings.Networks ?? {};
  const differing = p.networks.filter((network) => !fits(network, found[network.name]));
  const names = p.networks.map(({ name }) => name);
  const extra = how === 'strict' ? Object.keys(found).filter((name) => !names.includes(name)) : [];
  return {
    connect: differing,
    disconnect: [...extra, ...differing.map(({ name }) => name).filter((name) => found[name])],
    diff: [
      ...differing.map((network) => ({
        subject: `network ${network.name}`,
        before: found[network.name] && describe(ofEndpoint(network, found[network.name]!)),
        after: describe(network),
      })),
      ...extra.map((name) => ({ subject: `network ${name}`, before: 'connected' })),
    ],
  };
}

function fits(network: Network, endpoint: Endpoint | undefined): boolean {
  if (!endpoint) return false;
  const { IPv4Address, IPv6Address } = endpoint.IPAMConfig ?? {};
  const there = endpoint.Aliases ?? [];
  return (
    (network.ipv4_address === undefined || network.ipv4_address === IPv4Address) &&
    (network.ipv6_address === undefined || network.ipv6_address === IPv6Address) &&
    (network.aliases ?? []).every((alias) => there.includes(alias))
  );
}

/** What is there, of what is declared. */
function ofEndpoint({ name, aliases }: Network, endpoint: Endpoint): Network {
  return {
    name,
    ...(endpoint.IPAMConfig?.IPv4Address && { ipv4_address: endpoint.IPAMConfig.IPv4Address }),
    ...(endpoint.IPAMConfig?.IPv6Address && { ipv6_address: endpoint.IPAMConfig.IPv6Address }),
    ...(aliases && { aliases: [...(endpoint.Aliases ?? [])] }),
  };
}

export function describe({ ipv4_address: v4, ipv6_address: v6, aliases = [] }: Network): string {
  const as = aliases.length > 0 ? `as ${aliases.join(', ')}` : undefined;
  return ['connected', v4, v6, as].filter(Boolean).join(' ');
}

/** As the Engine takes it. */
export function endpointOf({ ipv4_address, ipv6_address, aliases }: Network) {
  const address = {
    ...(ipv4_address !== undefined && { IPv4Address: ipv4_address }),
    ...(ipv6_address !== undefined && { IPv6Address: ipv6_address }),
  };
  return {
    ...(Object.keys(address).length > 0 && { IPAMConfig: address }),
    ...(aliases && { Aliases: aliases }),
  };
}
