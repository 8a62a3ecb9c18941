import { Type } from 'typebox';
import { defineState } from '../../module/contract.ts';
import { compareImages, questionOf, type Ready, tagsOf } from './image-compare.ts';
import { loadImages } from './image-load.ts';
import { foreseeImages, imageEffects, readsImages, touchesImages } from './image-outlook.ts';
import { probeImages } from './image-probe.ts';
import { tarsOf } from './image-source.ts';
import { readImages } from './image-state.ts';

const params = Type.Object({
  src: Type.Union([Type.String(), Type.Array(Type.String())], {
    description:
      'Tars on the controller (`.tar`, `.tar.gz`): a path, a pattern such as `images/*.tar`, or a list.',
  }),
  runtime: Type.Optional(
    Type.Union([Type.Literal('auto'), Type.Literal('docker'), Type.Literal('containerd')], {
      default: 'auto',
      description: 'Where they go; `auto` is Docker where its command is, else containerd.',
    }),
  ),
  namespace: Type.Optional(
    Type.String({ default: 'k8s.io', description: "containerd's namespace; the kubelet looks in `k8s.io`." }),
  ),
  platform: Type.Optional(
    Type.String({
      description:
        "Of an image for several platforms the one that is loaded (`linux/arm64`); default: the host's own.",
    }),
  ),
  distribute: Type.Optional(
    Type.Union([Type.Literal('direct'), Type.Literal('tree')], {
      default: 'direct',
      description:
        '`direct`: the controller sends to each host. `tree`: it sends each layer about once, and hosts pass it on to each other over SSH.',
    }),
  ),
  pinned: Type.Optional(
    Type.Boolean({
      description:
        'Whether the kubelet has to leave the images alone when it clears away what is not used (the label `io.cri-containerd.pinned`; containerd 1.7.3 and newer heed it). Default: as it is.',
    }),
  ),
});

export const containerImage = defineState({
  name: 'container_image',
  summary: "Images from tars, in a host's Docker or containerd.",
  description: `
Reads the tars on the controller without unpacking them and sends only what the host lacks. Every tag counts. An image is
the same when its configuration is the same; where Docker keeps its images in containerd, whose ids are those of manifests,
when its manifest is, or its layers, its age and how it runs are. A tag that stands for another image is put right. What \`docker save\`, \`ctr images export\` and other tools write
as an OCI layout is understood, packed with gzip or not, and goes into either runtime.

**Layers that the host has are left out**, also those of other images: with containerd what is in the content store of the
namespace, with Docker's classic store a layer with all that lies below it. Where Docker keeps its images in containerd,
containerd tells root what it has; from another user all are sent.

Layers travel into \`/var/tmp/slipway-images-UID\` on the host, are checked there against their digest, and are removed when
they are loaded. A transfer that was cut off goes on from where it stopped, in the same run or in the next one. Where the
host has not enough room, nothing is sent. A packed tar is read through for each host, and again for what is sent (with
\`distribute: tree\` for each layer): unpack large ones first.

**With \`distribute: tree\`** a layer goes from the controller to one host, and from there to the others, at most two at a time
from each; it is checked against its digest at every hop. A host that cannot be fetched from is passed over, and what nobody
else has comes from the controller, so that hosts which cannot reach each other get all of it from there. Hosts come to each
other over SSH, at the address where their own SSH server was reached, with its keys as the controller read them: nobody is
trusted who was not before. For as long as the play runs, who logs in on a host that others fetch from has one more line in
\`authorized_keys\`: it lets a key of this one task read these layers and nothing else, and runs out by itself after four hours.
The private key is on no disk; the hosts need OpenSSH's client (\`ssh\`, \`ssh-agent\`, \`ssh-add\`). Layers stay on the hosts,
and take their room there, until the play is over for all of them.
`,
  params,
  returns: Type.Object({
    images: Type.Array(Type.String(), { description: 'All tags in the tars.' }),
    runtime: Type.Optional(Type.String()),
    bytes_sent: Type.Number({ description: 'Bytes that had to travel.' }),
    bytes_from_hosts: Type.Number({
      description: 'With `distribute: tree`, how many of them came from other hosts.',
    }),
    bytes_saved: Type.Number({
      description: 'Bytes of layers of the images that were loaded which did not have to: the host had them.',
    }),
  }),
  examples: [
    {
      title: 'all images of a folder, for a cluster without a registry',
      yaml: `
        - container_image: {src: 'images/*.tar', runtime: containerd, pinned: true}
          become: true
      `,
      skip: 'needs image tars and an engine; test/e2e/image-layers.test.ts covers it',
    },
  ],
  detached: true,

  prepare: async (p, local): Promise<Ready> => ({
    tars: await tarsOf(p.src, local),
    runtime: p.runtime ?? 'auto',
    namespace: p.namespace ?? 'k8s.io',
    platform: p.platform,
    pinned: p.pinned,
    distribute: p.distribute ?? 'direct',
  }),

  probe: (ready) => probeImages(questionOf(ready)),
  read: (output) => readImages(output),

  compare: compareImages,

  touches: touchesImages,
  reads: readsImages,
  foresee: foreseeImages,
  effects: (_, current, ready) => imageEffects(current, ready),
  apply: (plan, ready) => (host) => loadImages(host, plan, ready),
  result: (current, { tars }, done) => ({
    images: tagsOf(tars),
    ...(current.runtime === undefined ? {} : { runtime: current.runtime }),
    bytes_sent: done?.bytes ?? 0,
    bytes_from_hosts: done?.fetched.bytes ?? 0,
    bytes_saved: done?.saved ?? 0,
  }),
  forecast: (plan, _, { tars }) => ({
    images: tagsOf(tars),
    runtime: plan.runtime,
    ...(plan.sure && { bytes_sent: plan.bytes, bytes_saved: plan.saved }),
  }),
});
