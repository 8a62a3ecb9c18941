import { Type } from 'typebox';
import { SlipwayError } from '../../base/errors.ts';
import { defineControl } from '../../module/contract.ts';

/** A condition as the engine passes it: its text, and whether it holds. */
interface Checked {
  readonly text: string;
  readonly holds: boolean;
}

export const assert = defineControl({
  name: 'assert',
  summary: 'Fails unless all conditions hold.',
  description:
    'As `ansible.builtin.assert`, with CEL conditions. All of them are looked at, and every one that does not hold ' +
    'is named (Ansible stops at the first). In a dry run, too.',
  params: Type.Object({
    that: Type.Union(
      [Type.String(), Type.Boolean(), Type.Array(Type.Union([Type.String(), Type.Boolean()]))],
      {
        description: 'A CEL condition, or a list of them.',
      },
    ),
    fail_msg: Type.Optional(
      Type.Union([Type.String(), Type.Array(Type.String())], {
        description: 'What to say when one does not hold (also `msg`).',
      }),
    ),
    msg: Type.Optional(
      Type.Union([Type.String(), Type.Array(Type.String())], { description: 'An older name of `fail_msg`.' }),
    ),
    success_msg: Type.Optional(
      Type.Union([Type.String(), Type.Array(Type.String())], {
        default: 'All assertions passed',
        description: 'What to say when all hold.',
      }),
    ),
    quiet: Type.Optional(Type.Boolean({ default: false, description: 'Say nothing when all hold.' })),
  }),
  returns: Type.Object({
    evaluated_to: Type.Boolean({ description: 'Whether all hold.' }),
    assertion: Type.Optional(Type.String({ description: 'The first condition that does not hold.' })),
  }),
  conditions: ['that'],
  examples: [
    {
      title: 'check a variable before it is used',
      yaml: `
        - set_fact: {replicas: 3}
        - assert:
            that: ['replicas > 0', 'replicas < 10']
            fail_msg: 'replicas must be 1 to 9'
      `,
    },
  ],

  evaluate: (p, context) => {
    const failed = checked(p.that).filter((condition) => !condition.holds);
    if (failed.length === 0) {
      const msg = oneText(p.success_msg) ?? 'All assertions passed';
      if (!p.quiet) context.say(msg);
      return { result: { changed: false, msg, evaluated_to: true }, quiet: p.quiet ?? false };
    }
    const texts = failed.map(({ text }) => text);
    const own = oneText(p.fail_msg ?? p.msg);
    throw new SlipwayError('task.failed', own ?? `assertion failed: ${texts.join('; ')}`, {
      ...(own !== undefined && { hint: `Does not hold: ${texts.join('; ')}` }),
      data: { evaluated_to: false, assertion: texts[0], failed_assertions: texts },
    });
  },
});

function checked(that: unknown): Checked[] {
  return (Array.isArray(that) ? that : [that]).map((item: unknown) => {
    if (typeof item === 'boolean') return { text: String(item), holds: item };
    return item as Checked;
  });
}

function oneText(text: string | string[] | undefined): string | undefined {
  return Array.isArray(text) ? text.join('\n') : text;
}
