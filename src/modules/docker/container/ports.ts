import { SlipwayError } from '../../../base/errors.ts';

interface PortBinding {
  readonly HostIp: string;
  readonly HostPort: string;
}

export type PortBindings = Readonly<Record<string, readonly PortBinding[]>>;

const PORT = String.raw`\d+(?:-\d+)?`;
const PUBLISHED = new RegExp(
  String.raw`^(?:(?:(\[[0-9a-fA-F:.]+\]|\d+(?:\.\d+){3}):)?(${PORT})?:)?(${PORT})(?:/(tcp|udp|sctp))?$`,
);

/**
 * `8080:80`, `127.0.0.1:53:53/udp`, `80`, `8000-8002:80-82` as the Engine takes it. Without a port of the host the Engine
 * chooses one.
 *
 * @throws {SlipwayError} task.invalid
 */
export function portBindings(published: readonly (string | number)[]): PortBindings {
  const bindings: Record<string, PortBinding[]> = {};
  for (const given of published) {
    const [, address = '', host, container, protocol = 'tcp'] = PUBLISHED.exec(String(given)) ?? [];
    if (container === undefined) throw noPort(given);
    const inside = rangeOf(container);
    const outside = host === undefined ? undefined : rangeOf(host);
    if (inside.length === 0 || outside?.length === 0) throw noPort(given);
    const whole = inside.length === 1 && outside !== undefined && outside.length > 1;
    if (outside && !whole && outside.length !== inside.length)
      throw new SlipwayError('task.invalid', `published port "${given}" maps ${host} to ${container}`, {
        hint: 'Give ranges of the same length.',
      });
    inside.forEach((port, at) => {
      const HostPort = whole ? host! : outside ? String(outside[at]) : '';
      (bindings[`${port}/${protocol}`] ??= []).push({ HostIp: address.replace(/[[\]]/g, ''), HostPort });
    });
  }
  return bindings;
}

function rangeOf(text: string): number[] {
  const [from = 0, to = from] = text.split('-').map(Number);
  if (to < from || from < 1 || to > 65_535) return [];
  return Array.from({ length: to - from + 1 }, (_, at) => from + at);
}

function noPort(given: string | number): SlipwayError {
  return new SlipwayError('task.invalid', `"${given}" is no published port`, {
    hint: 'Write 8080:80, 127.0.0.1:8080:80, 53:53/udp, or 80 for any port of the host.',
  });
}

/** Each binding as a text that is the same however it was written: `8080 -> 80/tcp`. */
export function portTexts(bindings: PortBindings | null | undefined): string[] {
  return Object.entries(bindings ?? {}).flatMap(([port, list]) =>
    (list ?? []).map(({ HostIp, HostPort }) => {
      const address = HostIp === '' || HostIp === '0.0.0.0' ? '' : `${HostIp}:`;
      const [from, to] = HostPort.split('-');
      return `${address}${HostPort === '' || HostPort === '0' ? 'any port' : from === to ? from : HostPort} -> ${port}`;
    }),
  );
}

/** `80`, `53/udp`, `8000-8002` as `80/tcp`, ... @throws {SlipwayError} task.invalid */
export function exposedPorts(exposed: readonly (string | number)[]): string[] {
  return exposed.flatMap((given) => {
    const [, range = '', protocol = 'tcp'] =
      /^(\d+(?:-\d+)?)(?:\/(tcp|udp|sctp))?$/.exec(String(given)) ?? [];
    const ports = range === '' ? [] : rangeOf(range);
    if (ports.length === 0) throw noPort(given);
    return ports.map((port) => `${port}/${protocol}`);
  });
}
