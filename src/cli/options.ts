import { type Command, InvalidArgumentError, Option } from 'commander';

export const collect = (value: string, before: string[] = []) => [...before, value];
const count = (_: string, before: number) => before + 1;

/** A number above 0, kept as it was written. */
function positive(pattern: RegExp, what: string): (value: string) => string {
  return (value) => {
    if (pattern.test(value) && Number(value) > 0) return value;
    throw new InvalidArgumentError(`It must be ${what}.`);
  };
}

const wholeNumber = positive(/^\d+$/, 'a whole number above 0');
const seconds = positive(/^\d+(\.\d+)?$/, 'a number of seconds above 0');

export interface InventoryFlags {
  readonly inventory?: readonly string[];
  readonly limit?: string;
  readonly extraVars?: readonly string[];
}

export interface ConnectionFlags {
  readonly user?: string;
  readonly askPass?: boolean;
  readonly privateKey?: string;
  /** Seconds. */
  readonly timeout?: string;
  readonly become?: boolean;
  readonly becomeUser?: string;
  readonly becomeMethod?: string;
  readonly askBecomePass?: boolean;
  readonly acceptNewHostKeys?: boolean;
  readonly sshCommonArgs?: string;
  readonly forks: string;
  readonly verbose: number;
  readonly output: 'auto' | 'terminal' | 'lines' | 'jsonl';
}

export interface RunFlags extends InventoryFlags, ConnectionFlags {
  readonly check?: boolean;
  readonly diff?: boolean;
  readonly tags?: readonly string[];
  readonly skipTags?: readonly string[];
  readonly startAtTask?: string;
  readonly step?: boolean;
  readonly listHosts?: boolean;
  readonly listTasks?: boolean;
  readonly listTags?: boolean;
  readonly syntaxCheck?: boolean;
}

export function inventoryOptions(command: Command): Command {
  return command
    .option('-i, --inventory <path>', 'inventory file, folder, script or "n1,n2," (repeatable)', collect)
    .option('-l, --limit <pattern>', 'only these hosts; @file reads names from a file')
    .option(
      '-e, --extra-vars <vars>',
      'variables that win over all others: k=v, JSON/YAML, or @file (repeatable)',
      collect,
    );
}

export function connectionOptions(command: Command): Command {
  return command
    .option('-u, --user <name>', 'log in as')
    .option('-k, --ask-pass', 'ask for the login password')
    .option('--private-key <file>', 'private key to log in with')
    .option('-T, --timeout <seconds>', 'how long a connection may take to come up', seconds)
    .option('--ssh-common-args <args>', 'more ssh arguments: -J, -o ProxyJump=…, -o UserKnownHostsFile=…')
    .option(
      '--accept-new-host-keys',
      'pin the keys of hosts that are not known yet (changed keys stay refused)',
    )
    .option('-b, --become', 'become another user (root)')
    .option('--become-user <name>', 'the user to become')
    .option('--become-method <method>', 'sudo, su or doas')
    .option('-K, --ask-become-pass', "ask for that user's password")
    .option('-f, --forks <number>', 'hosts that connect at once', wholeNumber, '50')
    .option('-v, --verbose', 'more: live output, results (repeatable)', count, 0)
    .addOption(
      new Option('--output <format>', 'how the run is shown')
        .choices(['auto', 'terminal', 'lines', 'jsonl'])
        .default('auto'),
    );
}

/** How it is done; for runs and for ad hoc commands. */
export function modeOptions(command: Command): Command {
  return command
    .option('-C, --check', 'dry run: read only, say what would change')
    .option('-D, --diff', 'show differences')
    .option('--list-hosts', 'print the hosts and stop');
}

/** Which tasks of a playbook. */
export function selectOptions(command: Command): Command {
  return command
    .option('-t, --tags <tags>', 'only tasks with these tags (repeatable, commas)', collect)
    .option('--skip-tags <tags>', 'not tasks with these tags (repeatable, commas)', collect)
    .option('--start-at-task <name>', 'begin at the task with this name');
}

export function runOptions(command: Command): Command {
  return selectOptions(modeOptions(command))
    .option('--step', 'ask before each task; hosts go in step (linear), so once for all of them')
    .option('--list-tasks', 'print the tasks and stop')
    .option('--list-tags', 'print the tags and stop')
    .option('--syntax-check', 'check the files and stop');
}

export function commaList(values: readonly string[] | undefined): string[] {
  return (values ?? [])
    .flatMap((value) => value.split(','))
    .map((value) => value.trim())
    .filter(Boolean);
}
