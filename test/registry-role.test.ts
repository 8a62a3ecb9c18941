import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { replaceAll } from '../src/modules/files/edit-replace.ts';
import { render, test } from './expression/kit.ts';

// Whom the hosts push and pull as.
describe('the first of registry_users', () => {
  const server = new URL('../playbooks/roles/registry/tasks/server.yml', import.meta.url);
  const [first] = parse(readFileSync(server, 'utf8')) as { assert: { that: string } }[];
  const ci = { name: 'ci', password: 'x' };
  const gone = { name: 'old', state: 'absent' };

  it.each([
    [[], true],
    [[ci], true],
    [[ci, gone], true],
    [[{ ...ci, state: 'present' }], true],
    [[gone], false],
    [[gone, ci], false],
  ])('%j: may be so %s', (users, may) =>
    expect(test(first!.assert.that, { registry_users: users })).toBe(may),
  );
});

// What containerd 1.6 and 2.2 were seen to do with these: both forms together disable its plugin cri, and a table that
// stands there twice keeps it from starting.
describe('a config.toml of containerd', () => {
  interface Task {
    readonly name: string;
    readonly assert?: { readonly that: string };
    readonly replace?: { readonly regexp: string; readonly replace: string };
    readonly vars?: Readonly<Record<string, string>>;
    readonly when?: string | readonly string[];
  }
  const tasks = (name: string) => {
    const file = new URL(`../playbooks/roles/registry/tasks/${name}.yml`, import.meta.url);
    return parse(readFileSync(file, 'utf8')) as readonly Task[];
  };
  const [, , beside, folder] = tasks('containerd-look') as [Task, Task, Task, Task];
  const [, table, block] = tasks('containerd-path') as [Task, Task, Task];
  const certs = '/etc/containerd/certs.d';
  const given = (toml: string, version = '1.6.20') => ({
    registry_toml: toml,
    registry_lines: toml.replaceAll(' ', '').split('\n'),
    registry_certs: certs,
    ansible_container_runtimes: [{ name: 'containerd', version }],
  });
  const holds = (task: Task, toml: string, version?: string) =>
    [task.when ?? []].flat().every((when) => test(when, given(toml, version)));
  /** Why it is refused, if it is. */
  const refused = (toml: string) =>
    [beside, folder].find((task) => holds(task, toml) && !test(task.assert!.that, given(toml)));
  /** As it is then. */
  const written = (toml: string, version?: string) => {
    const { regexp, replace } = table.replace!;
    const { text } = replaceAll(toml, { regexp, replace: String(render(replace, given(toml))) });
    const vars = { ...given(toml, version), ...block.vars };
    const name = String(render(block.vars!['table']!, vars));
    if (![block.when ?? []].flat().every((when) => test(when, { ...vars, table: name }))) return text;
    return `${text}[${name}]\n  config_path = "${certs}"\n`;
  };

  const CRI = 'plugins."io.containerd.grpc.v1.cri"';
  const IMAGES = "plugins.'io.containerd.cri.v1.images'";

  it.each([
    ['', undefined],
    [`version = 2\n[${CRI}.registry]\n  config_path = "${certs}"\n`, undefined],
    [`version = 2\n[${CRI}.registry]\n  config_path = ""\n\n  [${CRI}.registry.mirrors]\n\n[x]\n`, undefined],
    [`version = 2\n[${CRI}.registry.configs."r:5000".auth]\n  username = "x"\n`, undefined],
    [`version = 2\n[${CRI}.registry.mirrors."docker.io"]\n  endpoint = ["http://r"]\n`, beside],
    [`version = 2\n  [${CRI}.registry.mirrors]\n    "docker.io" = {endpoint = ["http://r"]}\n`, beside],
    [`[plugins.cri.registry.mirrors."docker.io"]\n  endpoint = ["http://r"]\n`, beside],
    [`version = 3\n[${IMAGES}.registry.mirrors.'docker.io']\n  endpoint = ['http://r']\n`, beside],
    [`version = 2\n[${CRI}.registry.configs."r:5000".tls]\n  ca_file = "/ca"\n`, beside],
    [`version = 2\n[${CRI}.registry]\n  config_path = "/etc/other"\n`, folder],
    [`version = 2\n# [${CRI}.registry.mirrors."docker.io"]\n`, undefined],
    [`disabled_plugins = ["cri"]\n[plugins.cri.registry.mirrors."a"]\n  endpoint = []\n`, undefined],
  ])('%j is refused where it has to be', (toml, by) => expect(refused(toml)?.name).toBe(by?.name));

  it.each([
    ['version = 2\n', '1.6.20', `version = 2\n[${CRI}.registry]\n  config_path = "${certs}"\n`],
    ['version = 3\n', '2.1.0', `version = 3\n[${IMAGES}.registry]\n  config_path = "${certs}"\n`],
    ['root = "/c"\n', '1.6.20', `root = "/c"\n[plugins.cri.registry]\n  config_path = "${certs}"\n`],
    ['root = "/c"\n', '2.2.0', 'root = "/c"\n'],
    [
      `version = 2\n    [${CRI}.registry]\n      config_path = ""\n\n      [${CRI}.registry.mirrors]\n`,
      '1.6.20',
      `version = 2\n    [${CRI}.registry]\n      config_path = "${certs}"\n\n      [${CRI}.registry.mirrors]\n`,
    ],
    [
      `version = 3\n    [${IMAGES}.registry]\n      config_path = ''\n[z]\n  config_path = ''\n`,
      '2.1.0',
      `version = 3\n    [${IMAGES}.registry]\n      config_path = "${certs}"\n[z]\n  config_path = ''\n`,
    ],
    [
      `version = 2\n[${CRI}.registry]\n[z]\n`,
      '1.6.20',
      `version = 2\n[${CRI}.registry]\n      config_path = "${certs}"\n[z]\n`,
    ],
  ])('%j gets the folder, once', (toml, version, then) => {
    expect(written(toml, version)).toBe(then);
    expect(refused(then)).toBeUndefined();
    expect(written(then, version)).toBe(then);
  });
});

// What comes back has to be what went.
describe('an image that comes back', () => {
  const tasks = (file: string) =>
    parse(readFileSync(new URL(`../playbooks/roles/registry/tasks/${file}`, import.meta.url), 'utf8')) as {
      name: string;
      assert?: { that: string };
      when?: string;
      failed_when?: string;
    }[];
  const [good, bad] = ['a', 'b'].map((one) => `sha256:${one.repeat(64)}`);
  const variables = {
    at: 0,
    registry_host: 'store',
    hostvars: {
      store: { registry_pushed: { results: [{ image: { RepoDigests: [`store:5000/app@${good}`] } }] } },
    },
  };

  it('to Docker', () => {
    const { that } = tasks('pull.yml').find((task) => task.assert)!.assert!;
    const pulled = (...digests: unknown[]) =>
      test(that, {
        ...variables,
        registry_pulled: {
          results: [{ image: { RepoDigests: digests.map((one) => `store:5000/app@${one}`) } }],
        },
      });
    expect(pulled(good)).toBe(true);
    expect(pulled(bad, good)).toBe(true);
    expect(pulled(bad)).toBe(false);
    expect(pulled()).toBe(false);
  });

  it('to containerd', () => {
    const [, pull, proof] = tasks('pull-containerd.yml');
    const listed = (text: string) => ({ ...variables, registry_there: { stdout: text } });
    for (const [text, is] of [
      [`store:5000/app x ${good} 1`, true],
      [`store:5000/app x ${bad} 1`, false],
      ['', false],
    ] as const) {
      expect(test(pull!.when!, listed(text))).toBe(!is);
      expect(test(proof!.failed_when!, listed(text))).toBe(!is);
    }
  });
});
