import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { type Problems, SlipwayError } from '../base/errors.ts';
import type { Source } from '../base/span.ts';
import { entry, type MapNode, type Node } from '../document/node.ts';
import { parseYaml } from '../document/yaml.ts';
import { compileValue } from '../expression/value.ts';
import { type Draft, groupIn, hostIn, type Origin } from './draft.ts';
import { setGroupVariable } from './ini.ts';

const run = promisify(execFile);
/** How many `--host` calls run at a time, for scripts without `_meta`. */
const AT_ONCE = 8;

interface Script {
  readonly file: string;
  readonly shown: string;
  readonly draft: Draft;
  readonly origin: Origin;
  readonly problems: Problems;
}

/** Runs an executable inventory (`--list`, and `--host NAME` where it gives no `_meta`) and reads what it prints. */
export async function readScript(
  file: string,
  shown: string,
  draft: Draft,
  origin: Origin,
  problems: Problems,
): Promise<void> {
  const script: Script = { file, shown, draft, origin, problems };
  const before = new Set(draft.hosts.keys());
  const list = await ask(script, ['--list']);
  if (list?.kind !== 'map') return;
  for (const { key, keySpan, value } of list.entries)
    if (key !== '_meta') readGroup(key, keySpan, value, script);
  const meta = entry(list, '_meta')?.value;
  const hostvars = meta?.kind === 'map' ? entry(meta, 'hostvars')?.value : undefined;
  if (meta) {
    if (hostvars?.kind === 'map')
      for (const { key, value } of hostvars.entries) readHostVariables(key, value, script);
    return;
  }
  const names = [...draft.hosts.keys()].filter((name) => !before.has(name));
  const next = names.values();
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (const name of next) {
        const variables = await ask(script, ['--host', name]);
        if (variables) readHostVariables(name, variables, script);
      }
    }),
  );
}

async function ask({ file, shown, problems }: Script, args: string[]): Promise<Node | undefined> {
  const asked = `${shown} ${args.join(' ')}`;
  let text: string;
  try {
    const answer = await run(file, args, { cwd: path.dirname(file), maxBuffer: 512 * 1024 * 1024 });
    text = answer.stdout;
  } catch (cause) {
    const { code, stderr } = cause as { code?: number | string; stderr?: string };
    const last = stderr?.trim().split('\n').at(-1);
    problems.add(
      new SlipwayError(
        'inventory.script',
        `\`${asked}\` failed (${code ?? 'killed'})${last ? `: ${last}` : ''}`,
        {
          hint: 'Run it by hand; it must print JSON and exit with 0.',
          data: { stderr, code },
          cause,
        },
      ),
    );
    return undefined;
  }
  return readJson(asked, text, problems);
}

function readJson(asked: string, text: string, problems: Problems): Node | undefined {
  const source: Source = { path: asked, text };
  try {
    const data: unknown = JSON.parse(text.trim() || '{}');
    if (data === null || typeof data !== 'object' || Array.isArray(data))
      throw new TypeError('it is no object');
  } catch (cause) {
    problems.error(
      'inventory.script',
      `\`${asked}\` did not print a JSON object: ${(cause as Error).message}`,
      {
        hint: 'An executable inventory prints what `ansible-inventory --list` prints.',
        cause,
      },
    );
    return undefined;
  }
  // JSON is YAML, so values get their place in the output.
  return text.trim() ? parseYaml(source, problems) : undefined;
}

function wrong(script: Script, what: string, node: Node): void {
  script.problems.error('inventory.script', `${script.shown}: ${what}`, { span: node.span });
}

function namesOf(
  node: Node | undefined,
  what: string,
  script: Script,
): readonly { name: string; node: Node }[] {
  if (!node) return [];
  if (node.kind !== 'list') {
    wrong(script, `${what} must be a list of names`, node);
    return [];
  }
  return node.items.map((item) => ({ name: item.kind === 'scalar' ? String(item.value) : '', node: item }));
}

function readGroup(name: string, _span: unknown, node: Node, script: Script): void {
  const group = groupIn(script.draft, name);
  group.declared = true;
  const body: MapNode | undefined = node.kind === 'map' ? node : undefined;
  const hosts = node.kind === 'list' ? node : body && entry(body, 'hosts')?.value;
  if (!body && node.kind !== 'list') wrong(script, `the group \`${name}\` must be an object or a list`, node);
  for (const host of namesOf(hosts, `the hosts of \`${name}\``, script))
    group.hosts.add(hostIn(script.draft, host.name, script.origin).name);
  for (const child of namesOf(
    body && entry(body, 'children')?.value,
    `the children of \`${name}\``,
    script,
  )) {
    groupIn(script.draft, child.name).declared = true;
    group.children.set(child.name, child.node.span);
  }
  const vars = body && entry(body, 'vars')?.value;
  if (vars?.kind === 'map')
    for (const { key, value } of vars.entries)
      setGroupVariable(script.draft, name, key, value, script.problems);
}

function readHostVariables(name: string, node: Node, script: Script): void {
  if (node.kind !== 'map') return;
  const host = hostIn(script.draft, name, script.origin);
  for (const { key, value } of node.entries) host.variables.set(key, compileValue(value, script.problems));
}
