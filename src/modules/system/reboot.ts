import { type Static, Type } from 'typebox';
import { SlipwayError } from '../../base/errors.ts';
import { defineAction } from '../../module/contract.ts';
import type { Host } from '../../module/host.ts';
import { lines, type Program, sh } from '../../module/program.ts';

const seconds = (value: number, description: string) =>
  Type.Optional(Type.Number({ minimum: 0, default: value, description }));

const params = Type.Object({
  reboot_timeout: seconds(600, 'Seconds for the host to come back, and again for `test_command` to succeed.'),
  connect_timeout: Type.Optional(
    Type.Number({
      minimum: 1,
      description: 'Seconds for one attempt to connect. Default: as long as there is time.',
    }),
  ),
  pre_reboot_delay: seconds(0, 'Seconds to wait before the reboot; who is logged in has been told by then.'),
  post_reboot_delay: seconds(0, 'Seconds to wait when the host is back.'),
  test_command: Type.Optional(
    Type.String({ default: 'whoami', description: 'It is run until it succeeds; then the host is up.' }),
  ),
  msg: Type.Optional(
    Type.String({ default: 'Reboot initiated by Slipway', description: 'For who is logged in.' }),
  ),
  reboot_command: Type.Optional(
    Type.String({
      description: 'A command of the shell instead of `systemctl reboot`, `shutdown -r` or `reboot`.',
    }),
  ),
  boot_time_command: Type.Optional(
    Type.String({ description: 'Ignored: a reboot is known by the id that the kernel gives each boot.' }),
  ),
});

type Params = Static<typeof params>;

/**
 * What no two boots share. The kernel's id alone would not do: a container has that of its machine, but its first
 * process starts anew.
 */
const BOOT = sh`
  cat /proc/sys/kernel/random/boot_id
  sed 's/.*) //' /proc/1/stat | cut -d ' ' -f 20
`;

/** Where the detached command tells that it failed. A reboot empties /run. */
const LOG = '/run/slipway-reboot';

/** Milliseconds between two looks at a host that has not gone down yet. */
const PAUSE = 2000;

export const reboot = defineAction({
  name: 'reboot',
  summary: 'Reboots a host and waits until it is up again.',
  description:
    'As `ansible.builtin.reboot`. It is up again when its boot id is another one and `test_command` succeeds. Needs ' +
    'root: `become: true`. Left out: `search_paths`.',
  params,
  returns: Type.Object({
    rebooted: Type.Boolean(),
    elapsed: Type.Number({ description: 'Seconds until it was up again.' }),
  }),
  examples: [
    {
      title: 'reboot where an upgrade asks for it',
      yaml: `
        - stat: {path: /var/run/reboot-required}
          register: required
        - reboot: {reboot_timeout: 900}
          when: required.stat.exists
      `,
      skip: 'A container cannot reboot itself without its engine.',
    },
  ],

  // Whatever is not set for boot is another after it.
  effects: () =>
    (['module:', 'sysctl:', 'swap:', 'mount:', 'unit:'] as const).map((subject) => ({ subject })),

  run: (p) => async (host) => {
    const start = Date.now();
    const before = (await host.run(BOOT)).stdout.trim();
    await host.run(announce(p));
    if (p.pre_reboot_delay) await host.sleep(p.pre_reboot_delay * 1000);
    host.progress('reboots');
    await host.run(requestOf(p));
    await untilBooted(host, before, p);
    if (p.post_reboot_delay) await host.sleep(p.post_reboot_delay * 1000);
    await untilTested(host, p);
    const elapsed = Math.round((Date.now() - start) / 1000);
    return { code: 0, stdout: String(elapsed), stderr: '' };
  },

  read: (output) => ({ changed: true, rebooted: true, elapsed: Number(output.stdout) }),
});

function announce(p: Params): Program {
  const message = p.msg ?? 'Reboot initiated by Slipway';
  return sh`
    if [ "$(id -u)" != 0 ]; then echo 'only root may reboot; set become: true' >&2; exit 1; fi
    if command -v wall > /dev/null; then printf '%s\n' ${message} | wall 2>/dev/null || true; fi
  `;
}

// The second is for the answer to get through before the network goes. The command runs in a session of its own, so
// that it does not end with the connection.
function requestOf(p: Params): Program {
  const choice = sh`
    if [ -d /run/systemd/system ]; then systemctl reboot
    elif command -v shutdown > /dev/null; then shutdown -r now
    else reboot; fi
  `;
  const command = p.reboot_command === undefined ? choice : { text: p.reboot_command };
  const whole = lines(
    sh`sleep 1`,
    sh`(`,
    command,
    sh`)`,
    sh`r=$?; if [ $r != 0 ]; then echo "failed $r"; fi`,
  );
  return sh`
    rm -f ${LOG}
    s=; if command -v setsid > /dev/null; then s=setsid; fi
    nohup $s sh -c ${whole.text} > ${LOG} 2>&1 < /dev/null &
  `;
}

async function untilBooted(host: Host, before: string, p: Params): Promise<void> {
  const timeout = (p.reboot_timeout ?? 600) * 1000;
  const deadline = Date.now() + timeout;
  let last: SlipwayError | undefined;
  do {
    await host.sleep(PAUSE);
    host.progress('waits for the host to be up again');
    const left = Math.max(deadline - Date.now(), 1000);
    const attempt = Math.min(left, (p.connect_timeout ?? Infinity) * 1000);
    try {
      await host.reconnect({ timeout: attempt });
      const { stdout } = await host.run(lines(BOOT, sh`cat ${LOG} 2>/dev/null`), { anyExit: true });
      const [id = '', start = '', ...log] = stdout.trim().split('\n');
      if (`${id}\n${start}` !== before && id !== '') return;
      failIfRefused(log, stdout);
      last = undefined;
    } catch (error) {
      last = passing(error);
    }
  } while (Date.now() < deadline);
  const what = last ? `did not come back: ${last.message}` : 'was asked to reboot and did not';
  throw new SlipwayError('task.timeout', `the host ${what} (after ${timeout / 1000} seconds)`, {
    hint: last
      ? 'Look at its console. A host that boots slowly needs a larger `reboot_timeout`.'
      : 'Give a `reboot_command` that works there.',
    cause: last,
  });
}

/** @throws {SlipwayError} task.failed when the command itself has failed */
function failIfRefused(log: readonly string[], stdout: string): void {
  const code = /^failed (\d+)$/.exec(log.at(-1) ?? '')?.[1];
  if (code === undefined) return;
  const said = log.slice(0, -1).join(' ').trim();
  throw new SlipwayError('task.failed', `the reboot command failed with exit ${code}${said && `: ${said}`}`, {
    hint: 'Give a `reboot_command` that works there.',
    data: { code: Number(code), stdout },
  });
}

async function untilTested(host: Host, p: Params): Promise<void> {
  const command = p.test_command ?? 'whoami';
  const deadline = Date.now() + (p.reboot_timeout ?? 600) * 1000;
  for (;;) {
    host.progress(`is up; runs ${command}`);
    const output = await tried(host, { text: command });
    if (output?.code === 0) return;
    if (Date.now() >= deadline)
      throw new SlipwayError('task.timeout', `the host is up, but ${command} does not succeed`, {
        hint: 'Run it by hand; a host that starts its services slowly needs a larger `reboot_timeout`.',
        data: { ...output },
      });
    await host.sleep(PAUSE);
  }
}

async function tried(host: Host, program: Program) {
  try {
    return await host.run(program, { anyExit: true });
  } catch (error) {
    passing(error);
    await host.reconnect({ timeout: 60_000 });
    return undefined;
  }
}

/** A host that goes down or comes up refuses connections and logins for a while. All else is thrown on. */
function passing(error: unknown): SlipwayError {
  const passes =
    error instanceof SlipwayError && error.code.startsWith('connect.') && error.code !== 'connect.host-key';
  if (!passes) throw error;
  return error;
}
