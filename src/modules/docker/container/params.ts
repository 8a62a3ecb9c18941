import { type Static, Type } from 'typebox';
import { accountParams } from '../engine/account.ts';
import { engineParams } from '../engine/params.ts';
import { limitParams } from './params-limits.ts';
import { networkParams } from './params-network.ts';

const text = (description: string) => Type.Optional(Type.String({ description }));
const texts = (description: string) => Type.Optional(Type.Array(Type.String(), { description }));
const flag = (description: string) => Type.Optional(Type.Boolean({ description }));
const scalar = Type.Union([Type.String(), Type.Number(), Type.Boolean()]);
const map = (description: string) => Type.Optional(Type.Record(Type.String(), scalar, { description }));
const words = (description: string) =>
  Type.Optional(Type.Union([Type.String(), Type.Array(scalar)], { description }));
const duration = (description: string) =>
  Type.Optional(Type.Union([Type.String(), Type.Number()], { description }));

const healthcheck = Type.Object(
  {
    test: Type.Optional(
      Type.Union([Type.String(), Type.Array(Type.String(), { minItems: 1 })], {
        description: "For the container's shell; or a list that begins with CMD, CMD-SHELL or NONE.",
      }),
    ),
    interval: duration('Between two checks: `30s`, `1m30s`, or seconds.'),
    timeout: duration('For one check.'),
    retries: Type.Optional(Type.Integer({ description: 'Failures in a row until it is unhealthy.' })),
    start_period: duration('Failures do not count that long after its start.'),
    start_interval: duration('Between checks in `start_period`; Docker 25 or newer.'),
  },
  { additionalProperties: false },
);

const mount = Type.Object(
  {
    target: Type.String({ description: 'The path in the container.' }),
    source: Type.Optional(
      Type.String({
        description: 'A path of the host, or the name of a volume; without it a volume of its own.',
      }),
    ),
    type: Type.Optional(Type.Enum(['bind', 'volume', 'tmpfs'], { default: 'volume' })),
    read_only: Type.Optional(Type.Boolean()),
    propagation: Type.Optional(
      Type.Enum(['private', 'rprivate', 'shared', 'rshared', 'slave', 'rslave'], {
        description: 'Of a bind.',
      }),
    ),
    no_copy: Type.Optional(Type.Boolean({ description: 'A new volume stays empty.' })),
    tmpfs_size: Type.Optional(Type.Union([Type.String(), Type.Integer()], { description: '`64M`.' })),
    tmpfs_mode: Type.Optional(Type.String({ description: "`'1777'`, quoted." })),
  },
  { additionalProperties: false },
);

export const containerParams = Type.Object({
  name: Type.String({ description: 'The name of the container.', pattern: '^[A-Za-z0-9][A-Za-z0-9_.-]*$' }),
  state: Type.Optional(
    Type.Enum(['started', 'healthy', 'present', 'stopped', 'absent'], {
      default: 'started',
      description:
        '`healthy`: started, and its healthcheck says so. `present`: made where it is not there, and not started. ' +
        '`stopped`: there, and not running. `absent`: stopped and removed.',
    }),
  ),
  image: text('Name and tag, or an id. Needed to make it; another id behind the name makes it anew.'),
  pull: Type.Optional(
    Type.Union([Type.Enum(['missing', 'always', 'never']), Type.Boolean()], {
      default: 'missing',
      description:
        'When the image is pulled. `missing` (or false): when the host has none of that name. `always` (or true): when ' +
        'the registry has another one, which it is asked each time, in a dry run too.',
    }),
  ),
  ...accountParams('to pull the image'),
  recreate: flag('Make it anew in any case, each time.'),
  restart: flag('Restart it each time it runs and nothing else differs.'),
  paused: flag('With `started`: whether its processes are paused. With `healthy` they never are.'),
  detach: Type.Optional(
    Type.Boolean({
      default: true,
      description:
        'False: started each time, and waited for until it ends. Fails unless its exit code is 0. What it printed is in ' +
        '`container.Output`.',
    }),
  ),
  cleanup: flag('With `detach: false`: remove it when it has ended.'),
  output_logs: flag('Register the last 200 lines of its log in `container.Output`, also of one that runs.'),
  comparisons: Type.Optional(
    Type.Record(Type.String(), Type.Enum(['strict', 'ignore', 'allow_more_present']), {
      description:
        'How a parameter is held against what is there. Maps and lists of things: `allow_more_present` (the default) ' +
        'looks only for what is declared, `strict` takes away the rest. `ignore`: never a reason. `*` for all.',
    }),
  ),
  command: words('Its arguments; a text is cut into words as a shell would.'),
  entrypoint: words('The program, in place of that of the image.'),
  env: map('Variables of its environment; those of the image stay.'),
  labels: map('Labels.'),
  user: text('Who its processes are: `user`, `uid`, `user:group`.'),
  groups: texts('More groups of that user.'),
  hostname: text('Its host name.'),
  domainname: text('Its domain.'),
  working_dir: text('The folder that it starts in.'),
  tty: flag('Give it a terminal.'),
  interactive: flag('Keep its stdin open.'),
  init: flag('Run a small init in it, which reaps processes.'),
  stop_signal: text('The signal that asks it to end.'),
  stop_timeout: Type.Optional(Type.Integer({ description: 'Seconds until it is killed.', minimum: 0 })),
  force_kill: flag('Kill it rather than ask it to end.'),
  kill_signal: text('The signal for `force_kill`.'),
  auto_remove: flag('It is removed as soon as it ends.'),
  keep_volumes: Type.Optional(
    Type.Boolean({ default: true, description: 'Its anonymous volumes stay when it is removed.' }),
  ),
  restart_policy: Type.Optional(
    Type.Enum(['no', 'on-failure', 'always', 'unless-stopped'], {
      description: "When the Engine starts it again. Quote `'no'`.",
    }),
  ),
  restart_retries: Type.Optional(Type.Integer({ description: 'With `on-failure`: how often.', minimum: 0 })),
  volumes: texts('`/folder/of/the/host:/folder:ro`, `name:/folder`, or `/folder` for a volume of its own.'),
  volumes_from: texts('Containers whose volumes it has, too.'),
  mounts: Type.Optional(Type.Array(mount, { description: 'Volumes in long form.' })),
  tmpfs: texts('Folders in memory: `/run`, `/tmp:size=64m,mode=1777`.'),
  read_only: flag('Its root file system cannot be written.'),
  healthcheck: Type.Optional(healthcheck),
  healthy_wait_timeout: Type.Optional(
    Type.Number({ default: 300, description: 'With `healthy`: how many seconds it is waited for.' }),
  ),
  log_driver: text('Where its log goes: `json-file`, `local`, `journald`, ...'),
  log_options: map('Options of `log_driver`.'),
  ...engineParams,
  ...networkParams,
  ...limitParams,
});

export type ContainerParams = Static<typeof containerParams>;

/** What community.docker has besides, and what to write. */
export const ELSEWHERE: Readonly<Record<string, string>> = {
  ports: 'Write `published_ports`.',
  expose: 'Write `exposed_ports`.',
  exposed: 'Write `exposed_ports`.',
  forcekill: 'Write `force_kill`.',
  log_opt: 'Write `log_options`.',
  env_file: 'Read the file with `slurp` or keep its values in `env`.',
  command_handling: 'Lists are taken as they are, and texts are cut into words; leave it out.',
  container_default_behavior: 'Only what is declared is compared and set; leave it out.',
  default_host_ip: 'Write the address before the port: `127.0.0.1:8080:80`.',
  image_comparison: 'What comes from the image is that of `image`; leave it out.',
  image_label_mismatch: 'Labels of the image are never a reason; leave it out.',
  image_name_mismatch: 'The same image under another name is the same; leave it out, or use `recreate`.',
  networks_cli_compatible: 'It is as with `docker run`; leave it out.',
  purge_networks: 'Write `comparisons: {networks: strict}`.',
  pull_check_mode_behavior: 'With `pull: always` the registry is asked in a dry run, too; leave it out.',
  removal_wait_timeout: 'Use the keyword `timeout` of the task.',
  timeout: 'Use the keyword `timeout` of the task.',
  links: 'Put both into one of `networks`; they know each other by name.',
  mac_address: 'Leave it out; the Engine chooses one.',
  kernel_memory: 'Kernels no longer have it; leave it out.',
  volume_driver: 'Make the volume with its driver first: `command: docker volume create`.',
};
