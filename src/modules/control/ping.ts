import { Type } from 'typebox';
import { SlipwayError } from '../../base/errors.ts';
import { defineQuery } from '../../module/contract.ts';
import { sh } from '../../module/program.ts';

export const ping = defineQuery({
  name: 'ping',
  summary: 'Whether a host can be reached, its shell works and becoming the other user succeeds.',
  description:
    'As `ansible.builtin.ping`. It is one round trip; nothing is asked of the host but a POSIX shell.',
  freeForm: { param: 'data', keyValue: true },
  params: Type.Object({
    data: Type.Optional(
      Type.String({ default: 'pong', description: 'What the host sends back; `crash` makes the task fail.' }),
    ),
  }),
  returns: Type.Object({ ping: Type.String({ description: 'What came back.' }) }),
  examples: [{ title: 'see whether all hosts answer', yaml: '- ping: {}' }],

  probe: (p) => sh`printf '%s\n' ${p.data ?? 'pong'}`,
  read: (output, p) => {
    if (p.data === 'crash')
      throw new SlipwayError('task.failed', 'boom', { hint: 'data: crash asks for this.' });
    return { ping: output.stdout.replace(/\n$/, '') };
  },
});
