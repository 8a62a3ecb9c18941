import { bytesText } from '../base/bytes.ts';
import { counted } from '../base/counted.ts';
import { SlipwayError } from '../base/errors.ts';
import { makeBundle } from '../bundle/bundle.ts';
import { readList } from '../bundle/list.ts';

interface Flags {
  readonly images?: string;
  readonly packages?: string;
  readonly sources?: readonly string[];
  readonly output: string;
}

/** `slipway bundle`: what bootstrap.yml needs where there is no network. */
export async function bundleCommand(flags: Flags): Promise<number> {
  const images = await readList(flags.images, '--images');
  const packages = await readList(flags.packages, '--packages');
  if (images.length + packages.length === 0)
    throw new SlipwayError('usage', 'neither --images nor --packages is given', {
      hint: 'slipway bundle --images images.txt --packages packages.txt -o DIR',
    });
  const progress = (text: string) => void process.stderr.write(`bundle: ${text}\n`);
  const { output: folder, sources = [] } = flags;
  const bundle = await makeBundle({ images, packages, sources, folder, progress });
  const bytes = bundle.files.reduce((sum, { size }) => sum + size, 0);
  process.stdout.write(
    `${folder}: ${counted(images.length, 'image')}, ${counted(bundle.packages.length, 'package')}, ${bytesText(bytes)}\n`,
  );
  return 0;
}
