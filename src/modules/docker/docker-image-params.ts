import { type Static, Type } from 'typebox';
import { accountParams } from './engine/account.ts';
import { engineParams } from './engine/params.ts';

const text = (description: string) => Type.Optional(Type.String({ description }));
const flag = (description: string, otherwise = false) =>
  Type.Optional(Type.Boolean({ default: otherwise, description }));
const build = Type.Object(
  {
    path: Type.String({
      minLength: 1,
      description: 'The context: a folder on the controller. `.dockerignore` counts.',
    }),
    dockerfile: Type.Optional(
      Type.String({ default: 'Dockerfile', description: 'Its name, inside of the context.' }),
    ),
    args: Type.Optional(
      Type.Record(Type.String(), Type.String(), {
        description: 'Values for `ARG`. They can be seen in the history of the image: nothing secret.',
      }),
    ),
    labels: Type.Optional(
      Type.Record(Type.String(), Type.String(), { description: 'More labels for the image.' }),
    ),
    target: text('The stage to build, where there are several.'),
    network: text('The network of `RUN`.'),
    platform: text('`linux/arm64`; that of the Engine where nothing is said.'),
    etc_hosts: Type.Optional(
      Type.Record(Type.String(), Type.String(), { description: 'Names to addresses, for `RUN`.' }),
    ),
    cache_from: Type.Optional(
      Type.Array(Type.String(), { description: 'Images whose layers may be used again.' }),
    ),
    pull: flag(
      'Ask the registry for the image in `FROM` although the host has it; only when there is something to build.',
    ),
    nocache: flag('Use no layer of an earlier build.'),
    rm: flag('Remove the containers of the single steps.', true),
    rebuild: Type.Optional(
      Type.Union([Type.Literal('changed'), Type.Literal('never')], {
        default: 'changed',
        description:
          '`changed`: built anew when the context or one of these parameters differs from what the image was built of. `never`, as in Ansible: whatever has the name is taken as it is.',
      }),
    ),
  },
  { description: 'How to build it, with `source: build`.' },
);

export const params = Type.Object({
  name: text(
    '`nginx`, `nginx:1.27`, `registry.example.com:5000/team/app`, or an id (`sha256:...`). May be left out with `source: load`: all images of the tar.',
  ),
  tag: Type.Optional(Type.String({ default: 'latest', description: 'Where `name` has none.' })),
  state: Type.Optional(
    Type.Union([Type.Literal('present'), Type.Literal('absent')], {
      default: 'present',
      description: '`absent` takes the name away, and the image with its last name.',
    }),
  ),
  source: Type.Optional(
    Type.Union([Type.Literal('build'), Type.Literal('load'), Type.Literal('pull'), Type.Literal('local')], {
      description:
        'Where it comes from. `local`: it has to be there already, to be tagged, saved or pushed. Needed with `state: present`.',
    }),
  ),
  build: Type.Optional(build),
  pull: Type.Optional(
    Type.Object(
      { platform: text('`linux/arm64`; that of the Engine where nothing is said.') },
      { description: 'How to pull it.' },
    ),
  ),
  load_path: text(
    'With `source: load`: the tar, on the controller. `.tar` and `.tar.gz`, of `docker save` or `ctr images export`.',
  ),
  archive_path: text('Save the image into this tar, on the host.'),
  repository: text('One more name for the image, `HOST:PORT/PATH:TAG`; without a tag that of the image.'),
  push: flag('Push it to the registry of `repository`, or of `name` where there is no `repository`.'),
  force_source: flag(
    'Build it in any case; with `source: pull`, ask the registry whether it has another one under this name.',
  ),
  force_absent: flag('Take it away although stopped containers were made of it.'),
  force_tag: flag('Accepted, and not needed: a tag that stands for another image is always put right.'),
  ...accountParams('for `pull` and `push`'),
  ...engineParams,
});

export type Params = Static<typeof params>;
export type BuildParams = Static<typeof build>;
