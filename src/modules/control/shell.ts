import { Type } from 'typebox';
import { defineAction } from '../../module/contract.ts';
import { sh } from '../../module/program.ts';
import { inFolder, withInput } from './command.ts';
import {
  commandResult,
  commandReturns,
  conditionParams,
  inputParams,
  notRun,
  timeReturns,
} from './command-result.ts';
import { creationGuard, foreseeGuard, guardEffects } from './guard.ts';

export const shell = defineAction({
  name: 'shell',
  summary: 'Runs a command line with a shell.',
  description:
    'As `ansible.builtin.shell`: the text is given to `/bin/sh -c` as it is, on one line or many. Put values in with `quote` where they may hold spaces. `bash` is used only where `executable` says so.',
  params: Type.Object({
    cmd: Type.String({ description: 'The script.' }),
    executable: Type.Optional(
      Type.String({ default: '/bin/sh', description: 'The shell: an absolute path.' }),
    ),
    ...conditionParams,
    ...inputParams,
  }),
  returns: Type.Object({
    cmd: Type.String({ description: 'The script that was run.' }),
    ...commandReturns,
    ...timeReturns,
  }),
  freeForm: { param: 'cmd' },
  failsByExit: true,
  examples: [
    {
      title: 'a pipe, once',
      yaml: `
        - shell: sort -u /etc/passwd | wc -l > /var/tmp/slipway-users
          args: {creates: /var/tmp/slipway-users}
      `,
    },
    {
      title: 'another shell, with input',
      yaml: `
        - shell:
            cmd: 'set -o pipefail; tr a-z A-Z | grep READY'
            executable: /bin/bash
            stdin: ready
          changed_when: false
      `,
    },
  ],

  guard: (p) => creationGuard(p),
  foresee: (runs, p, outlook) => foreseeGuard(runs, p, outlook),
  effects: (p) => guardEffects(p),
  run: (p) => ({
    ...inFolder(p.chdir, withInput(p, sh`exec ${p.executable ?? '/bin/sh'} -c ${p.cmd}`)),
    timed: true,
  }),
  read: (output, p) => ({ ...commandResult(output, p.cmd, p.strip_empty_ends), msg: '' }),
  passedOver: (why, p, check) => notRun(why, p, p.cmd, check),
});
