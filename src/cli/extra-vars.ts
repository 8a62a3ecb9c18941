import { readFileSync } from 'node:fs';
import { noteInput } from '../base/inputs.ts';
import { Problems, SlipwayError } from '../base/errors.ts';
import type { Source } from '../base/span.ts';
import { toData } from '../document/node.ts';
import { parseYaml } from '../document/yaml.ts';

/** `-e`: `k=v` words, JSON or YAML, or `@file`; later ones win. @throws {SlipwayError | SlipwayErrors} */
export function readExtraVars(given: readonly string[]): Record<string, unknown> {
  return Object.assign({}, ...given.map(readOne)) as Record<string, unknown>;
}

function readOne(text: string): Record<string, unknown> {
  if (text.startsWith('@')) return readMapping({ path: text.slice(1), text: readFile(text.slice(1)) });
  if (/^\s*[{[]/.test(text)) return readMapping({ path: '-e', text });
  const values: Record<string, unknown> = {};
  // A word goes to the next white space outside of quotes, which are taken off.
  for (const [word] of text.matchAll(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g)) {
    const at = word.indexOf('=');
    if (at <= 0) {
      throw new SlipwayError('usage', `-e ${text}: \`${word}\` is not name=value`, {
        hint: 'Write -e name=value, -e \'{"name": 1}\' or -e @file.yml.',
      });
    }
    values[word.slice(0, at)] = word
      .slice(at + 1)
      .replace(/"([^"]*)"|'([^']*)'/g, (_, double, single) => double ?? single);
  }
  return values;
}

function readFile(path: string): string {
  try {
    noteInput(path);
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new SlipwayError('file.missing', `-e @${path}: the file cannot be read`, { cause });
  }
}

/** A mapping in YAML or JSON. @throws {SlipwayError | SlipwayErrors} */
export function readMapping(source: Source): Record<string, unknown> {
  const problems = new Problems();
  const node = parseYaml(source, problems);
  problems.throwIfAny();
  if (node?.kind !== 'map') throw new SlipwayError('usage', `${source.path}: this must be a mapping`);
  return toData(node) as Record<string, unknown>;
}
