import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { SlipwayError } from '../base/errors.ts';
import { didYouMean } from '../base/suggest.ts';
import type { Listener } from '../events/bus.ts';
import { parseFreeForm } from '../module/arguments.ts';
import { modules } from '../modules/index.generated.ts';
import { moduleName, unknownModuleHint } from '../playbook/module-names.ts';
import { paintFor } from '../views/colour.ts';
import { jsonlView } from '../views/jsonl.ts';
import { failureLines, statusWord } from '../views/words.ts';
import { execute } from './execute.ts';
import { readMapping } from './extra-vars.ts';
import type { ConnectionFlags, InventoryFlags, RunFlags } from './options.ts';
import { printWarnings } from './print-warnings.ts';
import { openProject } from './project.ts';
import { newRun } from './runs.ts';

interface ExecFlags extends RunFlags {
  readonly moduleName?: string;
  readonly args?: string;
}

/** `slipway exec PATTERN -- CMD` and `slipway exec PATTERN -m MODULE -a ARGS`. */
export async function execCommand(
  pattern: string,
  command: readonly string[],
  flags: ExecFlags,
): Promise<number> {
  const task =
    flags.moduleName === undefined ? commandTask(command) : moduleTask(flags.moduleName, flags.args ?? '');
  return adHoc(pattern, task, flags, flags.output === 'jsonl' ? undefined : answers(flags));
}

/** `slipway facts [PATTERN]`: the facts of each host as one JSON object. */
export async function factsCommand(
  pattern: string,
  flags: InventoryFlags & ConnectionFlags,
): Promise<number> {
  const facts: Record<string, unknown> = {};
  const problems = answers(flags);
  const code = await adHoc(pattern, { setup: {} }, flags, (event) => {
    if (event.event === 'task.finished' && event.status === 'ok')
      facts[event.host] = event.result?.ansible_facts ?? event.result;
    else if (event.event !== 'task.finished' || event.status !== 'skipped') problems(event);
  });
  process.stdout.write(`${JSON.stringify(facts, null, 2)}\n`);
  return code;
}

// The play is kept in the run's folder, so that what was done can be read later, and its errors have a place.
async function adHoc(
  pattern: string,
  task: Record<string, unknown>,
  flags: RunFlags,
  show: Listener | undefined,
): Promise<number> {
  const run = newRun();
  const file = path.join(run.folder, 'exec.yml');
  writeFileSync(
    file,
    `${JSON.stringify([{ name: 'exec', hosts: pattern, gather_facts: false, tasks: [task] }], null, 2)}\n`,
    { mode: 0o600 },
  );
  const project = await openProject([file], flags);
  // Their place is in a file that we wrote, which says nothing to anybody.
  const warnings = project.warnings.map(
    ({ code, message, hint }) => new SlipwayError(code, message, { hint }),
  );
  const hosts = project.plan.plays[0]?.hosts ?? [];
  if (hosts.length === 0) {
    throw new SlipwayError('inventory.no-hosts', `\`${pattern}\` selects no host`, {
      hint:
        warnings.find(({ hint }) => hint)?.hint ??
        'slipway inventory --graph shows the hosts; -i names the inventory.',
    });
  }
  printWarnings(warnings);
  if (flags.listHosts) {
    process.stdout.write(`  hosts (${hosts.length}):\n${hosts.map((host) => `    ${host}\n`).join('')}`);
    return 0;
  }
  const view = jsonlView({
    output: 'jsonl',
    verbose: 0,
    diff: false,
    stdout: process.stdout,
    env: process.env,
  });
  return execute({
    project,
    flags,
    playbooks: [file],
    run,
    listeners: [show ?? ((event) => view.handle(event))],
    hold: view.hold,
    facts: true,
  });
}

function commandTask(command: readonly string[]): Record<string, unknown> {
  if (command.length === 0) {
    throw new SlipwayError('usage', 'there is no command', {
      hint: 'slipway exec PATTERN -i INVENTORY -- COMMAND',
    });
  }
  // One word is a shell line, several are a command and its arguments, as they stand.
  return command.length === 1 ? { shell: { cmd: command[0] } } : { command: { argv: command } };
}

/** @throws {SlipwayError} where there is no such module, or its arguments cannot be read */
export function moduleTask(written: string, text: string): Record<string, unknown> {
  const name = moduleName(written, modules);
  const module = modules.get(name);
  if (!module)
    throw new SlipwayError('playbook.unknown-module', `there is no module \`${written}\``, {
      hint: unknownModuleHint(written, modules),
    });
  if (/^\s*\{/.test(text)) return { [name]: readMapping({ path: '-a', text }) };
  const known = Object.keys(module.params.properties);
  const param = module.freeForm?.param ?? 'rest';
  const args = text.trim() === '' ? {} : parseFreeForm(text, { param, keyValue: true, known });
  if ('rest' in args) {
    const unknown = /^([A-Za-z_]\w*)=/.exec(args.rest.trim())?.[1];
    if (unknown)
      throw new SlipwayError('usage', `-a: \`${unknown}\` is no argument of \`${name}\``, {
        hint: didYouMean(unknown, known),
      });
    throw new SlipwayError('usage', `-a: \`${args.rest}\` is not name=value`, {
      hint: `\`${name}\` takes ${known.join(', ')}.`,
    });
  }
  return { [name]: args };
}

/** Each host's answer as it comes: a heading, then what it said. */
function answers(flags: ConnectionFlags & { check?: boolean }): Listener {
  const paint = paintFor(Boolean(process.stdout.isTTY), process.env);
  const print = (lines: readonly string[]) => process.stdout.write(`${lines.join('\n')}\n`);
  return (event) => {
    if (event.event === 'host.unreachable') {
      print([
        paint('red', `${event.host} | UNREACHABLE`),
        ...failureLines(event.failure, paint).map((line) => `  ${line}`),
      ]);
    }
    if (event.event !== 'task.finished' || event.status === 'unreachable') return;
    const { word, colour } = statusWord(event, flags.check ?? false);
    const { rc, stdout, stderr, ...rest } = event.result ?? {};
    const code = typeof rc === 'number' ? ` | rc=${rc}` : '';
    const lines = [paint(colour, `${event.host} | ${word.toUpperCase()}${code}`)];
    if (typeof stdout === 'string' && stdout !== '') lines.push(stdout.trimEnd());
    if (typeof stderr === 'string' && stderr !== '') lines.push(stderr.trimEnd());
    if (event.failure && rc === undefined) lines.push(...failureLines(event.failure, paint));
    if (typeof rc !== 'number' && !event.failure && (flags.verbose > 0 || Object.keys(rest).length > 0))
      lines.push(JSON.stringify(rest, null, 2));
    print([...lines, ...(event.says ?? [])]);
  };
}
