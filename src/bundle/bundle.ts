import { createHash } from 'node:crypto';
import { mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { SlipwayError } from '../base/errors.ts';
import { sha256Of } from '../lab/apt/repository.ts';
import { bundleImages, isTar } from './images.ts';
import { type BundledPackage, bundlePackages } from './packages.ts';

interface BundleOptions {
  readonly images: readonly string[];
  readonly packages: readonly string[];
  /** Sources files of apt in place of this machine's. */
  readonly sources: readonly string[];
  readonly folder: string;
  readonly progress: (text: string) => void;
}

interface BundledFile {
  readonly path: string;
  readonly size: number;
  readonly sha256: string;
}

interface Bundle {
  readonly images: readonly string[];
  readonly packages: readonly BundledPackage[];
  readonly files: readonly BundledFile[];
}

/**
 * Writes all that hosts without a network need: images/ as tars, packages/ as a signed repository, manifest.json which
 * says what is in it, and SHA256SUMS over all of it.
 * @throws {SlipwayError} bundle.failed, file.missing, usage
 */
export async function makeBundle(options: BundleOptions): Promise<Bundle> {
  const { images, folder, progress } = options;
  await mkdir(folder, { recursive: true });
  if ((await readdir(folder)).length > 0)
    throw new SlipwayError('usage', `${folder} is not empty`, {
      hint: 'A bundle is written into a new folder, so that nothing old is in it.',
    });
  await bundleImages(images, path.join(folder, 'images'), progress);
  const packages = await bundlePackages(
    options.packages,
    path.join(folder, 'packages'),
    options.sources,
    progress,
  );
  progress('checksums');
  const files = await filesOf(folder);
  // Of a tar only its name: where it was is nobody's business.
  const bundle: Bundle = {
    images: images.map((name) => (isTar(name) ? path.basename(name) : name)),
    packages,
    files,
  };
  const manifest = `${JSON.stringify(bundle, null, 2)}\n`;
  await writeFile(path.join(folder, 'manifest.json'), manifest);
  const own = { path: 'manifest.json', sha256: createHash('sha256').update(manifest).digest('hex') };
  const sums = [...files, own].map(({ sha256, path: name }) => `${sha256}  ${name}\n`);
  await writeFile(path.join(folder, 'SHA256SUMS'), sums.join(''));
  return bundle;
}

async function filesOf(folder: string): Promise<BundledFile[]> {
  const files: BundledFile[] = [];
  for (const name of (await readdir(folder, { recursive: true })).sort()) {
    const { size, isFile } = await stat(path.join(folder, name)).then((found) => ({
      size: found.size,
      isFile: found.isFile(),
    }));
    if (isFile) files.push({ path: name, size, sha256: await sha256Of(path.join(folder, name)) });
  }
  return files;
}
