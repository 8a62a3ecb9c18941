import { Type } from 'typebox';
import { SlipwayError } from '../../base/errors.ts';
import { defineControl } from '../../module/contract.ts';

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

export const setFact = defineControl({
  name: 'set_fact',
  summary: 'Sets variables of a host for the rest of the run.',
  description:
    'As `ansible.builtin.set_fact`: each key is a variable; a value that is one mustache keeps its type. `cacheable` ' +
    'is accepted and does nothing: there is no fact cache.',
  params: Type.Object(
    {
      cacheable: Type.Optional(
        Type.Boolean({ default: false, description: 'Accepted for Ansible playbooks; does nothing.' }),
      ),
    },
    { additionalProperties: true },
  ),
  returns: Type.Object({
    ansible_facts: Type.Record(Type.String(), Type.Unknown(), {
      description: 'The variables that were set.',
    }),
  }),
  examples: [
    {
      title: 'remember a value for later tasks',
      yaml: `
        - set_fact: {api_port: 6443, api_host: '{{ inventory_hostname }}'}
        - assert: {that: 'api_port == 6443'}
      `,
    },
  ],

  evaluate: (p) => {
    const { cacheable: _, ...facts } = p as Record<string, unknown>;
    const wrong = Object.keys(facts).find((name) => !NAME.test(name));
    if (wrong !== undefined)
      throw new SlipwayError('task.invalid', `"${wrong}" cannot be the name of a variable`, {
        hint: 'Use letters, digits and underscores; no digit first.',
      });
    if (Object.keys(facts).length === 0)
      throw new SlipwayError('task.invalid', 'set_fact sets nothing', {
        hint: 'Write `name: value` below it.',
      });
    return { result: { changed: false, ansible_facts: facts }, setFacts: facts };
  },
});
