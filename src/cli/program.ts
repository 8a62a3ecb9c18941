import { Argument, Command, Option } from 'commander';
import type { SchemaKind } from './schema/kinds.ts';
import { version } from './version.ts';
import {
  collect,
  connectionOptions,
  inventoryOptions,
  modeOptions,
  runOptions,
  selectOptions,
} from './options.ts';

type Exit = (code: number) => void;

/** All commands with their flags. What a command does is loaded when it is called: `--help` reads nothing else. */
export function createProgram(exit: Exit): Command {
  const program = new Command('slipway')
    .description(
      'Brings bare machines to a working Kubernetes cluster over SSH, from an inventory and YAML playbooks.',
    )
    .version(version)
    .exitOverride()
    .showHelpAfterError('(slipway --help shows all commands)')
    .addHelpText(
      'after',
      examples([
        ['slipway lab up --nodes 3', 'three disposable hosts to try things on'],
        ['slipway run playbooks/bootstrap.yml -i .slipway/lab/inventory.yml', 'bare hosts to a cluster'],
        ['slipway run site.yml -i hosts.ini -l web -C -D', 'what would change on the web hosts, with diffs'],
        ['slipway exec all -i hosts.ini -- uptime', 'one command everywhere'],
      ]),
    );
  run(program, exit);
  validate(program, exit);
  plan(program, exit);
  show(program, exit);
  apply(program, exit);
  exec(program, exit);
  inventory(program, exit);
  facts(program, exit);
  doc(program, exit);
  schema(program, exit);
  bundle(program, exit);
  lab(program, exit);
  return program;
}

/** A block of examples for `--help`: the command, then what it does. */
function examples(rows: readonly (readonly [string, string])[]): string {
  return `\nExamples:\n${rows.map(([command, what]) => `  $ ${command}\n      ${what}`).join('\n')}`;
}

function run(program: Command, exit: Exit): void {
  runOptions(connectionOptions(inventoryOptions(program.command('run'))))
    .description('Run playbooks on the hosts of an inventory.')
    .argument('<playbook...>', 'playbook files, run in order')
    .addHelpText(
      'after',
      examples([
        ['slipway run playbooks/bootstrap.yml -i inventory/lab.yml', 'run it'],
        ['slipway run site.yml -i hosts.ini -C -D', 'dry run: read only, with diffs'],
        ['slipway run site.yml -i hosts.ini -t packages -l "workers:!n7"', 'some tasks on some hosts'],
        ['slipway run site.yml -i hosts.ini --output jsonl', 'typed events, one a line'],
      ]),
    )
    .action(async (playbooks: string[], options) =>
      exit(await (await import('./run.ts')).runCommand(playbooks, options)),
    );
}

function validate(program: Command, exit: Exit): void {
  inventoryOptions(program.command('validate'))
    .description('Check playbooks and an inventory without connecting to any host.')
    .argument('<playbook...>', 'playbook files')
    .addOption(
      new Option('--output <format>', 'text, json, or annotations for a GitHub workflow')
        .choices(['text', 'json', 'github'])
        .default('text'),
    )
    .option('--strict', 'warnings count as errors')
    .addHelpText(
      'after',
      examples([
        ['slipway validate playbooks/*.yml -i inventory/lab.yml', 'exit 3 when something is wrong'],
        ['slipway validate site.yml -i hosts.ini --strict --output github', 'in a workflow'],
      ]),
    )
    .action(async (playbooks: string[], options) =>
      exit(await (await import('./validate.ts')).validateCommand(playbooks, options)),
    );
}

function plan(program: Command, exit: Exit): void {
  selectOptions(connectionOptions(inventoryOptions(program.command('plan'))))
    .description('Save what a run would do, to be looked at, approved and applied exactly.')
    .argument('<playbook...>', 'playbook files')
    .requiredOption(
      '-o, --out <file>',
      'where the plan is written (it shows differences: readable by you only)',
    )
    .addOption(
      new Option('--unknown <rule>', 'what `apply` does at steps of which the plan cannot tell')
        .choices(['stop', 'ask', 'allow'])
        .default('ask'),
    )
    .option('--valid-for <time>', 'how long it may be applied: 90m, 24h, 7d', '24h')
    .option('-D, --diff', 'show differences now, too')
    .addHelpText(
      'after',
      examples([
        [
          'slipway plan playbooks/bootstrap.yml -i hosts.yml -o plan.json',
          'exit 0: nothing to do, 5: there is',
        ],
        ['slipway show plan.json --html plan.html', 'a page for who reviews it'],
        ['slipway apply plan.json', 'exactly that, or nothing'],
      ]),
    )
    .action(async (playbooks: string[], options) =>
      exit(await (await import('./plan.ts')).planCommand(playbooks, options)),
    );
}

function show(program: Command, exit: Exit): void {
  program
    .command('show')
    .description('Show a saved plan.')
    .argument('<file>', 'what `slipway plan` wrote')
    .option('--html <file>', 'write one page instead, with everything in it')
    .option('--no-diff', 'without the differences')
    .option('-v, --verbose', 'what stays as it is, too', (_: string, before: number) => before + 1, 0)
    .addHelpText(
      'after',
      examples([
        ['slipway show plan.json', 'on the terminal'],
        ['slipway show plan.json --html plan.html', 'for a browser'],
      ]),
    )
    .action(async (file: string, options) => exit((await import('./show.ts')).showCommand(file, options)));
}

function apply(program: Command, exit: Exit): void {
  connectionOptions(program.command('apply'))
    .description('Do exactly what a saved plan says; refuse where files or hosts have changed since.')
    .argument('<file>', 'what `slipway plan` wrote')
    .option(
      '-e, --extra-vars <vars>',
      'those that the plan was made with (their values are not in it)',
      collect,
    )
    .option('-D, --diff', 'show differences')
    .addHelpText(
      'after',
      examples([
        ['slipway apply plan.json', 'exit 3: the plan does not hold any more, nothing was touched'],
        ['slipway apply plan.json -e confirm=lab', 'a plan that was made with -e confirm=lab'],
      ]),
    )
    .action(async (file: string, options) =>
      exit(await (await import('./apply.ts')).applyCommand(file, options)),
    );
}

function exec(program: Command, exit: Exit): void {
  modeOptions(connectionOptions(inventoryOptions(program.command('exec'))))
    .description('Run one command or one module on the hosts of a pattern.')
    .argument('<pattern>', 'host pattern: all, web, web[0:2], "workers:!n7"')
    .argument('[command...]', 'the command, after --')
    .option('-m, --module-name <name>', 'a module instead of a command')
    .option('-a, --args <args>', "the module's arguments: k=v words or JSON")
    .addHelpText(
      'after',
      examples([
        ['slipway exec all -i hosts.ini -- uptime', 'a command on every host'],
        ['slipway exec workers -i hosts.ini -b -m apt -a "name=curl state=present"', 'a module'],
      ]),
    )
    .action(async (pattern: string, command: string[], options) =>
      exit(await (await import('./exec.ts')).execCommand(pattern, command, options)),
    );
}

function inventory(program: Command, exit: Exit): void {
  inventoryOptions(program.command('inventory'))
    .description('Show an inventory as Slipway reads it.')
    .option('--list', 'all hosts and variables as JSON, in the shape of ansible-inventory')
    .option('--graph', 'groups and hosts as a tree')
    .option('--host <name>', 'the variables of one host as JSON')
    .option('--vars', 'with --graph: the variables, too')
    .addHelpText('after', examples([['slipway inventory -i hosts.ini --graph', 'who is in which group']]))
    .action(async (options) => exit(await (await import('./inventory.ts')).inventoryCommand(options)));
}

function facts(program: Command, exit: Exit): void {
  connectionOptions(inventoryOptions(program.command('facts')))
    .description('Gather and print the facts of hosts as JSON.')
    .argument('[pattern]', 'host pattern', 'all')
    .addHelpText('after', examples([['slipway facts n1 -i hosts.ini', 'what n1 is']]))
    .action(async (pattern: string, options) =>
      exit(await (await import('./exec.ts')).factsCommand(pattern, options)),
    );
}

function doc(program: Command, exit: Exit): void {
  program
    .command('doc')
    .description('Explain a module, a keyword, a template helper or an error code.')
    .argument('[name]', 'without it: all names')
    .addHelpText('after', examples([['slipway doc apt', 'parameters, returns, examples']]))
    .action(async (name: string | undefined) => exit(await (await import('./doc.ts')).docCommand(name)));
}

function schema(program: Command, exit: Exit): void {
  program
    .command('schema')
    .description('Print the JSON schema (draft 7) of a kind of file: an editor completes and checks with it.')
    .addArgument(
      new Argument('[kind]', 'kind of file')
        .choices(['playbook', 'tasks', 'handlers', 'inventory', 'vars'])
        .default('playbook'),
    )
    .addHelpText(
      'after',
      examples([
        ['slipway schema > .vscode/playbook.schema.json', 'for playbooks'],
        ['slipway schema tasks > .vscode/tasks.schema.json', 'for the files in tasks/ of a role'],
        ['slipway schema inventory > .vscode/inventory.schema.json', 'for inventories in YAML'],
      ]),
    )
    .action(async (kind: SchemaKind) => exit(await (await import('./schema.ts')).schemaCommand(kind)));
}

function bundle(program: Command, exit: Exit): void {
  program
    .command('bundle')
    .description('Write images and packages into a folder, for hosts that have no network.')
    .option('--images <list>', 'a file with one image or tar a line, or names between commas')
    .option('--packages <list>', 'the same, of packages as apt-get takes them: kubelet=1.34.1-*')
    .option('--sources <file>', "apt sources in place of this machine's (repeatable)", collect)
    .requiredOption('-o, --output <folder>', 'a new folder')
    .addHelpText(
      'after',
      examples([
        ['slipway bundle --images images.txt --packages packages.txt -o bundle', 'where there is a network'],
        ['slipway run playbooks/bootstrap.yml -i site.yml -e bundle=$PWD/bundle', 'where there is none'],
      ]),
    )
    .action(async (options) => exit(await (await import('./bundle.ts')).bundleCommand(options)));
}

function lab(program: Command, exit: Exit): void {
  const command = program
    .command('lab')
    .description('Disposable hosts on this machine to try playbooks on (simulated Kubernetes).')
    .addHelpText(
      'after',
      examples([
        ['slipway lab up --nodes 3', 'hosts n1, n2 and n3, and .slipway/lab/inventory.yml'],
        ['slipway lab ssh n1 -- uptime', 'a command on n1'],
        ['slipway lab down', 'stops them and removes all they left'],
      ]),
    );
  const action = async (
    name: 'up' | 'down' | 'status' | 'ssh',
    args: readonly string[],
    options: Record<string, unknown>,
  ) => exit(await (await import('./lab.ts')).labCommand(name, args, options));
  command
    .command('up')
    .description('Start hosts n1..nN and write .slipway/lab/inventory.yml.')
    .option('-n, --nodes <number>', 'how many', '3')
    .option('--driver <driver>', 'namespaces, docker or auto', 'auto')
    .option('--base <image>', 'docker: the image that the node image is built from')
    .option('--kubernetes <folder>', 'real Kubernetes .deb packages instead of the simulated ones')
    .action((options) => action('up', [], options));
  command
    .command('down')
    .description('Stop the hosts and remove all they left.')
    .action((options) => action('down', [], options));
  command
    .command('status')
    .description('Which hosts run.')
    .action((options) => action('status', [], options));
  command
    .command('ssh')
    .description('A shell, or a command, on a host of the lab.')
    .argument('<node>')
    .argument('[command...]', 'after --')
    .action((node: string, words: string[], options) => action('ssh', [node, ...words], options));
}
