export const SECTIONS = ['info', 'containers', 'images', 'networks', 'volumes', 'disk_usage'] as const;

export type Section = (typeof SECTIONS)[number];

type Fields = Readonly<Record<string, unknown>>;

/** JSON, an object a line, by the section that it stands in. */
export function sectionsOf(stdout: string): Map<string, Fields[]> {
  const sections = new Map<string, Fields[]>();
  let list: Fields[] = [];
  for (const line of stdout.split('\n')) {
    if (line.startsWith('@@@ ')) sections.set(line.slice(4), (list = []));
    else if (line.startsWith('{')) list.push(JSON.parse(line) as Fields);
  }
  return sections;
}

const SHORT: Readonly<Record<Exclude<Section, 'info'>, (one: Fields) => Fields>> = {
  containers: (one) => ({
    Id: one['ID'],
    Names: split(one['Names'], ','),
    Image: one['Image'],
    Command: unquoted(String(one['Command'] ?? '')),
    Created: timeOf(String(one['CreatedAt'] ?? '')),
    State: one['State'],
    Status: one['Status'],
    Ports: split(one['Ports'], ', '),
    Networks: split(one['Networks'], ','),
  }),
  images: ({ Id, RepoTags, RepoDigests, Created, Size }) => ({
    Id,
    RepoTags: RepoTags ?? [],
    RepoDigests: RepoDigests ?? [],
    Created,
    Size,
  }),
  networks: ({ ID, Name, Driver, Scope }) => ({ Id: ID, Name, Driver, Scope }),
  volumes: ({ Name, Driver }) => ({ Name, Driver }),
  disk_usage: ({ Type, TotalCount, Active, Size, Reclaimable }) => ({
    Type,
    TotalCount: Number(TotalCount),
    Active: Number(Active),
    Size,
    Reclaimable,
  }),
};

/** In the order of the command; an image with several names is told once. */
export function listing(
  name: Exclude<Section, 'info'>,
  found: readonly Fields[],
  verbose: boolean,
): Fields[] {
  const distinct = [...new Map(found.map((one, at) => [one['Id'] ?? at, one])).values()];
  return verbose && name !== 'disk_usage' ? distinct : distinct.map(SHORT[name]);
}

const split = (text: unknown, by: string): string[] =>
  typeof text !== 'string' || text === '' ? [] : text.split(by);

const unquoted = (text: string) => (/^".*"$/s.test(text) ? text.slice(1, -1) : text);

/** `2026-01-31 12:00:00 +0100 CET` */
function timeOf(text: string): string {
  const [, day, time, zone] = /^(\S+) (\S+) ([+-]\d{4})/.exec(text) ?? [];
  return zone === undefined ? text : new Date(`${day}T${time}${zone}`).toISOString();
}
