import type Docker from 'dockerode';
import type { Host } from '../../../module/host.ts';
import { withEngine } from '../engine/client.ts';
import { socketOf } from '../engine/params.ts';
import { engineFilters, type Filters } from '../filters.ts';
import type { PruneParams } from './params.ts';
import type { Pruned } from './returns.ts';

/** What the Engine tells of it goes into `done`. */
export function applyPrune(done: Pruned, p: PruneParams): (host: Host) => Promise<void> {
  return (host) =>
    withEngine(host, { socket: socketOf(p) }, async (docker) => {
      await prune(docker as unknown as Pruner, done, p);
      if (!p.builder_cache) return;
      const { SpaceReclaimed } = await pruneBuilder(docker, p.builder_cache_all === true);
      done.builder_cache_space_reclaimed = SpaceReclaimed;
    });
}

/** dockerode's own leaves `all` out. */
function pruneBuilder(docker: Docker, all: boolean): Promise<{ SpaceReclaimed: number }> {
  const asked = {
    path: '/build/prune?',
    method: 'POST',
    options: all ? { all } : {},
    statusCodes: { 200: true },
  };
  return new Promise((resolve, reject) => {
    docker.modem.dial(asked, (error, data) =>
      error ? reject(error as Error) : resolve(data as { SpaceReclaimed: number }),
    );
  });
}

/** The Engine as its types do not quite tell it: lists may be null. */
interface Pruner {
  pruneContainers(of: object): Promise<{ ContainersDeleted: string[] | null; SpaceReclaimed: number }>;
  pruneImages(
    of: object,
  ): Promise<{ ImagesDeleted: { Untagged?: string; Deleted?: string }[] | null; SpaceReclaimed: number }>;
  pruneNetworks(of: object): Promise<{ NetworksDeleted: string[] | null }>;
  pruneVolumes(of: object): Promise<{ VolumesDeleted: string[] | null; SpaceReclaimed: number }>;
}

const by = (filters: Filters | undefined) => ({ filters: JSON.stringify(engineFilters(filters)) });

async function prune(docker: Pruner, done: Pruned, p: PruneParams): Promise<void> {
  if (p.containers) {
    const { ContainersDeleted, SpaceReclaimed } = await docker.pruneContainers(by(p.containers_filters));
    Object.assign(done, { containers: ContainersDeleted ?? [], containers_space_reclaimed: SpaceReclaimed });
  }
  if (p.images) {
    const { ImagesDeleted, SpaceReclaimed } = await docker.pruneImages(by(p.images_filters));
    const images = (ImagesDeleted ?? []).flatMap(({ Untagged, Deleted }) => Untagged ?? Deleted ?? []);
    Object.assign(done, { images, images_space_reclaimed: SpaceReclaimed });
  }
  if (p.networks) {
    const { NetworksDeleted } = await docker.pruneNetworks(by(p.networks_filters));
    done.networks = NetworksDeleted ?? [];
  }
  if (p.volumes) {
    const { VolumesDeleted, SpaceReclaimed } = await docker.pruneVolumes(by(p.volumes_filters));
    Object.assign(done, { volumes: VolumesDeleted ?? [], volumes_space_reclaimed: SpaceReclaimed });
  }
}
