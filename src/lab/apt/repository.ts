import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { SlipwayError } from '../../base/errors.ts';
import { buildDeb, controlText, debFileName } from '../deb/archive.ts';
import { controlField, readControl } from '../deb/read.ts';
import type { DebPackage } from '../deb/types.ts';
import { armoredPublicKey, clearSign, type SigningKey } from './openpgp.ts';

/** A package as the repository serves it: from memory, or from a file on this machine. */
export interface Served {
  readonly fileName: string;
  readonly control: string;
  readonly size: number;
  readonly sha256: string;
  readonly body: Buffer | { readonly path: string };
}

/** URL path (without the leading slash) -> what is answered. */
export type Site = ReadonlyMap<string, Buffer | { readonly path: string }>;

/** Packages made here. */
export async function madePackages(debs: readonly DebPackage[]): Promise<Served[]> {
  return Promise.all(
    debs.map(async (deb) => {
      const body = await buildDeb(deb);
      const sha256 = createHash('sha256').update(body).digest('hex');
      return { fileName: debFileName(deb), control: controlText(deb), size: body.length, sha256, body };
    }),
  );
}

/**
 * Every .deb below a folder.
 * @throws {SlipwayError} file.missing, lab.unsupported
 */
export async function packagesIn(folder: string): Promise<Served[]> {
  const names = await readdir(folder, { recursive: true }).catch((cause: unknown) => {
    throw new SlipwayError('file.missing', `the folder ${folder} cannot be read`, { cause });
  });
  const debs = names.filter((name) => name.endsWith('.deb')).sort();
  if (debs.length === 0)
    throw new SlipwayError('file.missing', `there is no .deb file in ${folder}`, {
      hint: 'Put kubeadm, kubelet, kubectl, cri-tools, kubernetes-cni and containerd.io packages there.',
    });
  const served: Served[] = [];
  for (const name of debs) {
    const file = path.join(folder, name);
    const control = await readControl(file);
    const { size } = await stat(file);
    served.push({
      fileName: path.basename(name),
      control,
      size,
      sha256: await sha256Of(file),
      body: { path: file },
    });
  }
  return served;
}

/** In hex, of a file of any size. */
export async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

/** A flat repository (`Suites: /`) as pkgs.k8s.io has them, below `deb/`, with its key at `key.asc`. */
export function repositorySite(
  packages: readonly Served[],
  key: SigningKey,
  now = new Date(),
  label = 'Slipway lab',
): Site {
  const index = Buffer.from(packages.map(paragraph).join('\n'));
  const gzipped = gzipSync(index);
  const architectures = new Set(
    packages
      .map((one) => controlField(one.control, 'Architecture') ?? 'all')
      .filter((name) => name !== 'all'),
  );
  const sum = (name: string, bytes: Buffer) =>
    ` ${createHash('sha256').update(bytes).digest('hex')} ${bytes.length} ${name}`;
  const release = [
    `Origin: ${label}`,
    `Label: ${label}`,
    `Date: ${now.toUTCString().replace('GMT', 'UTC')}`,
    `Architectures: ${[...architectures].sort().join(' ') || 'all'}`,
    `Description: packages of a ${label}`,
    'SHA256:',
    sum('Packages', index),
    sum('Packages.gz', gzipped),
    '',
  ].join('\n');
  const site = new Map<string, Buffer | { readonly path: string }>([
    ['key.asc', Buffer.from(armoredPublicKey(key))],
    ['deb/Packages', index],
    ['deb/Packages.gz', gzipped],
    ['deb/Release', Buffer.from(release)],
    ['deb/InRelease', Buffer.from(clearSign(key, release, now.getTime()))],
  ]);
  for (const one of packages) site.set(`deb/${one.fileName}`, one.body);
  return site;
}

function paragraph(one: Served): string {
  const fields = `Filename: ./${one.fileName}\nSize: ${one.size}\nSHA256: ${one.sha256}\n`;
  // Description comes last in a control file and may have several lines, so the new fields go first.
  return one.control.replace(/^(Package: .*\n)/m, `$1${fields}`);
}
