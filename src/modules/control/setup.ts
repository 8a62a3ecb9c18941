import { Type } from 'typebox';
import { SlipwayError } from '../../base/errors.ts';
import { didYouMean } from '../../base/suggest.ts';
import { defineQuery } from '../../module/contract.ts';
import { inLines } from '../../module/program.ts';
import { filterFacts, gatherFacts, selectSubsets, SUBSET_NAMES } from '../facts/gather.ts';
import { FACTS } from '../facts/schema.ts';
import { factsProbe } from '../facts/probe.ts';
import { foreseeFacts } from '../facts/outlook.ts';

const words = (value: string | readonly string[] | undefined) =>
  typeof value === 'string' ? value.split(',').map((word) => word.trim()) : (value ?? []);

export const setup = defineQuery({
  name: 'setup',
  summary: 'Facts about a host: system, hardware, network, container runtimes.',
  description:
    'As `ansible.builtin.setup`, and what `gather_facts` runs (there only for the facts that the playbook names). One ' +
    'round trip of plain sh; nothing is installed and no Python is needed. Beyond Ansible: `cgroup_mode` (v1, v2, hybrid, none), `container_runtimes`, `swaps`, ' +
    '`boot_id`, `listening_tcp`. `fqdn` comes from /etc/hosts; DNS is not asked. Left out: LVM, block devices, ' +
    'facter and ohai, and the facts about Python.',
  params: Type.Object({
    gather_subset: Type.Optional(
      Type.Union([Type.String(), Type.Array(Type.String())], {
        default: ['all'],
        description:
          '`all`, `min`, `hardware`, `network`, `virtual`, `containers`, `local`; with `!` to leave one out.',
      }),
    ),
    filter: Type.Optional(
      Type.Union([Type.String(), Type.Array(Type.String())], {
        default: [],
        description: 'Keep only facts whose name matches one of these patterns (`*`, `?`).',
      }),
    ),
    fact_path: Type.Optional(
      Type.String({ default: '/etc/ansible/facts.d', description: 'Where `*.fact` files of the host are.' }),
    ),
    gather_timeout: Type.Optional(
      Type.Integer({
        default: 10,
        description: 'Accepted for Ansible playbooks; use the task keyword `timeout`.',
      }),
    ),
  }),
  returns: Type.Object({
    // Which of them a host has is its own affair.
    ansible_facts: Type.Unsafe<Record<string, unknown>>(FACTS),
  }),
  examples: [
    { title: 'gather everything', yaml: '- setup: {}' },
    {
      title: 'only what a check needs',
      yaml: `
        - setup: {gather_subset: [hardware], filter: ['mem*', 'processor_vcpus']}
      `,
    },
  ],

  probe: (p) => {
    const subsets = subsetsOf(p);
    const probe = factsProbe({ factPath: p.fact_path ?? '/etc/ansible/facts.d', subsets });
    // Programs of the host's own may print anything, and leave others running.
    return subsets.includes('local') ? probe : inLines(probe);
  },

  read: (output, p) => {
    if (!output.stdout.includes('\u001dend'))
      throw new SlipwayError('task.failed', 'the facts of the host could not be read whole', {
        data: { ...output },
      });
    return { ansible_facts: filterFacts(gatherFacts(output.stdout, subsetsOf(p)), words(p.filter)) };
  },

  foresee: (result, _p, outlook) => ({ ansible_facts: foreseeFacts(result.ansible_facts, outlook) }),
  facts: (result) => result.ansible_facts,
});

function subsetsOf(p: { gather_subset?: string | string[] }): string[] {
  const wanted = words(p.gather_subset ?? ['all']);
  // Ansible has many finer ones; a playbook that names one gets the subset that it belongs to.
  const unknown = wanted.find((name) => !SUBSET_NAMES.includes(coarse(name.replace(/^!/, ''))));
  if (unknown !== undefined)
    throw new SlipwayError('task.invalid', `gather_subset "${unknown}" is not known`, {
      hint: didYouMean(unknown.replace(/^!/, ''), SUBSET_NAMES),
    });
  return selectSubsets(
    wanted.map((name) => (name.startsWith('!') ? `!${coarse(name.slice(1))}` : coarse(name))),
  );
}

const FINER: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    'distribution platform user date_time env dns pkg_mgr service_mgr selinux apparmor fips cmdline lsb ssh_pub_keys python caps system_capabilities'
      .split(' ')
      .map((name) => [name, 'min']),
  ),
  interfaces: 'network',
  default_ipv4: 'network',
  default_ipv6: 'network',
  all_ipv4_addresses: 'network',
  all_ipv6_addresses: 'network',
  mounts: 'hardware',
  processor: 'hardware',
  memory: 'hardware',
  devices: 'hardware',
  loadavg: 'hardware',
  virtualization_type: 'virtual',
  virtualization_role: 'virtual',
};

function coarse(name: string): string {
  return FINER[name] ?? name;
}
