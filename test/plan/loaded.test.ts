import { expect, test } from 'vitest';
import { Problems, SlipwayError } from '../../src/base/errors.ts';
import { locate } from '../../src/base/span.ts';
import { loadInventory } from '../../src/inventory/load.ts';
import { loadPlaybooks } from '../../src/playbook/load.ts';
import { unknownTags } from '../../src/check/tags.ts';
import { buildPlan, type PlanOptions } from '../../src/plan/plan.ts';
import { createVariables } from '../../src/plan/variables.ts';
import { folderOf } from '../kit/folder.ts';
import { taskNamed, TOYS } from '../playbook/playbook.ts';

/** Files to a plan, as the command line makes one: `hosts` is the inventory, `site.yml` the playbook. */
async function planOf(files: Record<string, string>, given: Partial<PlanOptions> = {}) {
  const cwd = folderOf(files);
  const problems = new Problems();
  const options: PlanOptions = { check: false, diff: false, tags: [], skipTags: [], extraVars: {}, ...given };
  const inventory = await loadInventory(['hosts'], problems, { cwd, playbookDirs: [cwd] });
  const playbooks = loadPlaybooks(['site.yml'], {
    modules: TOYS,
    problems,
    cwd,
    extraVars: options.extraVars,
  });
  const plan = buildPlan(playbooks, inventory, options, problems);
  const store = createVariables({ inventory, options, version: '0' });
  const scopeOf = (host: string, task: string, play = 0) => {
    const planned = plan.plays[play]!;
    return store.forHost(host, planned).scope(taskNamed(planned.play.tasks, task));
  };
  return { plan, problems, store, scopeOf, cwd };
}

function thrownBy(act: () => unknown): SlipwayError {
  try {
    act();
  } catch (error) {
    if (error instanceof SlipwayError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

const messages = (list: readonly { code: string; message: string }[]) =>
  list.map(({ code, message }) => `${code}: ${message}`);

test('variables from every place of a real tree, each layer over the one before', async () => {
  // Each place defines the variables v<n> for itself and all places above it: v3 is last set by place 3.
  const places = [
    'roles/r/defaults/main.yml',
    'group_vars/all.yml',
    'group_vars/web.yml',
    'host_vars/n1.yml',
    'site.yml vars',
    'extra.yml',
    'roles/r/vars/main.yml',
    'block',
    'task',
    'params',
  ];
  const vars = (from: number) => places.flatMap((_, n) => (n >= from ? [`v${n}: ${from}`] : []));
  const flow = (from: number) => `{${vars(from).join(', ')}}`;
  const { problems, scopeOf } = await planOf({
    hosts: '[web]\nn1\n',
    'site.yml': `
- hosts: all
  vars: ${flow(4)}
  vars_files: [extra.yml]
  roles: [{role: r, ${vars(9).join(', ')}}]
`,
    'roles/r/tasks/main.yml': `- block: [{name: t, debug: {msg: x}, vars: ${flow(8)}}]\n  vars: ${flow(7)}\n`,
    'roles/r/defaults/main.yml': `${vars(0).join('\n')}\n`,
    'group_vars/all.yml': `${vars(1).join('\n')}\n`,
    'group_vars/web.yml': `${vars(2).join('\n')}\n`,
    'host_vars/n1.yml': `${vars(3).join('\n')}\n`,
    'extra.yml': `${vars(5).join('\n')}\n`,
    'roles/r/vars/main.yml': `${vars(6).join('\n')}\n`,
  });
  expect(messages(problems.errors)).toEqual([]);
  const scope = scopeOf('n1', 't');
  for (const [n] of places.entries()) expect([n, scope.get(`v${n}`)]).toEqual([n, n]);
});

test('the vars of an include win over facts that were set, and over parameters of a role', async () => {
  const { plan, problems, store } = await planOf({
    hosts: 'n1\n',
    'site.yml': '- hosts: all\n  roles: [{role: r, p: role}]\n',
    'roles/r/tasks/main.yml': '- {include_tasks: sub.yml, vars: {p: include, s: include}}\n',
    'roles/r/tasks/sub.yml': '- {name: t, debug: {msg: x}}\n',
  });
  expect(messages(problems.errors)).toEqual([]);
  const planned = plan.plays[0]!;
  const include = planned.play.tasks.find((node) => node.kind === 'include')!;
  const host = store.forHost('n1', planned);
  host.set('s', 'set_fact');
  const scope = host.scope(taskNamed(include.load('sub.yml').tasks, 't'));
  expect([scope.get('p'), scope.get('s')]).toEqual(['include', 'include']);
});

test('the roles of a play show their variables to all its tasks, included ones do not', async () => {
  const { problems, scopeOf } = await planOf({
    hosts: 'n1\n',
    'site.yml':
      '- hosts: all\n  roles: [r]\n  tasks: [{name: t, debug: {msg: x}}, {include_role: {name: s}}]\n- hosts: all\n  tasks: [{name: u, debug: {msg: x}}]\n',
    'roles/r/defaults/main.yml': 'd: 1\n',
    'roles/r/vars/main.yml': 'v: 1\n',
    'roles/s/defaults/main.yml': 'hidden: 1\n',
    'roles/s/tasks/main.yml': '[]\n',
  });
  expect(messages(problems.errors)).toEqual([]);
  expect([
    scopeOf('n1', 't').get('d'),
    scopeOf('n1', 't').get('v'),
    scopeOf('n1', 't').has('hidden'),
  ]).toEqual([1, 1, false]);
  expect(scopeOf('n1', 'u', 1).has('d')).toBe(false);
});

test('remote_user and its kin come after the inventory', async () => {
  const { scopeOf } = await planOf({
    hosts: 'n1\nn2 ansible_user=own\n',
    'site.yml':
      '- hosts: all\n  remote_user: play\n  port: 2222\n  connection: local\n  tasks: [{name: t, debug: {msg: x}}]\n',
  });
  expect(scopeOf('n1', 't').get('ansible_user')).toBe('play');
  expect(scopeOf('n2', 't').get('ansible_user')).toBe('own');
  expect(scopeOf('n2', 't').get('ansible_port')).toBe(2222);
  expect(scopeOf('n2', 't').get('ansible_connection')).toBe('local');
});

test('vars_files named after a fact are read once it is known', async () => {
  const { store, plan, scopeOf } = await planOf({
    hosts: 'n1\n',
    'site.yml':
      '- hosts: all\n  vars_files: ["{{ ansible_os }}.yml"]\n  tasks: [{name: t, debug: {msg: x}}]\n',
    'debian.yml': 'pkg: apt\n',
  });
  expect(scopeOf('n1', 't').get('pkg')).toBeUndefined();
  store.forHost('n1', plan.plays[0]).setFacts({ os: 'debian' });
  expect(scopeOf('n1', 't').get('pkg')).toBe('apt');
});

test('-e may hold templates', async () => {
  const { scopeOf } = await planOf(
    { hosts: 'n1 a=1\n', 'site.yml': '- hosts: all\n  tasks: [{name: t, debug: {msg: x}}]\n' },
    { extraVars: { b: '{{ a }}/x', c: ['{{ a }}'] } },
  );
  expect([scopeOf('n1', 't').get('b'), scopeOf('n1', 't').get('c')]).toEqual(['1/x', [1]]);
});

test('a variable that is defined by itself shows all places', async () => {
  const { scopeOf } = await planOf({
    hosts: 'n1\n',
    'group_vars/all.yml': 'a: "{{ b }}"\n',
    'site.yml': '- hosts: all\n  vars: {b: "x {{ a }}"}\n  tasks: [{name: t, debug: {msg: x}}]\n',
  });
  const error = thrownBy(() => scopeOf('n1', 't').get('a'));
  expect(error).toMatchObject({
    code: 'variable.cycle',
    message: 'the variable `a` is defined by itself: a -> b -> a',
  });
  expect(locate(error.span!)).toMatch(/^group_vars\/all.yml:1:/);
  expect(error.hint).toMatch(/^It goes through `b` at site.yml:2:/);
});

test('a need without a scope is for the host where all hosts of the play are in the other one', async () => {
  const { plan } = await planOf({
    hosts: '[cp]\nn1\n[workers]\nn2\nn3\n',
    'site.yml': `
- {name: prepare, hosts: all}
- {name: init, hosts: cp, needs: prepare}
- {name: join, hosts: workers, needs: [prepare, init]}
- {name: mixed, hosts: all, needs: init}
- {name: forced, hosts: cp, needs: {play: prepare, scope: all}}
`,
  });
  expect(plan.plays.map(({ play }) => play.needs?.map(({ play: of, scope }) => `${of} ${scope}`))).toEqual([
    undefined,
    ['0 host'],
    ['0 host', '1 all'],
    ['1 all'],
    ['0 all'],
  ]);
});

test('hosts: order, templates, parts that fit nothing', async () => {
  const { plan, problems } = await planOf(
    {
      hosts: '[web]\nb\na\n[db]\nc\n',
      'site.yml': `
- {hosts: web, order: sorted}
- {hosts: all, order: reverse_inventory}
- {hosts: "{{ target }}:!a", vars: {target: "{{ group }}"}}
- {hosts: [wbe, c]}
- {hosts: nothing*}
`,
    },
    { extraVars: { group: 'web' } },
  );
  expect(plan.plays.map(({ hosts }) => hosts.join(' '))).toEqual(['a b', 'c a b', 'b', 'c', '']);
  expect(messages(problems.errors)).toEqual([]);
  expect(messages(problems.warnings)).toEqual([
    'inventory.pattern: `wbe` is no host or group of the inventory',
    'inventory.pattern: `nothing*` is no host or group of the inventory',
  ]);
  expect(problems.warnings[0]!.hint).toBe('Did you mean `web`?');
});

test('a limit that fits nothing is an error; a tag that no task has is a warning', async () => {
  const files = {
    hosts: '[web]\nn1\n',
    'site.yml': '- hosts: all\n  tasks: [{debug: {msg: x}, tags: setup}]\n',
  };
  const limited = await planOf(files, { limit: 'wbe' });
  expect(limited.problems.errors[0]).toMatchObject({
    code: 'inventory.pattern',
    hint: 'Did you mean `web`?',
  });
  const tagged = await planOf(files, { tags: ['setpu', 'all'] });
  unknownTags(tagged.plan, tagged.problems);
  expect(tagged.problems.warnings).toMatchObject([{ code: 'plan.no-match', hint: 'Did you mean `setup`?' }]);
});

test('hosts share what is not their own: 5,000 hosts, 100 tasks', async () => {
  const tasks = Array.from(
    { length: 100 },
    (_, n) => `    - {name: t${n}, debug: {msg: "{{ v }} ${n}"}}`,
  ).join('\n');
  const { plan, store } = await planOf({
    hosts: `[all]\n${Array.from({ length: 5000 }, (_, n) => `n${n}`).join('\n')}\n`,
    'group_vars/all.yml': 'v: "{{ inventory_hostname }}"\n',
    'site.yml': `- hosts: all\n  tasks:\n${tasks}\n`,
  });
  const planned = plan.plays[0]!;
  expect(planned.hosts).toHaveLength(5000);
  const task = taskNamed(planned.play.tasks, 't99');
  const seen = planned.hosts.map((host) => store.forHost(host, planned).scope(task).get('v'));
  expect(new Set(seen).size).toBe(5000);
  const { hosts } = plan.inventory;
  expect(hosts.get('n1')!.variables).toBe(hosts.get('n4999')!.variables);
});
