// `npm test`: installs what is missing and runs the unit tests. Arguments go to vitest.
import path from 'node:path';
import { install, must, root } from './install.mjs';

install();
must(process.execPath, [
  path.join(root, 'node_modules/vitest/vitest.mjs'),
  'run',
  '--project',
  'unit',
  ...process.argv.slice(2),
]);
