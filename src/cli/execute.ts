import type { Gate } from '../approval/gate.ts';
import { SlipwayError } from '../base/errors.ts';
import { neededFacts } from '../check/facts.ts';
import { Secrets } from '../base/secrets.ts';
import { createBus, type Listener } from '../events/bus.ts';
import { evaluate } from '../expression/value.ts';
import { type Scope, Unknown, type Value } from '../expression/types.ts';
import { becomeOf, hostAddress } from '../inventory/address.ts';
import { gatherSubsetFor } from '../modules/facts/schema.ts';
import { modules } from '../modules/index.generated.ts';
import { createVariables, type VariableStore } from '../plan/variables.ts';
import { checkRendered } from '../playbook/rendered.ts';
import type { Keywords } from '../playbook/types.ts';
import type { Owed } from '../run/debts.ts';
import { mayNotify } from '../run/handlers.ts';
import { fileJournal, type RunLine } from '../run/journal.ts';
import { leftBehind } from '../run/left-behind.ts';
import { runPlan } from '../run/run.ts';
import { createTransport } from '../transport/transport.ts';
import type { Become, HostAddress } from '../transport/types.ts';
import { type Ask, inTurn } from './ask.ts';
import { onInterrupt } from './interrupt.ts';
import { createLocal } from './local.ts';
import type { ConnectionFlags } from './options.ts';
import { version } from './version.ts';
import { filesOf, type Project } from './project.ts';
import { askPasswords, credentialsBy, type Passwords } from './prompts.ts';
import { runsBefore } from './runs.ts';
import { askPrompts } from './vars-prompt.ts';

export interface Execution {
  readonly project: Project;
  readonly flags: ConnectionFlags;
  readonly playbooks: readonly string[];
  readonly run: { readonly id: string; readonly folder: string };
  readonly listeners: readonly Listener[];
  /** Keeps the screen still while somebody is asked something. */
  readonly hold: () => () => void;
  /** Lets the run do what was approved and nothing else. */
  readonly gate?: (ask: Ask) => Gate;
  /** Asked for already. */
  readonly passwords?: Passwords;
  /** A person decides before each task. */
  readonly step?: boolean | undefined;
  /** The listeners want gathered facts. */
  readonly facts?: boolean;
}

/** Wires the layers and carries a plan out. @returns the exit code */
export async function execute(given: Execution): Promise<number> {
  const { project, flags, run } = given;
  const passwords = given.passwords ?? (await askPasswords(flags));
  const secrets = new Secrets();
  secrets.add(Object.values(passwords));
  const bus = createBus(secrets);
  for (const listener of given.listeners) bus.subscribe(listener);
  const lost = new Set<string>();
  const variables = createVariables({
    inventory: project.inventory,
    options: project.plan.options,
    version,
    alive: ({ hosts }) => hosts.filter((host) => !lost.has(host)),
  });
  await askPrompts(project.plan, variables, secrets);
  const interrupt = onInterrupt(bus);
  const { first, owed } = takeUp(given);
  const journal = fileJournal(run.folder);
  journal.write(first);
  try {
    const onWarning = (message: string) => bus.emit('warning', { code: 'connect.host-key', message });
    const acceptNewHostKeys = flags.acceptNewHostKeys ?? false;
    const ask = inTurn(given.hold, interrupt.signal);
    const gate = given.gate?.(ask);
    const credentials = credentialsBy(ask);
    const quiet = given.facts !== true && flags.verbose < 2 && flags.output !== 'jsonl';
    const transport = createTransport({ credentials, acceptNewHostKeys, onWarning });
    return await runPlan(
      {
        plan: project.plan,
        modules,
        variables,
        transport,
        address: (host, scope) => addressOf(host, scope, flags, passwords, secrets),
        become: (host, scope, keywords) => become(host, scope, keywords, flags, passwords, secrets),
        local: (place, scope, planned) => createLocal(place, scope, planned, secrets),
        checkArguments: checkRendered,
        lost,
        events: bus,
        journal,
        owed,
        secrets,
        ask,
        step: given.step,
        approve: gate && ((proposal) => gate.allow(secrets.redactData(proposal))),
        forks: Number(flags.forks),
        verbosity: flags.verbose,
        live: flags.verbose > 0 || flags.output === 'jsonl',
        quiet,
        gatherSubset: quiet && !given.step ? await subsetOf(project) : undefined,
        signal: interrupt.signal,
      },
      { id: run.id, version, playbooks: given.playbooks, simulated: isLab(project, variables) },
    );
  } finally {
    journal.close();
    interrupt.done();
  }
}

/** Goes on from the last run of the same. */
function takeUp({ project: { plan, sources }, run }: Execution): {
  readonly first: RunLine;
  readonly owed: readonly Owed[];
} {
  const first: RunLine = {
    at: 'run',
    run: run.id,
    ...sources,
    plays: plan.plays.map(({ play }) => play.name),
    check: plan.options.check,
  };
  return { first, owed: plan.plays.some(mayNotify) ? leftBehind(runsBefore(run.id), first) : [] };
}

/** What plays have to gather, where nobody is shown the facts. */
async function subsetOf({ plan }: Project): Promise<readonly string[] | undefined> {
  if (!plan.plays.some(({ play }) => play.gatherFacts)) return undefined;
  const needed = await neededFacts({ plan, modules, local: filesOf });
  return needed === 'all' ? undefined : gatherSubsetFor(needed);
}

function addressOf(
  host: string,
  scope: Scope,
  flags: ConnectionFlags,
  passwords: Passwords,
  secrets: Secrets,
): HostAddress {
  const seconds = flags.timeout === undefined ? undefined : Number(flags.timeout) * 1000;
  const address = hostAddress(scope, host, {
    user: flags.user,
    privateKeyFile: flags.privateKey,
    password: passwords.login,
    timeout: seconds,
    hostKeyChecking: flags.acceptNewHostKeys ? 'accept-new' : undefined,
    sshArguments: flags.sshCommonArgs,
  });
  secrets.add(address.password);
  return address;
}

function become(
  host: string,
  scope: Scope,
  keywords: Keywords,
  flags: ConnectionFlags,
  passwords: Passwords,
  secrets: Secrets,
): Become | undefined {
  const written = keywords.become;
  const values = {
    become: keyword(written.become, scope),
    user: keyword(written.user, scope),
    method: keyword(written.method, scope),
    flags: keyword(written.flags, scope),
  };
  const given = {
    become: flags.become,
    user: flags.becomeUser,
    method: flags.becomeMethod,
    password: passwords.become,
  };
  const result = becomeOf(scope, host, values, given);
  secrets.add(result?.password);
  return result;
}

function keyword(value: Value | undefined, scope: Scope): unknown {
  if (!value) return undefined;
  const result = evaluate(value, scope);
  if (!(result instanceof Unknown)) return result;
  throw new SlipwayError('task.invalid', `\`become\` depends on ${result.why}, which is not known yet`, {
    span: value.span,
    cause: result,
  });
}

function isLab(project: Project, variables: VariableStore): boolean {
  const hosts = new Set(project.plan.plays.flatMap(({ hosts }) => hosts.slice(0, 1)));
  return [...hosts].some((host) => variables.forHost(host).scope().get('slipway_lab') === true);
}
