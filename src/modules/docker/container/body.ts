import { endpointOf } from './networks.ts';
import type { ContainerParams } from './params.ts';
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
  const first = p.networks?.[0];
  if (first && p.network_mode === undefined) {
    put(body, ['HostConfig', 'NetworkMode'], first.name);
    put(body, ['NetworkingConfig', 'EndpointsConfig', first.name], endpointOf(first));
  }
  return body;
}
