import { Type } from 'typebox';

const text = Type.String();
const texts = Type.Array(text);
const whole = Type.Integer();
const OPEN = { additionalProperties: true };

/** A list of objects of the Engine; with `verbose_output` they have other fields. */
const list = (fields: Parameters<typeof Type.Object>[0], description: string) =>
  Type.Optional(Type.Array(Type.Object(fields, OPEN), { description }));

export const infoReturns = Type.Object({
  can_talk_to_docker: Type.Boolean({ description: 'True; else the task fails.' }),
  host_info: Type.Object(
    {
      ServerVersion: text,
      Containers: whole,
      ContainersRunning: whole,
      Images: whole,
      Driver: Type.String({ description: 'Of its storage: `overlay2`.' }),
      CgroupDriver: text,
      CgroupVersion: text,
      LoggingDriver: text,
      DockerRootDir: text,
      Name: text,
      NCPU: whole,
      MemTotal: Type.Integer({ description: 'In bytes.' }),
      Architecture: text,
    },
    { ...OPEN, description: 'What `docker info` tells.' },
  ),
  containers: list(
    {
      Id: text,
      Names: texts,
      Image: text,
      Command: text,
      Created: text,
      State: Type.String({ description: '`running`, `exited`, ...' }),
      Status: Type.String({ description: '`Up 2 hours (healthy)`' }),
      Ports: texts,
      Networks: texts,
    },
    'As `docker ps -a` shows them, the newest first.',
  ),
  images: list(
    {
      Id: text,
      RepoTags: Type.Array(text, { description: 'None where it has no name.' }),
      RepoDigests: texts,
      Created: text,
      Size: Type.Integer({ description: 'In bytes.' }),
    },
    'As `docker images` shows them, each once.',
  ),
  networks: list({ Id: text, Name: text, Driver: text, Scope: text }, 'Where they are asked for.'),
  volumes: list({ Name: text, Driver: text }, 'Where they are asked for.'),
  disk_usage: list(
    {
      Type: Type.String({ description: '`Images`, `Containers`, `Local Volumes`, `Build Cache`' }),
      TotalCount: whole,
      Active: whole,
      Size: Type.String({ description: '`1.2GB`' }),
      Reclaimable: text,
    },
    'Where it is asked for.',
  ),
});
