import { Type } from 'typebox';
import { SlipwayError } from '../../base/errors.ts';
import { defineControl } from '../../module/contract.ts';

export const fail = defineControl({
  name: 'fail',
  summary: 'Fails with a message.',
  description: 'As `ansible.builtin.fail`. Mostly with a `when`. In a dry run, too.',
  freeForm: { param: 'msg', keyValue: true },
  params: Type.Object({
    msg: Type.Optional(
      Type.String({ default: 'Failed as requested from task', description: 'What went wrong.' }),
    ),
  }),
  returns: Type.Object({}),
  examples: [
    {
      title: 'stop a host that is too small',
      yaml: `
        - fail: {msg: 'this host has too little memory'}
          when: ansible_facts.memtotal_mb < 100
      `,
    },
  ],

  evaluate: (p) => {
    throw new SlipwayError('task.failed', p.msg ?? 'Failed as requested from task');
  },
});
