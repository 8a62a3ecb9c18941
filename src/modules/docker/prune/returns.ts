import { type Static, Type } from 'typebox';
import type { PruneParams } from './params.ts';

const ids = (description: string) => Type.Optional(Type.Array(Type.String(), { description }));
const bytes = Type.Optional(Type.Integer({ description: 'Bytes.' }));

export const pruneReturns = Type.Object({
  containers: ids('Ids of those that went.'),
  containers_space_reclaimed: bytes,
  images: ids('Names that went, and ids of images and layers that went with them.'),
  images_space_reclaimed: bytes,
  networks: ids('Names of those that went.'),
  volumes: ids('Names of those that went.'),
  volumes_space_reclaimed: bytes,
  builder_cache_space_reclaimed: bytes,
});

export type Pruned = { -readonly [K in keyof Static<typeof pruneReturns>]: Static<typeof pruneReturns>[K] };

/** Where nothing goes. */
export function nothingOf(p: PruneParams): Pruned {
  return {
    ...(p.containers && { containers: [], containers_space_reclaimed: 0 }),
    ...(p.images && { images: [], images_space_reclaimed: 0 }),
    ...(p.networks && { networks: [] }),
    ...(p.volumes && { volumes: [], volumes_space_reclaimed: 0 }),
    ...(p.builder_cache && { builder_cache_space_reclaimed: 0 }),
  };
}
