import { Type } from 'typebox';
import { SlipwayError } from '../../base/errors.ts';
import { defineAction } from '../../module/contract.ts';
import { lines, type Program, quote, raw, type Raw, sh } from '../../module/program.ts';
import { pathWord } from '../files/path.ts';
import { splitWords } from '../files/split-words.ts';
import {
  commandResult,
  commandReturns,
  conditionParams,
  inputParams,
  notRun,
  timeReturns,
} from './command-result.ts';
import { creationGuard, foreseeGuard, guardEffects } from './guard.ts';

export const command = defineAction({
  name: 'command',
  summary: 'Runs a program, without a shell.',
  description:
    'As `ansible.builtin.command`: the words reach the program as they are, so pipes, redirections and patterns have no meaning (use `shell`). Variables of the environment (`$HOME`) are put in as Ansible does, unless `expand_argument_vars` is false. A command that fails says how in `msg`, where Ansible says `non-zero return code`.',
  params: Type.Object({
    cmd: Type.Optional(
      Type.String({ description: 'The command line, split into words at white space; quotes group.' }),
    ),
    argv: Type.Optional(
      Type.Array(Type.Union([Type.String(), Type.Number()]), { description: 'The words, already split.' }),
    ),
    ...conditionParams,
    ...inputParams,
    expand_argument_vars: Type.Optional(
      Type.Boolean({
        default: true,
        description: 'Put the values of `$NAME` and `${NAME}` in, where they are set.',
      }),
    ),
  }),
  returns: Type.Object({
    cmd: Type.Array(Type.String(), { description: 'The words that were run.' }),
    ...commandReturns,
    ...timeReturns,
  }),
  freeForm: { param: 'cmd' },
  failsByExit: true,
  examples: [
    {
      title: 'make something once',
      yaml: `
        - command: dd if=/dev/zero of=/var/tmp/slipway-disk.img bs=1024 count=4
          args: {creates: /var/tmp/slipway-disk.img}
      `,
    },
    {
      title: 'read something, and say that this is no change',
      yaml: `
        - command: {argv: [uname, -r]}
          register: kernel
          changed_when: false
      `,
    },
  ],

  prepare: (p) => ({ ...p, words: wordsOf(p) }),
  guard: (ready) => creationGuard(ready),
  foresee: foreseeGuard,
  effects: guardEffects,
  run: (ready) => {
    const before: Program[] = [];
    const words = ready.words.map((word) =>
      ready.expand_argument_vars === false ? word : withVariables(word, before),
    );
    const program = inFolder(ready.chdir, lines(...before, withInput(ready, sh`exec ${words}`)));
    return { ...program, timed: true };
  },
  read: (output, ready) => ({ ...commandResult(output, ready.words, ready.strip_empty_ends), msg: '' }),
  passedOver: (why, ready, check) => notRun(why, ready, ready.words, check),
});

function wordsOf(p: { cmd?: string; argv?: (string | number)[] }): string[] {
  if ((p.cmd === undefined) === (p.argv === undefined))
    throw new SlipwayError(
      'task.invalid',
      p.cmd === undefined ? 'no command is given' : 'cmd and argv are both given',
      {
        hint: 'Give either cmd (one line) or argv (a list of words).',
      },
    );
  const words = p.argv?.map(String) ?? splitWords(p.cmd!);
  if (words.length === 0) throw new SlipwayError('task.invalid', 'the command is empty');
  return words;
}

/**
 * A word whose `$NAME`s are looked up by the host's shell. A name that is not set stays as it is written, for which
 * `before` gets a line for each name.
 */
function withVariables(word: string, before: Program[]): Raw {
  const parts = word.split(/(\$[A-Za-z_]\w*|\$\{[A-Za-z_]\w*\})/).map((part, at) => {
    if (at % 2 === 0) return part === '' ? '' : quote(part);
    const name = part.replace(/[${}]/g, '');
    const variable = `w${before.length + 1}`;
    before.push(
      sh`if [ -n "${raw(`\${${name}+set}`)}" ]; then ${raw(variable)}=$${raw(name)}; else ${raw(variable)}=${part}; fi`,
    );
    return `"$${variable}"`;
  });
  return raw(parts.length === 1 ? quote(word) : parts.join(''));
}

/** Runs it in a folder, or says that there is none. */
export function inFolder(chdir: string | undefined, program: Program): Program {
  return lines(chdir !== undefined && sh`cd ${pathWord(chdir)} || exit`, program);
}

/** Gives it standard input: a session's steps have none of their own. */
export function withInput(p: { stdin?: string; stdin_add_newline?: boolean }, program: Program): Program {
  if (p.stdin === undefined) return program;
  return sh`printf %s ${p.stdin + (p.stdin_add_newline === false ? '' : '\n')} | ${program}`;
}
