import { Type } from 'typebox';
import { SlipwayError } from '../../base/errors.ts';
import { defineControl } from '../../module/contract.ts';

export const debug = defineControl({
  name: 'debug',
  summary: 'Shows a message or a value.',
  description:
    'As `ansible.builtin.debug`. A message that is a list or a mapping is shown as JSON. `var` takes a name or an ' +
    'expression over one, without mustaches.',
  freeForm: { param: 'msg', keyValue: true },
  variables: ['var'],
  params: Type.Object({
    msg: Type.Optional(Type.Unknown({ description: 'What to show; default: `Hello world!`.' })),
    var: Type.Optional(
      Type.Unknown({ description: 'A variable to show with its name. Not together with `msg`.' }),
    ),
    verbosity: Type.Optional(
      Type.Integer({ default: 0, minimum: 0, description: 'Show it only with this many `-v`.' }),
    ),
  }),
  returns: Type.Object({
    msg: Type.Optional(Type.Unknown({ description: 'The message, as it was shown.' })),
    var: Type.Optional(Type.Unknown({ description: 'The value of the variable.' })),
  }),
  examples: [
    { title: 'show a message', yaml: "- debug: {msg: 'up and running'}" },
    {
      title: 'show a variable',
      yaml: `
        - set_fact: {colour: green}
        - debug: {var: colour}
      `,
    },
  ],

  evaluate: (p, context) => {
    if (p.msg !== undefined && p.var !== undefined)
      throw new SlipwayError('task.invalid', 'debug has both `msg` and `var`', { hint: 'Keep one of them.' });
    const quiet = (p.verbosity ?? 0) > (context.verbosity ?? 0);
    const show = (text: string) => {
      if (!quiet) context.say(text);
    };
    if (p.var !== undefined) {
      const named = variableOf(p.var);
      show(named ? `${named.name}: ${textOf(named.value)}` : textOf(p.var));
      return { result: { var: named ? named.value : p.var } };
    }
    const msg = p.msg ?? 'Hello world!';
    show(textOf(msg));
    return { result: quiet ? {} : { msg } };
  },
});

/** The engine looks the variable up and passes `{name, value}`; a value given as it is has no name. */
function variableOf(given: unknown): { name: string; value: unknown } | undefined {
  if (given === null || typeof given !== 'object' || Array.isArray(given)) return undefined;
  const { name, value } = given as { name?: unknown; value?: unknown };
  return typeof name === 'string' && Object.keys(given).length === 2 && 'value' in given
    ? { name, value }
    : undefined;
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  return (
    JSON.stringify(value, (_key, item) => (typeof item === 'bigint' ? Number(item) : item), 2) ?? 'undefined'
  );
}
