import { type TSchema, Type } from 'typebox';
import { ConnectionVariables } from '../inventory/connection-variables.ts';

/**
 * The words of the playbook language, each declared once: what the loader accepts, what the docs say and what an
 * editor completes all come from here. A value may be a template wherever `static` is not set.
 */
const text = (description: string) => Type.String({ description });
const flag = (description: string) => Type.Boolean({ description });
const number = (description: string) => Type.Number({ description, minimum: 0 });
const count = (description: string) => Type.Integer({ description, minimum: 0 });
const any = (description: string) => Type.Unknown({ description });
const map = (description: string) => Type.Record(Type.String(), Type.Unknown(), { description });
const list = (description: string) => Type.Array(Type.Unknown(), { description });
const names = (description: string) =>
  Type.Union([Type.String(), Type.Array(Type.String())], { description });
const condition = (description: string) =>
  Type.Union([Type.Boolean(), Type.String(), Type.Array(Type.Union([Type.Boolean(), Type.String()]))], {
    description: `${description} CEL; of a list all must hold.`,
    condition: true,
  });
const fixed = <T extends TSchema>(schema: T): T => ({ ...schema, static: true });
const oneOf = (values: readonly string[], description: string) =>
  Type.Union(
    values.map((value) => Type.Literal(value)),
    { description, static: true },
  );

/** For plays, blocks, tasks, includes and roles alike; inner ones win unless it says otherwise. */
const common = {
  name: text('A title for people; shown while it runs.'),
  tags: fixed(
    names('Names to select by with `--tags`; `always` and `never` are special. Inherited and added up.'),
  ),
  become: flag('Become another user.'),
  become_user: text('The user to become; root by default.'),
  become_method: text('sudo, su or doas.'),
  become_flags: text('More flags for the become method.'),
  vars: map('Variables for this part.'),
  environment: Type.Union(
    [Type.Record(Type.String(), Type.Unknown()), Type.Array(Type.Unknown()), Type.String()],
    {
      description: 'Environment variables of the commands; outer ones stay, inner ones win.',
    },
  ),
  check_mode: flag('true: never change anything here; false: run for real even in a dry run.'),
  diff: flag('Show differences, whatever `--diff` says.'),
  no_log: flag('Keep arguments and results out of all output.'),
  ignore_errors: flag('Go on after a failure.'),
  ignore_unreachable: flag('Go on after a host was lost.'),
  any_errors_fatal: flag('A host that fails or is unreachable ends the run for all, in order.'),
  throttle: count('At most this many hosts at a time.'),
  timeout: number('Seconds that a step may take.'),
  run_once: flag('Run on the first host only; all get the result.'),
  collections: list('Ignored: modules are found without it.'),
};

const delegated = {
  when: condition('Run only where this holds.'),
  delegate_to: text('Run on this host instead, with the variables of the present one.'),
  delegate_facts: flag('Facts belong to the host that it is delegated to.'),
};

export const LoopControlKeywords = Type.Object({
  loop_var: fixed(text('Name of the loop variable; `item` by default.')),
  index_var: fixed(text('Name of a variable for the position, from 0.')),
  label: any('What is shown of an item.'),
  pause: number('Seconds between items.'),
  extended: fixed(
    flag(
      'Give `ansible_loop` to each item: index, index0, first, last, length, revindex, revindex0, allitems, previtem, nextitem.',
    ),
  ),
  extended_allitems: fixed(flag('false: `ansible_loop` without `allitems`.')),
});

export const TaskKeywords = Type.Object({
  ...common,
  ...delegated,
  action: any('The module and its arguments in one value.'),
  local_action: any('As `action`, on the controller.'),
  args: fixed(map('More arguments of the module.')),
  loop: Type.Union([Type.Array(Type.Unknown()), Type.String()], { description: 'Run once for each item.' }),
  loop_control: Type.Unsafe<unknown>({
    ...LoopControlKeywords,
    description: 'Details of the loop.',
    own: true,
  }),
  with_items: any('As `loop`; lists inside are opened up once.'),
  with_list: any('As `loop`.'),
  with_dict: any('Run once for each entry of a map, as {key, value}.'),
  register: fixed(text('Keep the result in this variable.')),
  changed_when: condition('What counts as changed.'),
  failed_when: condition('What counts as failed.'),
  until: condition('Run again until this holds; the register says in `attempts` how often it ran.'),
  retries: count('How often to run again for `until`; 3 by default.'),
  delay: number('Seconds between tries; 5 by default.'),
  notify: names('Handlers to run at the end where this changed something.'),
  listen: fixed(names('Handlers only: topics that run it, besides its name.')),
});

export const BlockKeywords = Type.Object({
  ...common,
  ...delegated,
  block: list('Tasks that belong together.'),
  rescue: list('Tasks to run where the block failed.'),
  always: list('Tasks to run in any case.'),
  notify: names('Handlers that each task of the block notifies.'),
});

/** What may stand beside include_tasks, import_tasks, include_role, import_role and include_vars. */
export const IncludeKeywords = Type.Object({
  ...common,
  ...delegated,
  args: map('More arguments.'),
  loop: TaskKeywords.properties.loop,
  loop_control: TaskKeywords.properties.loop_control,
  with_items: TaskKeywords.properties.with_items,
  with_list: TaskKeywords.properties.with_list,
  with_dict: TaskKeywords.properties.with_dict,
  register: TaskKeywords.properties.register,
});

export const MetaKeywords = Type.Object({ name: common.name, tags: common.tags, when: delegated.when });

/** An entry of `roles:`; other keys are parameters of the role. */
export const RoleKeywords = Type.Object({
  ...common,
  ...delegated,
  role: fixed(text('Name of the role, or the path of its folder.')),
});

export const PromptKeywords = Type.Object({
  name: fixed(text('The variable that gets the answer.')),
  prompt: text('What is asked.'),
  private: fixed(flag('Do not show what is typed; true by default.')),
  default: any('The answer where nothing is typed.'),
  confirm: fixed(flag('Ask twice.')),
});

export const NeedKeywords = Type.Object({
  play: fixed(text('Name of an earlier play.')),
  scope: oneOf(['host', 'all'], 'host: this host must have finished it; all: every host of it.'),
});

export const STRATEGIES = ['free', 'linear', 'host_pinned'] as const;
export const ORDERS = ['inventory', 'reverse_inventory', 'sorted', 'reverse_sorted'] as const;

export const PlayKeywords = Type.Object({
  ...common,
  hosts: names('Hosts, groups and patterns.'),
  gather_facts: flag('Read the facts of the hosts first: those that something names. True by default.'),
  vars_files: list('Files of variables; of a list inside the list, the first that exists.'),
  vars_prompt: fixed(list('Variables to ask the person at the terminal for.')),
  roles: fixed(list('Roles to run before the tasks.')),
  pre_tasks: list('Tasks to run before the roles.'),
  tasks: list('The tasks.'),
  post_tasks: list('Tasks to run after them.'),
  handlers: list('Tasks that run at the end where something notified them.'),
  serial: Type.Union(
    [Type.Integer(), Type.String(), Type.Array(Type.Union([Type.Integer(), Type.String()]))],
    {
      description: 'Hosts in batches, one after the other: a number, "30%", or a list of these.',
    },
  ),
  max_fail_percentage: Type.Number({
    description: 'Give the play up when more than this percentage of hosts failed.',
    minimum: 0,
    maximum: 100,
  }),
  strategy: oneOf(STRATEGIES, 'free (default): every host at its own pace; linear: all hosts task by task.'),
  order: oneOf(ORDERS, 'The order of hosts; `inventory` by default.'),
  needs: Type.Unsafe<unknown>({
    description:
      'Earlier plays that this one waits for, by name; without it, the play waits for all before it.',
    static: true,
  }),
  remote_user: text('The user to log in as, where the inventory names none.'),
  port: Type.Integer({
    description: 'The SSH port, where the inventory names none.',
    minimum: 1,
    maximum: 65535,
  }),
  connection: text('ssh or local, where the inventory does not say.'),
});

/** An entry of a playbook that brings in another one. */
export const ImportPlaybookKeywords = Type.Object({
  import_playbook: text('Path of a playbook, relative to this one.'),
  name: common.name,
  tags: common.tags,
  vars: common.vars,
  when: delegated.when,
});

/** What is written to `include_role` and `import_role`. */
export const RoleArguments = Type.Object({
  name: text('Name of the role.'),
  tasks_from: text('File in tasks/ instead of main.'),
  vars_from: text('File in vars/ instead of main.'),
  defaults_from: text('File in defaults/ instead of main.'),
  handlers_from: text('File in handlers/ instead of main.'),
  public: fixed(flag('Show the variables of the role to the rest of the play.')),
  allow_duplicates: fixed(flag('Run it even where it ran before; true here.')),
  apply: map('Keywords for the tasks inside (include_role only).'),
});

export const TasksArguments = Type.Object({
  file: text('Path of a file of tasks, relative to this one.'),
  apply: map('Keywords for the tasks inside (include_tasks only).'),
});

export const VarsArguments = Type.Object({
  file: text('Path of a file of variables.'),
  dir: text('Folder of files of variables, read in order.'),
  name: fixed(text('Put all variables into this one as a map.')),
});

export const META_ACTIONS = ['flush_handlers', 'end_play', 'end_host', 'reset_connection', 'noop'] as const;

/** All tables with a heading, in the order of the reference. */
export const KEYWORD_TABLES = [
  { title: 'Plays', table: PlayKeywords },
  { title: 'Tasks', table: TaskKeywords },
  { title: 'Blocks', table: BlockKeywords },
  { title: 'Loops: `loop_control`', table: LoopControlKeywords },
  { title: 'Roles: entries of `roles` and of `dependencies`', table: RoleKeywords },
  { title: 'Arguments of `include_role` and `import_role`', table: RoleArguments },
  { title: 'Arguments of `include_tasks` and `import_tasks`', table: TasksArguments },
  { title: 'Arguments of `include_vars`', table: VarsArguments },
  { title: 'Beside an include or import', table: IncludeKeywords },
  { title: 'Other playbooks: `import_playbook`', table: ImportPlaybookKeywords },
  { title: 'Waiting for plays: `needs`', table: NeedKeywords },
  { title: 'Questions: `vars_prompt`', table: PromptKeywords },
  { title: 'Variables that say how a host is reached', table: ConnectionVariables },
] as const;
