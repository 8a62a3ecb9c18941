import { cp, mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { SlipwayError } from '../base/errors.ts';
import { generateSigningKey } from '../lab/apt/openpgp.ts';
import { packagesIn, repositorySite } from '../lab/apt/repository.ts';
import { controlField } from '../lab/deb/read.ts';
import { lastWords, type Ran, program } from './program.ts';

export interface BundledPackage {
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
}

/**
 * Packages with all that they depend on, for hosts of which nothing is known but the release, as a signed repository
 * in `folder`. apt of this machine gets them with its own sources (or `sources`), in folders of its own: nothing here
 * is installed or changed, and no root is needed. The key is new and thrown away.
 */
export async function bundlePackages(
  names: readonly string[],
  folder: string,
  sources: readonly string[],
  progress: (text: string) => void,
): Promise<BundledPackage[]> {
  if (names.length === 0) return [];
  await mkdir(path.join(folder, 'partial'), { recursive: true });
  const work = await mkdtemp(path.join(tmpdir(), 'slipway-bundle-'));
  try {
    const env = { APT_CONFIG: await configure(work, folder, sources) };
    progress('package lists');
    must(await program('apt-get', ['update', '-qq', '--error-on=any'], env), 'the package lists');
    progress(`${names.length} packages with all that they need`);
    const get = ['install', '-qq', '-y', '--download-only', ...names];
    const listed = await program('apt-get', [...get, '--print-uris'], env);
    must(listed, 'the packages');
    must(await program('apt-get', get, env), 'the packages');
    await copyLocal(listed.stdout, folder);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  await rm(path.join(folder, 'partial'), { recursive: true, force: true });
  await rm(path.join(folder, 'lock'), { force: true });
  // An epoch is written as %3a, which apt would take for an encoded name.
  for (const file of await readdir(folder))
    if (file.includes('%3a'))
      await rename(path.join(folder, file), path.join(folder, file.replace(/_\d+%3a/, '_')));
  return sign(folder);
}

/** What is in a source on this machine's disk, apt takes from there and leaves there. */
async function copyLocal(uris: string, folder: string): Promise<void> {
  for (const [, from, name] of uris.matchAll(/^'file:(?:\/\/)?(\/[^']*)' (\S+) /gm))
    await cp(decodeURIComponent(from!), path.join(folder, name!));
}

function must(ran: Ran, what: string): void {
  if (ran.code === 0) return;
  throw new SlipwayError('bundle.failed', `${what} could not be had: ${lastWords(ran)}`, {
    hint: "apt asks the sources of this machine, or those of --sources: do they have the hosts' release, and these packages?",
    data: { ...ran },
  });
}

/** An apt that knows no installed package, so that everything is fetched. */
async function configure(work: string, folder: string, sources: readonly string[]): Promise<string> {
  const at = (name: string) => path.join(work, name);
  for (const name of ['lists/partial', 'state', 'cache', 'sources.d'])
    await mkdir(at(name), { recursive: true });
  await writeFile(at('status'), '');
  for (const file of sources)
    await cp(file, at(`sources.d/${path.basename(file)}`)).catch((cause: unknown) => {
      throw new SlipwayError('file.missing', `--sources ${file} cannot be read`, { cause });
    });
  const own = sources.length > 0;
  const lines = {
    'Dir::State': `${at('state')}/`,
    'Dir::State::status': at('status'),
    'Dir::State::lists': `${at('lists')}/`,
    'Dir::Cache': `${at('cache')}/`,
    'Dir::Cache::archives': `${path.resolve(folder)}/`,
    ...(own && { 'Dir::Etc::sourcelist': '/dev/null', 'Dir::Etc::sourceparts': `${at('sources.d')}/` }),
    'APT::Install-Recommends': 'false',
    'APT::Sandbox::User': '',
    'APT::Get::AllowUnauthenticated': 'false',
    'Acquire::Languages': 'none',
  };
  const text = Object.entries(lines).map(([key, value]) => `${key} "${value}";\n`);
  await writeFile(at('apt.conf'), text.join(''));
  return at('apt.conf');
}

async function sign(folder: string): Promise<BundledPackage[]> {
  const served = await packagesIn(folder);
  const key = await generateSigningKey('Slipway bundle');
  for (const [name, body] of repositorySite(served, key, new Date(), 'Slipway bundle'))
    if (Buffer.isBuffer(body)) await writeFile(path.join(folder, path.basename(name)), body);
  return served.map(({ control }) => ({
    name: controlField(control, 'Package') ?? '',
    version: controlField(control, 'Version') ?? '',
    architecture: controlField(control, 'Architecture') ?? '',
  }));
}
