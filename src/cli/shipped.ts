import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the package: beside the bundle, or above the sources. */
function packageFolder(): string | undefined {
  const here = path.dirname(fileURLToPath(import.meta.url));
  return [path.dirname(here), path.dirname(path.dirname(here))].find((folder) =>
    existsSync(path.join(folder, 'playbooks/bootstrap.yml')),
  );
}

/** The shipped playbook, where `playbooks/NAME` is not in the current folder: Slipway works from any. */
export function playbookFile(given: string, cwd: string = process.cwd()): string {
  if (!/^playbooks\/[\w-]+\.yml$/.test(given) || existsSync(path.resolve(cwd, given))) return given;
  const folder = packageFolder();
  const shipped = folder && path.join(folder, given);
  return shipped && existsSync(shipped) ? shipped : given;
}
