import { type Static, Type } from 'typebox';
import { engineParams } from '../engine/params.ts';
import { filtersParam } from '../filters.ts';

const flag = (description: string) => Type.Optional(Type.Boolean({ default: false, description }));

export const pruneParams = Type.Object({
  containers: flag('Containers that do not run.'),
  containers_filters: filtersParam('Only some of them: `{until: 24h, label: tmp, "label!": [keep]}`.'),
  images: flag('Images that have no name and of which there is no container.'),
  images_filters: filtersParam('Only some of them; `{dangling: false}`: those with a name, too.'),
  networks: flag('Networks that no running container is in.'),
  networks_filters: filtersParam('Only some of them: `{until: 24h}`.'),
  volumes: flag(
    'Local volumes that no container has. From Docker 23 on only those without a name; `volumes_filters: {all: true}` for all.',
  ),
  volumes_filters: filtersParam('Only some of them: `{label: tmp}`.'),
  builder_cache: flag('What BuildKit keeps of earlier builds and nothing uses.'),
  builder_cache_all: flag('With `builder_cache`: what images share with it, too.'),
  ...engineParams,
});

export type PruneParams = Static<typeof pruneParams>;
