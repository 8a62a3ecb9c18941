import { existsSync } from 'node:fs';
import { Problems, SlipwayErrors } from '../base/errors.ts';
import type { Node } from '../document/node.ts';
import { compileValue } from '../expression/value.ts';
import { loadVariables } from '../inventory/variables-file.ts';
import { checkKeywords, type Fields, isTemplate } from './check-keywords.ts';
import { text, value } from './fields.ts';
import { filePlaces, findFile } from './files.ts';
import { PromptKeywords } from './keywords.ts';
import { fixedFlag } from './inherit.ts';
import { type Place, placesOf } from './loader.ts';
import type { Prompt, VarsFile, Variables } from './types.ts';

/** Reads `vars_files`. A file that is named plainly is read at once; one named by a template, when a host needs it. */
export function readVarsFiles(fields: Fields, place: Place): VarsFile[] {
  const list = fields.get('vars_files')?.value;
  if (list?.kind !== 'list') return [];
  return list.items.flatMap((item) => {
    const node = item.kind === 'list' ? firstThere(item.items, item, place) : item;
    return node ? [varsFile(node, place)] : [];
  });
}

/** Of a list in the list, the first file that exists. */
function firstThere(nodes: readonly Node[], list: Node, place: Place): Node | undefined {
  const { problems } = place;
  const template = nodes.find(isTemplate);
  if (template) {
    problems.error('playbook.not-supported', 'files to choose from cannot be templates', {
      span: template.span,
      hint: 'Name one file with a template, or use `include_vars` with `when`.',
    });
    return undefined;
  }
  const there = nodes.find(
    (node) =>
      node.kind === 'scalar' &&
      filePlaces(String(node.value), 'vars', placesOf(place)).some((file) => existsSync(file)),
  );
  if (!there) problems.error('file.missing', 'none of these files exists', { span: list.span });
  return there;
}

function varsFile(node: Node, place: Place): VarsFile {
  const cache = new Map<string, Variables>();
  const read = (name: string, problems: Problems): Variables => {
    const known = cache.get(name);
    if (known) return known;
    const file = findFile(name, 'vars', placesOf(place), node.span);
    const variables = loadVariables(file, place.loader.cwd, problems, node.span);
    cache.set(name, variables);
    return variables;
  };
  const target = compileValue(node, place.problems);
  if (target.kind === 'data') {
    try {
      read(String(target.data), place.problems);
    } catch (error) {
      place.problems.add(error);
    }
  }
  const load = (name: string): Variables => {
    const problems = new Problems();
    const variables = read(name, problems);
    if (problems.errors.length > 0) throw new SlipwayErrors(problems.errors);
    return variables;
  };
  return { target, span: node.span, load };
}

/** Reads `vars_prompt`. */
export function readPrompts(fields: Fields, { problems }: Place): Prompt[] {
  const list = fields.get('vars_prompt')?.value;
  if (list?.kind !== 'list') return [];
  return list.items.flatMap((item): Prompt[] => {
    if (item.kind !== 'map') {
      problems.error('schema.wrong-type', 'an entry of `vars_prompt` must be a map', { span: item.span });
      return [];
    }
    const from = {
      fields: checkKeywords(item, PromptKeywords, { what: '`vars_prompt`', at: 'play' }, problems),
      problems,
    };
    const name = text(from, 'name');
    if (name === undefined) {
      problems.error('schema.missing-key', 'an entry of `vars_prompt` has no `name`', { span: item.span });
      return [];
    }
    return [
      {
        name,
        prompt: text(from, 'prompt') ?? name,
        private: fixedFlag(from, 'private') ?? true,
        default: value(from, 'default'),
        confirm: fixedFlag(from, 'confirm') ?? false,
      },
    ];
  });
}
