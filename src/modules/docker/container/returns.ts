import { type Static, Type } from 'typebox';
import type { Current } from './current.ts';
import type { Plan } from './plan.ts';
import type { Ready } from './ready.ts';

const MORE = { additionalProperties: true };

export const containerReturns = Type.Object({
  container: Type.Optional(
    Type.Object(
      {
        Id: Type.String(),
        Name: Type.String({ description: '`/web`.' }),
        Image: Type.String({ description: 'The id of its image.' }),
        State: Type.Object(
          { Status: Type.String(), Running: Type.Boolean(), ExitCode: Type.Optional(Type.Integer()) },
          MORE,
        ),
        Config: Type.Record(Type.String(), Type.Unknown()),
        HostConfig: Type.Record(Type.String(), Type.Unknown()),
        NetworkSettings: Type.Record(Type.String(), Type.Unknown()),
        Output: Type.Optional(
          Type.String({ description: 'What it printed: with `detach: false` and `output_logs`.' }),
        ),
      },
      { ...MORE, description: 'What `docker inspect` tells of it. Not there where the container is not.' },
    ),
  ),
  status: Type.Optional(Type.Integer({ description: 'With `detach: false`: its exit code.' })),
  recreated: Type.Boolean({ description: 'Whether it was made anew.' }),
});

export function resultOf(current: Current, _: Ready, done?: Plan): Static<typeof containerReturns> {
  const { container: last, status, output = current.log, recreated = false } = done?.outcome ?? {};
  const container = current.container ?? last;
  return {
    ...(container && {
      container: { ...container, ...(output !== undefined && { Output: output }) } as never,
    }),
    ...(status !== undefined && { status }),
    recreated,
  };
}
