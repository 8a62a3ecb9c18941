import { Type } from 'typebox';

const size = (description: string) =>
  Type.Optional(Type.Union([Type.String(), Type.Integer()], { description }));
const whole = (description: string) => Type.Optional(Type.Integer({ description }));
const texts = (description: string) => Type.Optional(Type.Array(Type.String(), { description }));
const text = (description: string) => Type.Optional(Type.String({ description }));

/** What it may use, and what it may do. */
export const limitParams = {
  memory: size(
    'How much it may use: `512M`, `1.5G`, or bytes. Changed while it runs; 0, which is all, makes it anew.',
  ),
  memory_reservation: size('How much it keeps when memory is short. Changed while it runs.'),
  memory_swap: size('Memory and swap together; `unlimited`. Changed while it runs.'),
  cpus: Type.Optional(Type.Number({ description: 'How many processors: `1.5`. Changed while it runs.' })),
  cpu_shares: whole('Its weight where processors are short. Changed while it runs.'),
  cpuset_cpus: text('On which processors: `0-3`, `1,3`. Changed while it runs.'),
  pids_limit: whole('How many processes; -1 for any number. Changed while it runs.'),
  shm_size: size('Of /dev/shm: `64M`.'),
  ulimits: texts('`nofile:1024:2048`: name, soft and hard limit.'),
  oom_score_adj: whole('How soon the kernel kills it for want of memory: -1000 to 1000.'),
  privileged: Type.Optional(Type.Boolean({ description: 'It may do all that root of the host may.' })),
  capabilities: texts('Capabilities that it gets: `NET_ADMIN`.'),
  cap_drop: texts('Capabilities that it loses; `ALL`.'),
  devices: texts('Devices of the host: `/dev/fuse`, `/dev/sda:/dev/xvda:r`.'),
  security_opts: texts('`seccomp=unconfined`, `no-new-privileges`, ...'),
  sysctls: Type.Optional(
    Type.Record(Type.String(), Type.Union([Type.String(), Type.Number()]), {
      description: 'Kernel parameters of its own.',
    }),
  ),
  pid_mode: text('`host`, or `container:NAME`.'),
  ipc_mode: text('`host`, `private`, `shareable`, or `container:NAME`.'),
  userns_mode: text('`host`: without the user namespace of the Engine.'),
  cgroupns_mode: Type.Optional(Type.Enum(['host', 'private'], { description: 'Its cgroup namespace.' })),
  runtime: text('The runtime: `runc`, ...'),
};
