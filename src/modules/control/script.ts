import { Type } from 'typebox';
import { SlipwayError } from '../../base/errors.ts';
import { defineAction } from '../../module/contract.ts';
import { lines, type Program, raw, sh } from '../../module/program.ts';
import { INLINE_LIMIT } from '../files/probe-path.ts';
import { type NewContent, writeTo } from '../files/put-content.ts';
import { splitWords } from '../files/split-words.ts';
import { inFolder } from './command.ts';
import { commandResult, commandReturns, conditionParams } from './command-result.ts';
import { creationGuard, foreseeGuard, guardEffects } from './guard.ts';

export const script = defineAction({
  name: 'script',
  summary: 'Runs a script of the controller on the host.',
  description:
    'As `ansible.builtin.script`: the file is looked up in `files`, sent, run with its arguments and removed again, also when it fails. It is run by the program of its `#!` line (so a noexec `/tmp` does no harm), by `executable`, or else by `/bin/sh`. Not there: `decrypt`.',
  params: Type.Object({
    cmd: Type.String({ description: 'The file on the controller, and arguments for it.' }),
    executable: Type.Optional(
      Type.String({ description: 'Runs the script: a program and its options (`python3 -u`).' }),
    ),
    ...conditionParams,
  }),
  returns: Type.Object({
    cmd: Type.String({ description: 'The script and its arguments, as written.' }),
    ...commandReturns,
  }),
  freeForm: { param: 'cmd' },
  failsByExit: true,
  examples: [
    {
      title: 'a script with an argument, once',
      yaml: `
        - script: setup-disk.sh /var/tmp/slipway-script
          args: {creates: /var/tmp/slipway-script}
      `,
    },
  ],

  prepare: async (p, local) => {
    const [name, ...args] = splitWords(p.cmd);
    if (name === undefined) throw new SlipwayError('task.invalid', 'no script is named');
    const path = await local.find(name, 'files');
    const stat = await local.stat(path);
    if (!stat || stat.directory) throw new SlipwayError('file.missing', `${path} is not a file`);
    const bytes = await local.read(path);
    return { ...p, args, bytes, interpreter: p.executable ? splitWords(p.executable) : interpreterOf(bytes) };
  },
  guard: (ready) => creationGuard(ready),
  foresee: foreseeGuard,
  effects: guardEffects,
  run: (ready) => {
    const content: NewContent = { bytes: ready.bytes };
    const started = sh`${[...ready.interpreter, raw('"$t"'), ...ready.args]} < /dev/null`;
    const program = (write: Program) =>
      lines(
        sh`
          t=$(mktemp "\${TMPDIR:-/tmp}/slipway.XXXXXX") || exit
          trap 'rm -f "$t"' 0; trap 'exit 130' 1 2 15
        `,
        sh`${write} || exit`,
        ready.interpreter.length === 0 && sh`chmod 0700 "$t" || exit`,
        inFolder(ready.chdir, started),
      );
    if (ready.bytes.length <= INLINE_LIMIT) return program(writeTo(ready.bytes));
    return (host) => host.send(content, program(sh`cat > "$t"`), { anyExit: true });
  },
  read: (output, ready) => commandResult(output, ready.cmd),
});

/** The words of the `#!` line, as the kernel reads them; sh for other text; nothing for a binary. */
function interpreterOf(bytes: Uint8Array): string[] {
  const head = Buffer.from(bytes.subarray(0, 256)).toString('latin1');
  const line = /^#![ \t]*(\S+)(?:[ \t]+([^\n]*?))?[ \t\r]*(?:\n|$)/.exec(head);
  if (line) return line[2] ? [line[1]!, line[2]] : [line[1]!];
  return head.includes('\0') ? [] : ['/bin/sh'];
}
