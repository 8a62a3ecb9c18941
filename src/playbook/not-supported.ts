/** Words of Ansible that Slipway does not have, and what to write instead. */
const EVERYWHERE: Readonly<Record<string, string>> = {
  module_defaults: 'Write the arguments at each task, or use a YAML anchor (`<<: *defaults`).',
  debugger: 'Remove it: `-v` shows the results of all tasks, `--start-at-task` begins at one.',
  become_exe: 'Put sudo into the path of the login user.',
  sudo: 'Write `become: true`.',
  sudo_user: 'Write `become_user`.',
  su: 'Write `become: true` and `become_method: su`.',
};

const TASKS: Readonly<Record<string, string>> = {
  async: 'Remove it: a step may take as long as it needs, and `timeout` bounds it.',
  poll: 'Remove it, with `async`.',
  include: 'Write `include_tasks` or `import_tasks`.',
  first_available_file: 'Use `loop` over the files with a `when`.',
  connection: 'Write `delegate_to: localhost` for a task on the controller.',
  remote_user: 'Set `remote_user` for the play, or `ansible_user` in the inventory.',
  port: 'Set `ansible_port` in the inventory.',
};

const PLAYS: Readonly<Record<string, string>> = {
  force_handlers:
    'Remove it: handlers that a run did not come to run in the next one; or use a block with `always` and `meta: flush_handlers`.',
  gather_subset: 'Remove it: all facts come in one round trip.',
  gather_timeout: 'Remove it, or set `timeout` for the play.',
  fact_path: 'Read the files with `slurp` or `command`.',
  include: 'Write `import_playbook`.',
  user: 'Write `remote_user`.',
};

const LOOPS: Readonly<Record<string, string>> = {
  with_fileglob: 'Name the files in `loop`.',
  with_sequence: 'Write the numbers in `loop`.',
  with_nested: 'Use an `include_tasks` with a `loop`, and a `loop` inside.',
  with_cartesian: 'Use an `include_tasks` with a `loop`, and a `loop` inside.',
  with_together: 'Use one list of maps in `loop`.',
  with_subelements: 'Use an `include_tasks` with a `loop`, and a `loop` over the inner list inside.',
  with_indexed_items: 'Use `loop` and `loop_control: {index_var: ...}`.',
  with_first_found: 'Use `loop` over the files with a `when`, or a list inside `vars_files`.',
  with_lines: 'Register a `command` and loop over `result.stdout_lines`.',
  with_flattened: 'Use `with_items`, or write one list in `loop`.',
  with_random_choice: 'Choose in a variable.',
  with_inventory_hostnames: 'Loop over `groups.NAME`.',
  with_file: 'Use `slurp`, or give the files in `loop`.',
};

export const META_INSTEAD: Readonly<Record<string, string>> = {
  refresh_inventory: 'Run Slipway again after the inventory has changed.',
  clear_host_errors:
    'Write `ignore_errors`, `ignore_unreachable` or a block with `rescue` where it may fail.',
  clear_facts: 'Run `setup` again to read facts anew.',
  end_batch: 'Use `end_host` with the same condition.',
  end_role: 'Put the rest of the role into a block with `when`.',
};

export const STRATEGY_INSTEAD: Readonly<Record<string, string>> = {
  debug: 'Remove it: `-v` shows the results of all tasks, `--start-at-task` begins at one.',
};

/** All words that are known not to be supported at this place, with what to write instead. */
export function notSupported(where: 'play' | 'task'): Readonly<Record<string, string>> {
  return where === 'play' ? { ...EVERYWHERE, ...PLAYS } : { ...EVERYWHERE, ...TASKS, ...LOOPS };
}

/** What to write instead of a keyword that is not supported at this place; undefined for words we do not know. */
export function insteadOf(word: string, where: 'play' | 'task'): string | undefined {
  const known = notSupported(where);
  if (Object.hasOwn(known, word)) return known[word];
  if (where === 'task' && /^with_\w+$/.test(word)) return 'Use `loop` with a list.';
  return undefined;
}
