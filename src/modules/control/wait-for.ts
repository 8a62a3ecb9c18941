import { Type } from 'typebox';
import { SlipwayError } from '../../base/errors.ts';
import { defineAction } from '../../module/contract.ts';
import { groupsOf } from './search.ts';
import { TCP_STATES } from './wait-for-port.ts';
import { waitProgram } from './wait-for-program.ts';

const seconds = (by: number, description: string) =>
  Type.Optional(Type.Number({ default: by, minimum: 0, description }));

export const params = Type.Object({
  host: Type.Optional(
    Type.String({ default: '127.0.0.1', description: 'Where the port is, as seen from the target.' }),
  ),
  port: Type.Optional(Type.Integer({ minimum: 1, maximum: 65535, description: 'A TCP port.' })),
  path: Type.Optional(Type.String({ description: 'A path on the target. Not together with `port`.' })),
  search_regex: Type.Optional(
    Type.String({ description: 'What the file, or what the port says first, must contain (as `grep -E`).' }),
  ),
  state: Type.Optional(
    Type.Enum(['started', 'present', 'stopped', 'absent', 'drained'], {
      default: 'started',
      description:
        'Open or there (`started`, `present`), closed or gone (`stopped`, `absent`), or without connections.',
    }),
  ),
  timeout: seconds(300, 'Seconds until it is given up; without `port` and `path`, seconds to wait.'),
  delay: seconds(0, 'Seconds before the first look.'),
  sleep: seconds(1, 'Seconds between two looks.'),
  connect_timeout: seconds(5, 'Seconds for one attempt to connect.'),
  active_connection_states: Type.Optional(
    Type.Array(Type.Enum(Object.keys(TCP_STATES) as (keyof typeof TCP_STATES)[]), {
      default: ['ESTABLISHED', 'FIN_WAIT1', 'FIN_WAIT2', 'SYN_RECV', 'SYN_SENT', 'TIME_WAIT'],
      description: 'What counts as a connection for `drained`.',
    }),
  ),
  exclude_hosts: Type.Optional(
    Type.Array(Type.String(), { description: 'Addresses whose connections do not count for `drained`.' }),
  ),
  msg: Type.Optional(Type.String({ description: 'What to say instead when the time is over.' })),
});

export const waitFor = defineAction({
  name: 'wait_for',
  summary: 'Waits until a port opens or closes, or a path appears, goes away or contains something.',
  description:
    'As `ansible.builtin.wait_for`; the target looks, not the controller. A local port is first looked up in ' +
    '/proc/net, so that nothing is connected to needlessly; else bash, nc or busybox nc connect. `search_regex` is ' +
    'looked for line by line, by `grep -E`; of Python it knows named groups, `(?:...)` and `\\d`, not what is lazy or looks around.',
  params,
  returns: Type.Object({
    elapsed: Type.Integer({ description: 'Seconds that it took.' }),
    state: Type.String({ description: 'What was waited for.' }),
    match: Type.Optional(Type.String({ description: 'The first line that `search_regex` matches.' })),
    match_groups: Type.Array(Type.Union([Type.String(), Type.Null()]), {
      description: 'What the groups of `search_regex` matched.',
    }),
    match_groupdict: Type.Record(Type.String(), Type.Union([Type.String(), Type.Null()]), {
      description: 'What its named groups matched.',
    }),
    search_regex: Type.Optional(Type.String()),
    port: Type.Optional(Type.Integer()),
    path: Type.Optional(Type.String()),
  }),
  examples: [
    { title: 'wait for the SSH port', yaml: '- wait_for: {port: 22, timeout: 60}' },
    {
      title: 'wait for a line in a file',
      yaml: `
        - wait_for: {path: /etc/os-release, search_regex: '^ID=', timeout: 10}
      `,
    },
  ],

  touches: () => [],
  run: (p) => {
    if (p.port !== undefined && p.path !== undefined)
      throw new SlipwayError('task.invalid', 'wait_for has both `port` and `path`', {
        hint: 'Write two tasks.',
      });
    if (p.state === 'drained' && p.port === undefined)
      throw new SlipwayError('task.invalid', 'wait_for with state drained needs a `port`');
    const program = waitProgram(p);
    const what = subjectOf(p);
    return async (host) => {
      host.progress(`waiting for ${what}`);
      return host.run(program, {
        anyExit: true,
        onOutput: (_stream, text) => {
          const elapsed = [...text.matchAll(/^elapsed (\d+)$/gm)].at(-1)?.[1];
          if (elapsed !== undefined) host.progress(`waiting for ${what}, ${elapsed} s`);
        },
      });
    };
  },

  read: (output, p) => {
    const last = (key: string) => [...output.stdout.matchAll(new RegExp(`^${key} (.*)$`, 'gm'))].at(-1)?.[1];
    const elapsed = Number(last('elapsed') ?? 0);
    if (output.code === 3)
      throw new SlipwayError('task.failed', p.msg ?? `Timeout when waiting for ${subjectOf(p)}`, {
        hint: `It was not so within ${p.timeout ?? 300} s. ${last('why') ?? ''}`.trim(),
        data: { elapsed, ...output },
      });
    if (output.code !== 0)
      throw new SlipwayError('task.command', output.stderr.trim() || `exit ${output.code}`, {
        data: { ...output },
      });
    const match = last('match')?.replace(/\r$/, '');
    return {
      changed: false,
      elapsed,
      state: p.state ?? 'started',
      ...(match !== undefined && { match }),
      ...groupsOf(p.search_regex, match),
      ...(p.search_regex !== undefined && { search_regex: p.search_regex }),
      ...(p.port !== undefined && { port: p.port }),
      ...(p.path !== undefined && { path: p.path }),
    };
  },
});

function subjectOf(p: {
  host?: string;
  port?: number;
  path?: string;
  state?: string;
  search_regex?: string;
  timeout?: number;
}): string {
  if (p.port === undefined && p.path === undefined) return `${p.timeout ?? 300} s to pass`;
  const place = p.path ?? `${p.host ?? '127.0.0.1'}:${p.port}`;
  if (p.state === 'drained') return `${place} to have no connections`;
  if (p.state === 'absent' || p.state === 'stopped')
    return `${place} to ${p.path === undefined ? 'close' : 'go away'}`;
  if (p.search_regex !== undefined) return `${p.search_regex} in ${place}`;
  return place;
}
