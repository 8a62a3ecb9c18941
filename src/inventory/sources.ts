import { closeSync, existsSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import path from 'node:path';
import { type Problems, SlipwayError } from '../base/errors.ts';
import { parseYaml } from '../document/yaml.ts';
import { type Draft, groupIn, hostIn, type Origin } from './draft.ts';
import { readIni } from './ini.ts';
import { readHostEntry } from './ranges.ts';
import { readScript } from './script.ts';
import { readSource, shownPath } from './variables-file.ts';
import { readYaml } from './yaml.ts';

const IGNORED_NAMES = new Set(['group_vars', 'host_vars', 'vars_plugins']);
const IGNORED_ENDS = [
  '.pyc',
  '.pyo',
  '.swp',
  '.bak',
  '~',
  '.rpm',
  '.md',
  '.txt',
  '.rst',
  '.orig',
  '.cfg',
  '.retry',
];

interface Context {
  readonly draft: Draft;
  readonly problems: Problems;
  readonly cwd: string;
}

/**
 * Reads one `-i`: a file, a folder, an executable, or a list of names with a comma.
 * @returns the folder beside which group_vars/ and host_vars/ are looked for; undefined for a list of names
 */
export async function readInventorySource(given: string, context: Context): Promise<string | undefined> {
  const file = path.resolve(context.cwd, given);
  if (given.includes(',') && !existsSync(file)) {
    readNames(given, context);
    return undefined;
  }
  if (!existsSync(file)) {
    context.problems.error('file.missing', `there is no inventory at ${given}`, {
      hint:
        given.includes('/') || given.includes('.')
          ? 'Check the path.'
          : `For a list of hosts write \`-i ${given},\`.`,
    });
    return undefined;
  }
  if (!statSync(file).isDirectory()) {
    await readFile(file, context);
    return path.dirname(file);
  }
  await readFolder(file, context);
  return file;
}

function readNames(given: string, { draft, problems }: Context): void {
  for (const word of given.split(',').map((part) => part.trim())) {
    if (word === '') continue;
    try {
      const { names, port } = readHostEntry(word);
      for (const name of names) {
        const host = hostIn(draft, name, {});
        groupIn(draft, 'ungrouped').hosts.add(name);
        const source = { path: `-i ${given}`, text: given };
        const start = given.indexOf(word);
        const span = { source, start, end: start + word.length };
        if (port !== undefined) host.variables.set('ansible_port', { kind: 'data', data: port, span });
      }
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      problems.error('inventory.pattern', `-i ${given}: ${error.message}`);
    }
  }
}

async function readFolder(folder: string, context: Context): Promise<void> {
  for (const name of readdirSync(folder).sort()) {
    if (name.startsWith('.') || IGNORED_NAMES.has(name) || IGNORED_ENDS.some((end) => name.endsWith(end)))
      continue;
    const file = path.join(folder, name);
    if (statSync(file).isDirectory()) await readFolder(file, context);
    else await readFile(file, context);
  }
}

async function readFile(file: string, { draft, problems, cwd }: Context): Promise<void> {
  const origin: Origin = { file, folder: path.dirname(file) };
  if (isScript(file)) return readScript(file, shownPath(file, cwd), draft, origin, problems);
  try {
    const source = readSource(file, cwd);
    if (!isYaml(file, source.text)) return readIni(source, draft, origin, problems);
    const node = parseYaml(source, problems);
    if (node) readYaml(node, draft, origin, problems);
  } catch (error) {
    if (!(error instanceof SlipwayError)) throw error;
    problems.add(error);
  }
}

/** May be executed, and begins as a script or a program does: a mere x bit (a shared folder) does not count. */
function isScript(file: string): boolean {
  if ((statSync(file).mode & 0o111) === 0) return false;
  const handle = openSync(file, 'r');
  try {
    const head = Buffer.alloc(4);
    readSync(handle, head, 0, 4, 0);
    return head.toString('latin1').startsWith('#!') || head.toString('latin1') === '\x7FELF';
  } finally {
    closeSync(handle);
  }
}

/** By extension; a file without one is YAML when its first line is a key. */
function isYaml(file: string, text: string): boolean {
  const extension = path.extname(file);
  if (['.yml', '.yaml', '.json'].includes(extension)) return true;
  if (extension !== '') return false;
  const first = text.split('\n').find((line) => line.trim() !== '' && !/^\s*[#;]/.test(line)) ?? '';
  return /^(---|\{)/.test(first) || /^[^\s[=#:]+:(\s|$)/.test(first);
}
