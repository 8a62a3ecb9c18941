import { counted } from '../../base/counted.ts';
import { change, defineState, type Difference, same, type Verdict } from '../../module/contract.ts';
import type { Effect, Subject } from '../../module/outlook.ts';
import { GONE, imageSubject, layersSubject } from './image-expected.ts';
import { shortId } from './image-names.ts';
import { socketOf } from './engine/params.ts';
import { ENGINE, NO_ENGINE, unanswered } from './engine/presence.ts';
import { applyPrune } from './prune/apply.ts';
import { type Going, goingOf } from './prune/going.ts';
import { checkFilters } from './prune/matching.ts';
import { type Objects, probeObjects, readObjects } from './prune/objects.ts';
import { pruneParams, type PruneParams } from './prune/params.ts';
import { nothingOf, type Pruned, pruneReturns } from './prune/returns.ts';

interface Todo {
  readonly going: Going;
  /** What the Engine tells of it when it is done. */
  readonly done: Pruned;
}

export const dockerPrune = defineState({
  name: 'docker_prune',
  summary:
    'Takes away what a Docker Engine no longer needs: containers, images, networks, volumes, builder cache.',
  description: `
As \`community.docker.docker_prune\`, and a dry run says which objects would go: by the rules of the Engine, with all filters,
containers first, so that what only they have used goes as well. Of an image with several names that is used, \`{dangling:
false}\` takes all names but one; where Docker keeps its images in containerd, all but those that containers were made by. Says nothing to do where nothing would go.
`,
  params: pruneParams,
  returns: pruneReturns,
  elsewhere: {
    builder_cache_filters: 'Leave it out; all that nothing uses goes.',
    builder_cache_keep_storage: 'Leave it out; all that nothing uses goes.',
  },
  examples: [
    {
      title: 'what has not been used for a day, but no volumes',
      yaml: `
        - docker_prune:
            containers: true
            containers_filters: {until: 24h, 'label!': keep}
            images: true
            networks: true
          become: true
      `,
      skip: 'needs a Docker Engine; test/e2e/docker-container.test.ts runs it',
    },
    {
      title: 'images that no container uses',
      yaml: `
        - docker_prune: {images: true, images_filters: {dangling: false}}
          become: true
          register: pruned
        - debug: {msg: '{{ pruned.images_space_reclaimed }} bytes more'}
      `,
      skip: 'needs a Docker Engine; test/e2e/docker-container.test.ts runs it',
    },
  ],

  prepare: (p): PruneParams => {
    checkFilters('containers_filters', p.containers_filters, ['until']);
    checkFilters('images_filters', p.images_filters, ['until', 'dangling']);
    checkFilters('networks_filters', p.networks_filters, ['until']);
    checkFilters('volumes_filters', p.volumes_filters, ['all']);
    return p;
  },
  probe: probeObjects,
  read: (output) => readObjects(output),

  compare: (there, p): Verdict<Todo> => {
    if (there.problem === NO_ENGINE) return same(NO_ENGINE);
    if (there.problem !== undefined) return unanswered(there.problem, socketOf(p));
    const going = goingOf(there, p);
    const diff = differencesOf(going);
    if (diff.length === 0) return same('there is nothing to prune');
    return change(`to go: ${summaryOf(going)}`, diff, { going, done: {} });
  },

  apply: (todo, p) => applyPrune(todo.done, p),

  touches: (p) => kindsOf(p),
  reads: () => ['container:', 'image:', ...ENGINE],
  effects: ({ going }): Effect[] => [
    ...(going.images.length > 0 ? [{ subject: layersSubject('docker') }] : []),
    ...going.containers.map(({ Name }) => ({
      subject: `container:${Name.slice(1)}` as const,
      state: { container: undefined },
    })),
    ...going.images.flatMap(({ names }) =>
      names.map((name) => ({ subject: imageSubject(name), state: GONE })),
    ),
  ],

  result: (_there, p, todo) => ({ ...nothingOf(p), ...todo?.done }),
  forecast: ({ going }, _there: Objects, p) => ({
    ...(p.containers && { containers: going.containers.map(({ Id }) => Id) }),
    ...(p.networks && { networks: going.networks.map(({ Name }) => Name) }),
    ...(p.volumes && { volumes: going.volumes.map(({ Name }) => Name) }),
  }),
});

function kindsOf({ containers, images }: PruneParams): Subject[] {
  return [
    ...(containers ? (['container:'] as const) : []),
    ...(images ? (['image:', layersSubject('docker')] as const) : []),
  ];
}

const KINDS = ['containers', 'images', 'networks', 'volumes'] as const;

function summaryOf(going: Going): string {
  const some = KINDS.filter((kind) => going[kind].length > 0);
  const words = some.map((kind) => counted(going[kind].length, kind.slice(0, -1)));
  return [...words, ...(going.cache.length > 0 ? ['builder cache'] : [])].join(', ');
}

function differencesOf({ containers, images, networks, volumes, cache }: Going): Difference[] {
  return [
    ...containers.map(({ Name, State }) => ({ subject: `container ${Name.slice(1)}`, before: State.Status })),
    ...images.flatMap(({ image, names }) =>
      (names.length > 0 ? names : [shortId(image.Id)]).map((name) => ({
        subject: `image ${name}`,
        before: shortId(image.Id),
      })),
    ),
    ...networks.map(({ Name }) => ({ subject: `network ${Name}`, before: 'unused' })),
    ...volumes.map(({ Name }) => ({ subject: `volume ${Name}`, before: 'unused' })),
    ...(cache.length > 0 ? [{ subject: 'builder cache', before: `${cache.length} unused` }] : []),
  ];
}
