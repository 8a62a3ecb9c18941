import { type Static, Type } from 'typebox';
import { counted } from '../../base/counted.ts';
import { SlipwayError } from '../../base/errors.ts';
import { defineQuery } from '../../module/contract.ts';
import type { Local } from '../../module/host.ts';
import { lines, sh } from '../../module/program.ts';
import { tarsOf } from '../docker/image-source.ts';
import { missingImages, neededImages } from './image-set.ts';
import { section, sections, words } from './sections.ts';

const params = Type.Object({
  kubernetes_version: Type.String({ description: 'As in `1.34.1`.' }),
  image_repository: Type.Optional(Type.String({ default: 'registry.k8s.io' })),
  role: Type.Optional(
    Type.Union([Type.Literal('worker'), Type.Literal('control_plane')], { default: 'control_plane' }),
  ),
  src: Type.Optional(
    Type.Union([Type.String(), Type.Array(Type.String())], {
      description:
        'Tars on the controller that are to be loaded, as for `container_image`. A pattern that fits nothing stands for no image.',
    }),
  ),
  runtime: Type.Optional(
    Type.Union([Type.Literal('docker'), Type.Literal('containerd')], {
      default: 'containerd',
      description: 'Whose images are looked at on the host.',
    }),
  ),
  pause_image: Type.Optional(
    Type.String({ description: 'The sandbox image of the runtime, where it is not that of kubeadm.' }),
  ),
  others: Type.Optional(
    Type.Array(Type.String(), { description: 'More images that there must be: those of the Pod network.' }),
  ),
  leave_out: Type.Optional(
    Type.Array(Type.String(), {
      description: 'What the cluster does without: `kube-proxy`, `coredns`, `etcd`.',
    }),
  ),
  required: Type.Optional(
    Type.Boolean({ default: true, description: 'Fail where one is missing; else they are only named.' }),
  ),
});

type Params = Static<typeof params>;

interface Ready extends Params {
  readonly version: string;
  /** Names in the tars. */
  readonly given: readonly string[];
}

export const kubeadmImages = defineQuery({
  name: 'kubeadm_images',
  summary: 'Whether all images of a cluster are at hand: in tars, or on the host.',
  description: `
Holds what \`kubeadm config images list\` names against the tars of \`src\` and what the host's runtime has. Where the host has no
kubeadm of that minor version yet, names are told without it; of \`etcd\`, \`coredns\` and \`pause\` any tag counts then. A worker needs
\`kube-proxy\`, \`coredns\` and the sandbox image. Changes nothing.
`,
  params,
  returns: Type.Object({
    images: Type.Array(Type.String(), { description: 'All that are needed; `:*` is any tag.' }),
    missing: Type.Array(Type.String(), { description: 'Those that neither a tar nor the host has.' }),
  }),
  examples: [
    {
      title: 'what a control plane would pull',
      yaml: `
        - kubeadm_images: {kubernetes_version: 1.34.1, required: false}
          become: true
          register: images
        - debug: {msg: "{{length images.missing}} of {{length images.images}} images come from a registry"}
      `,
    },
  ],
  prepare: async (p, local): Promise<Ready> => ({
    ...p,
    version: p.kubernetes_version.replace(/^v/, ''),
    given: await namesIn(p.src, local),
  }),
  // A kubeadm that an earlier task installs may name other tags.
  reads: () => ['package:kubeadm'],
  probe: (p) =>
    lines(
      section('kubeadm'),
      sh`
        case $(kubeadm version -o short 2>/dev/null) in ${`v${minorOf(p.version)}`}.*)
          kubeadm config images list --kubernetes-version ${`v${p.version}`} --image-repository ${repositoryOf(p)} 2>/dev/null ;;
        esac
      `,
      section('images'),
      p.runtime === 'docker'
        ? sh`docker image ls --format '{{.Repository}}:{{.Tag}}' 2>/dev/null`
        : sh`ctr -n k8s.io images ls -q 2>/dev/null`,
      sh`:`,
    ),
  read: (output, p) => {
    const parts = sections(output.stdout);
    const wish = {
      version: p.version,
      repository: repositoryOf(p),
      role: p.role ?? 'control_plane',
      pause: p.pause_image,
      leaveOut: p.leave_out ?? [],
      others: p.others ?? [],
    };
    const images = neededImages(wish, words(parts.get('kubeadm')));
    const missing = missingImages(images, [...p.given, ...words(parts.get('images'))]);
    if (missing.length > 0 && p.required !== false)
      throw new SlipwayError(
        'task.failed',
        `${counted(missing.length, 'image')} that Kubernetes ${p.version} needs ${missing.length === 1 ? 'is' : 'are'} neither in a tar nor on the host: ${missing.join(', ')}`,
        {
          hint: `Add what is missing to image_tars (docker pull NAME, docker save NAME -o FILE.tar), or to the bundle. Where a registry has it that the hosts reach: images_required: false.`,
        },
      );
    return { images, missing };
  },
});

const repositoryOf = (p: Params) => p.image_repository ?? 'registry.k8s.io';
const minorOf = (version: string) => version.split('.').slice(0, 2).join('.');

async function namesIn(src: Params['src'], local: Local): Promise<string[]> {
  const names: string[] = [];
  for (const source of src === undefined ? [] : [src].flat())
    for (const tar of await tarsAt(source, local)) for (const image of tar.images) names.push(...image.tags);
  return names;
}

async function tarsAt(source: string, local: Local) {
  try {
    return await tarsOf(source, local);
  } catch (error) {
    if (/[*?]/.test(source) && error instanceof SlipwayError && error.code === 'file.missing') return [];
    throw error;
  }
}
