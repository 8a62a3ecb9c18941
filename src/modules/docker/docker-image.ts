import { type Static, Type } from 'typebox';
import { defineState } from '../../module/contract.ts';
import { carryOut } from './docker-image-apply.ts';
import { compare, type Todo } from './docker-image-compare.ts';
import { effects, foresee, reads, touches } from './docker-image-outlook.ts';
import { params } from './docker-image-params.ts';
import { prepare } from './docker-image-prepare.ts';
import { type Current, probeImage, type Ready, readImage } from './docker-image-state.ts';

const returns = Type.Object({
  image: Type.Record(Type.String(), Type.Unknown(), {
    description: 'What `docker image inspect` shows of it; empty where it is not there.',
  }),
  actions: Type.Array(Type.String(), {
    description: 'What was done: `load`, `build`, `pull`, `tag`, `save`, `push`, `remove`.',
  }),
  bytes_sent: Type.Number({ description: 'Bytes that were sent from the controller.' }),
  bytes_saved: Type.Number({ description: 'Bytes of layers of a tar that were not: the host had them.' }),
});

export const dockerImage = defineState<typeof params, typeof returns, Current, Todo, Ready>({
  name: 'docker_image',
  summary: "An image in a host's Docker Engine: loaded, built, pulled, tagged, saved, pushed or taken away.",
  description: `
Speaks the Engine's API over the connection that the host has: its socket is forwarded where the user who logs in may open
it (group \`docker\`), and with \`become\` a command joins it as root. Nothing is installed, and no second connection is made.

- \`source: load\`: the tar is read here, on the controller. All its names count, and an image is the same when its
  configuration is, or (containerd image store) its manifest, or its layers, its age and how it runs. Only layers that the
  host lacks travel, and a load that was cut off goes on from there, as with \`container_image\`.
- \`source: build\`: the context is a folder on the controller, sent without what \`.dockerignore\` names. The image gets the
  label \`slipway.build\`, a hash of the context and of all parameters that matter; as long as it fits, nothing is built.
  Ansible builds only when there is no image of the name (\`build: {rebuild: never}\`), or each time (\`force_source\`).
  Files belong to root and have the time 1970 in the context, so that the same files give the same layers everywhere;
  empty folders are not sent. The image that \`FROM\` names does not count. The builder is the one inside of the Engine, not
  BuildKit.
- \`source: pull\`: by the Engine, when the name is not there; with \`force_source\` when the registry has another one.
- \`push\`: when the registry does not have this image under the name. The Engine is asked what the registry has, in a dry
  run too.
- \`archive_path\` is on the host, as in Ansible, and saved anew when it does not hold this image under its name.

\`username\` and \`password\` go to the Engine in a header: they are in no command line, and on no disk of the host.
`,
  params,
  returns,
  secretParams: ['password'],
  examples: [
    {
      title: 'the image of a tar, with one more name',
      yaml: `
        - docker_image:
            name: team/app:1.0
            source: load
            load_path: app.tar
            repository: localhost:5000/team/app:1.0
            push: true
          become: true
      `,
      skip: 'needs a Docker Engine and a registry; test/e2e/docker-image.test.ts runs the like',
    },
    {
      title: 'built from a folder of the playbook, anew when something in it changes',
      yaml: `
        - docker_image: {name: 'team/app:1.0', source: build, build: {path: app, args: {VERSION: '1.0'}}}
          become: true
      `,
      skip: 'needs a Docker Engine; test/e2e/docker-image.test.ts runs the like',
    },
  ],
  prepare,
  probe: probeImage,
  read: readImage,
  compare,
  apply: carryOut,
  touches,
  reads,
  effects,
  foresee,
  result: (current, { name }, done) => ({
    image: current.images.get(name ?? '') ?? {},
    actions: [...(done?.steps ?? [])],
    bytes_sent: done?.bytes ?? 0,
    bytes_saved: done?.saved ?? 0,
  }),
  forecast: ({ steps, load, bytes, saved }): Partial<Static<typeof returns>> => ({
    actions: [...steps],
    ...(load?.sure !== false && { bytes_sent: bytes, bytes_saved: saved }),
  }),
});
