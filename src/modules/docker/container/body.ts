import { endpointOf } from './networks.ts';
import type { ContainerParams } from './params.ts';
import type { Network } from './params-network.ts';
import { portBindings } from './ports.ts';
import { dig, put } from './setting.ts';
import { SETTINGS } from './settings.ts';

/** Everything that is declared, as the Engine takes it to make a container. */
export function bodyOf(p: ContainerParams, image: string): Record<string, unknown> {
  const body: Record<string, unknown> = { Image: image };
  for (const setting of SETTINGS) {
    const wanted = setting.wanted(p);
    const path = setting.path[0] === 'Config' ? setting.path.slice(1) : setting.path;
    if (wanted !== undefined) put(body, path, wanted);
  }
  // Only what is exposed can be published.
  const published = Object.keys(portBindings(p.published_ports ?? []));
  const exposed = dig(body, ['ExposedPorts']) as object | undefined;
  if (published.length > 0)
    put(body, ['ExposedPorts'], { ...exposed, ...Object.fromEntries(published.map((port) => [port, {}])) });
  const first = firstNetwork(p);
  if (first) {
    put(body, ['HostConfig', 'NetworkMode'], first.name);
    put(body, ['NetworkingConfig', 'EndpointsConfig', first.name], endpointOf(first));
  }
  return body;
}

/** The network that a container is made in; it is connected to the others afterwards. */
export const firstNetwork = ({ networks, network_mode: mode }: ContainerParams): Network | undefined =>
  mode === undefined ? networks?.[0] : networks?.find(({ name }) => name === mode);
