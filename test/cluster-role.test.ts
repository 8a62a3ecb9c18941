import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { recordScope } from '../src/expression/scope.ts';
import { renderFile } from '../src/expression/template.ts';

// What the role works out by templates of its own.
const role = fileURLToPath(new URL('../playbooks/roles/cluster/', import.meta.url));
const read = (file: string) => parse(readFileSync(`${role}${file}`, 'utf8')) as unknown;
const defaults = read('defaults/main.yml') as Record<string, string>;

function render(text: string, variables: Record<string, unknown>): string {
  return String(renderFile({ path: 'test.hbs', text }, recordScope(variables)));
}

type Hosts = Record<string, Record<string, unknown>>;

const knownNodes = (hostvars: Hosts) =>
  render(defaults['known_nodes']!, { groups: { cluster: Object.keys(hostvars) }, hostvars });

/** The block of /etc/hosts, where the file holds `before`. */
function hostsBlock(hostvars: Hosts, before = ''): string {
  const tasks = read('tasks/names.yml') as {
    blockinfile?: { block: string };
    vars: Record<string, string>;
  }[];
  const { blockinfile, vars } = tasks.find((task) => task.blockinfile)!;
  const scope: Record<string, unknown> = { cluster_name: 'prod', known_nodes: knownNodes(hostvars) };
  if (before !== '') scope['old_hosts'] = { content: Buffer.from(before).toString('base64') };
  for (const [name, text] of Object.entries(vars)) scope[name] = render(text, scope);
  return render(blockinfile!.block, scope);
}

describe('the nodes in /etc/hosts', () => {
  it('stand with the addresses that their preflight found, and by the names of their nodes', () => {
    const n2 = { node_name: 'worker-b', preflight_report: { address: '10.0.0.12' } };
    expect(hostsBlock({ N1: { preflight_report: { address: 'fd00::11' } }, n2 })).toBe(
      'fd00::11 n1\n10.0.0.12 worker-b\n',
    );
  });

  it('outside of -l, as the inventory says', () => {
    const hosts = {
      n1: { node_ip: '10.0.0.11', ansible_host: 'bastion' },
      n2: { ansible_host: '10.0.0.12' },
    };
    expect(hostsBlock(hosts)).toBe('10.0.0.11 n1\n10.0.0.12 n2\n');
  });

  it('never with a name in place of an address', () => {
    expect(hostsBlock({ n1: {}, n2: { ansible_host: 'n2.example.org' } })).toBe('');
  });

  it('stay where nothing tells their address, and only they', () => {
    const block = '# BEGIN nodes of prod\n10.0.0.11 n1\n10.0.0.12 n2\n10.0.0.19 gone\n# END nodes of prod\n';
    const hosts = { n1: {}, n2: { preflight_report: { address: '10.0.0.22' } }, n3: {} };
    expect(hostsBlock(hosts, `127.0.0.1 localhost n3\n${block}10.0.0.1 n1\n`)).toBe(
      '10.0.0.11 n1\n10.0.0.22 n2\n',
    );
  });
});

describe('the sandbox image', () => {
  const pause = (version: string) => {
    const scope: Record<string, unknown> = { ...defaults, kubernetes_version: version };
    scope['kubernetes_minor'] = render(defaults['kubernetes_minor']!, scope);
    return render(defaults['pause_image']!, scope);
  };

  it.each([
    ['1.30.4', '3.9'],
    ['1.33.1', '3.10'],
    ['1.34.1', '3.10.1'],
    ['1.36.0', '3.10.1'],
  ])('of Kubernetes %s is %s', (version, tag) => {
    expect(pause(version)).toBe(`registry.k8s.io/pause:${tag}`);
  });
});

it('a version that is none breaks no template: the check of the variables says so', () => {
  expect(render(defaults['kubernetes_minor']!, { kubernetes_version: 'latest' })).toBe('latest.');
  expect(
    render(defaults['cri_socket']!, { cri_sockets: defaults['cri_sockets'], container_runtime: 'crio' }),
  ).toBe('');
});
