import { Type } from 'typebox';
import { SlipwayError } from '../../base/errors.ts';
import { defineControl } from '../../module/contract.ts';

const number = (description: string) =>
  Type.Optional(
    Type.Union([Type.Number({ minimum: 0 }), Type.String({ pattern: '^\\d+(\\.\\d+)?$' })], { description }),
  );

export const pause = defineControl({
  name: 'pause',
  summary: 'Waits for some time, or for a person.',
  description:
    'As `ansible.builtin.pause`: once for all hosts of the play. Without a terminal, a question is not asked and the ' +
    'run goes on. A dry run does not wait.',
  params: Type.Object({
    seconds: number('Seconds to wait.'),
    minutes: number('Minutes to wait. Not together with `seconds`.'),
    prompt: Type.Optional(
      Type.String({ description: 'The question; with a time, the text shown meanwhile.' }),
    ),
    echo: Type.Optional(Type.Boolean({ default: true, description: 'Show what is typed.' })),
  }),
  returns: Type.Object({
    user_input: Type.String({ description: 'What was typed; empty where nobody was asked.' }),
    delta: Type.Integer({ description: 'Seconds that it took.' }),
    start: Type.String({ description: 'When it began, on the controller.' }),
    stop: Type.String({ description: 'When it ended, on the controller.' }),
    echo: Type.Boolean({ description: 'Whether typing was shown.' }),
    stdout: Type.String({ description: 'What it did, in words.' }),
  }),
  oncePerPlay: true,
  examples: [{ title: 'give a service a moment', yaml: '- pause: {seconds: 1}' }],

  evaluate: async (p, context) => {
    if (p.seconds !== undefined && p.minutes !== undefined)
      throw new SlipwayError('task.invalid', 'pause has both `seconds` and `minutes`', {
        hint: 'Keep one of them.',
      });
    const timed = p.seconds !== undefined || p.minutes !== undefined;
    const seconds = p.minutes === undefined ? Number(p.seconds ?? 0) : Number(p.minutes) * 60;
    const begun = Date.now();
    let typed = '';
    let did = 'Paused for 0 seconds';
    if (timed) {
      if (p.prompt !== undefined) context.say(p.prompt);
      did = context.checkMode ? `Would pause for ${seconds} seconds` : `Paused for ${seconds} seconds`;
      if (!context.checkMode) await context.sleep(seconds * 1000);
    } else {
      const question = p.prompt ?? 'Press enter to continue, Ctrl+C to interrupt';
      const answer = await context.ask(question, { secret: p.echo === false });
      typed = answer ?? '';
      did = answer === undefined ? 'There is no terminal to ask at; went on' : 'Paused for an answer';
      if (answer === undefined) context.say(did);
    }
    const ended = Date.now();
    return {
      result: {
        changed: false,
        user_input: typed,
        delta: Math.round((ended - begun) / 1000),
        start: new Date(begun).toISOString(),
        stop: new Date(ended).toISOString(),
        echo: p.echo ?? true,
        stdout: did,
      },
    };
  },
});
