import { type Static, Type } from 'typebox';
import { SlipwayError } from '../../base/errors.ts';

const list = (description: string, more: object = {}) =>
  Type.Optional(Type.Union([Type.String(), Type.Array(Type.String())], { description, ...more }));
const text = (description: string, more: object = {}) => Type.Optional(Type.String({ description, ...more }));

export const sourceParams = Type.Object({
  repo: text('A line as in sources.list: `deb [arch=amd64] https://example.org/apt stable main`.'),
  name: text('What it is called.', { pattern: '^[A-Za-z0-9_.-]+$' }),
  filename: text('The file without folder and suffix; default: `name`, or made from the URI.', {
    pattern: '^[A-Za-z0-9_.-]+$',
  }),
  state: Type.Optional(
    Type.Enum(['present', 'absent'], { default: 'present', description: 'There or not.' }),
  ),
  types: list('`deb`, `deb-src`.', { default: ['deb'] }),
  uris: list('Where it is.'),
  suites: list('Suites, or a path that ends in `/` for a flat repository.'),
  components: list('Components; none for a flat repository.'),
  architectures: list('Only these architectures.'),
  signed_by: text('A keyring that is on the host already.', { pattern: '^/' }),
  key: text('The public key, in ASCII armour.'),
  key_src: text('A file with the public key, on the controller.'),
  key_url: text('Where the host fetches the public key, once.'),
  fingerprint: text('The fingerprint that the key must have, or the end of it (16 digits at least).', {
    pattern: '^(0x)?[0-9A-Fa-f ]{16,}$',
  }),
  trusted: Type.Optional(Type.Boolean({ description: 'Do without signatures (or, if false, never do).' })),
  enabled: Type.Optional(Type.Boolean({ default: true, description: 'Whether apt uses it.' })),
  mode: text('Permissions of the file.', { default: '0644' }),
  update_cache: Type.Optional(
    Type.Boolean({ default: true, description: 'Fetch the lists of this repository after a change.' }),
  ),
  lock_timeout: Type.Optional(
    Type.Integer({ default: 60, minimum: 0, description: 'Seconds to wait for another apt.' }),
  ),
  migrate: Type.Optional(
    Type.Boolean({
      default: false,
      description: 'Remove sources that name apt.kubernetes.io, which is gone since March 2024.',
    }),
  ),
});

export type SourceParams = Static<typeof sourceParams>;

/** A repository as its file describes it. */
export interface Source {
  readonly filename: string;
  readonly types: readonly string[];
  readonly uris: readonly string[];
  readonly suites: readonly string[];
  readonly components: readonly string[];
  readonly architectures: readonly string[];
  readonly signedBy: string | undefined;
  readonly trusted: boolean | undefined;
}

const words = (value: string | readonly string[] | undefined) =>
  (typeof value === 'string' ? value.split(/[\s,]+/) : (value ?? [])).filter((word) => word !== '');

/** @throws {SlipwayError} task.invalid */
export function sourceOf(p: SourceParams): Source {
  const line = p.repo === undefined ? undefined : oneLine(p.repo);
  const uris = line?.uris ?? words(p.uris);
  const filename = p.filename ?? p.name ?? nameOf(uris[0]);
  if (filename === undefined)
    throw new SlipwayError('task.invalid', 'the repository has no name', {
      hint: 'Give `name`, or `repo` with a URI.',
    });
  const source = {
    filename,
    types: line?.types ?? words(p.types ?? 'deb'),
    uris,
    suites: line?.suites ?? words(p.suites),
    components: line?.components ?? words(p.components),
    architectures: line?.architectures ?? words(p.architectures),
    signedBy: p.signed_by ?? line?.signedBy,
    trusted: p.trusted ?? line?.trusted,
  };
  if (p.state !== 'absent') check(source);
  return source;
}

function check(source: Source): void {
  const missing = source.uris.length === 0 ? 'uris' : source.suites.length === 0 ? 'suites' : undefined;
  if (missing !== undefined)
    throw new SlipwayError('task.invalid', `\`${missing}\` is missing`, {
      hint: 'Give `uris` and `suites`, or `repo` with a whole line.',
    });
  const flat = source.suites.filter((suite) => suite.endsWith('/'));
  if (flat.length > 0 && source.components.length > 0)
    throw new SlipwayError('task.invalid', `a flat repository (${flat[0]}) has no components`, {
      hint: 'Remove `components`, or the slash at the end of the suite.',
    });
  if (flat.length === 0 && source.components.length === 0)
    throw new SlipwayError('task.invalid', '`components` is missing', {
      hint: 'Give them (`main`), or a suite that ends in `/` for a flat repository.',
    });
}

function oneLine(repo: string): Omit<Source, 'filename'> {
  const found = /^\s*(deb(?:-src)?)\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)((?:\s+[^\s#]+)*)\s*(?:#.*)?$/.exec(
    repo,
  );
  if (!found)
    throw new SlipwayError('task.invalid', `this is no line of sources.list: ${repo}`, {
      hint: repo.startsWith('ppa:')
        ? 'A PPA is written out: uris https://ppa.launchpadcontent.net/OWNER/NAME/ubuntu, with its key.'
        : 'Write `deb URI SUITE COMPONENT...`.',
    });
  const [, type, options, uri, suite, components] = found;
  const values = Object.fromEntries(
    words(options?.replaceAll(',', '\u0001')).map((option) => {
      const [key, value] = option.split('=');
      return [key!, (value ?? '').replaceAll('\u0001', ',')];
    }),
  );
  return {
    types: [type!],
    uris: [uri!],
    suites: [suite!],
    components: words(components),
    architectures: words(values['arch']),
    signedBy: values['signed-by'],
    trusted: values['trusted'] === undefined ? undefined : values['trusted'] === 'yes',
  };
}

/** `https://example.org/apt/v1` becomes `example_org_apt_v1`. */
function nameOf(uri: string | undefined): string | undefined {
  return uri
    ?.replace(/^\w+:\/+(?:[^/@]*@)?/, '')
    .replace(/\/+$/, '')
    .replace(/[^A-Za-z0-9]+/g, '_');
}

/** The file in the format of deb822(5). `keyring` is the one that we keep for it. */
export function deb822(p: SourceParams, source: Source, keyring: string | undefined): string {
  const yes = (value: boolean) => (value ? 'yes' : 'no');
  const signedBy = keyring ?? source.signedBy;
  const fields: (readonly [string, string | undefined])[] = [
    ['X-Repolib-Name', p.name],
    ['Enabled', p.enabled === false ? 'no' : undefined],
    ['Types', source.types.join(' ')],
    ['URIs', source.uris.join(' ')],
    ['Suites', source.suites.join(' ')],
    ['Components', source.components.join(' ') || undefined],
    ['Architectures', source.architectures.join(' ') || undefined],
    ['Signed-By', signedBy],
    ['Trusted', source.trusted === undefined ? undefined : yes(source.trusted)],
  ];
  return fields.flatMap(([key, value]) => (value === undefined ? [] : [`${key}: ${value}\n`])).join('');
}

/** Repositories that were shut down on 4 March 2024. */
export const DEAD = 'apt\\.kubernetes\\.io|packages\\.cloud\\.google\\.com/apt[ /].*kubernetes';

export function isDead(source: Source): boolean {
  const line = `${source.uris.join(' ')} ${source.suites.join(' ')}`;
  return (
    /apt\.kubernetes\.io/.test(line) ||
    (/packages\.cloud\.google\.com\/apt/.test(line) && /kubernetes/.test(line))
  );
}
