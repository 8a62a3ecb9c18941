import { Unclear } from '../../module/outlook.ts';
import type { Effect, Outlook, Subject } from '../../module/outlook.ts';
import type { Verdict } from '../../module/contract.ts';
import type { Host } from '../../module/host.ts';
import { lines, type Program, sh } from '../../module/program.ts';
import { SOCKET } from './engine/client.ts';
import { chosenOf, compareImages, questionOf, type Ready as Loading } from './image-compare.ts';
import { loadImages } from './image-load.ts';
import type { LoadPlan } from './image-plan.ts';
import { probeImages } from './image-probe.ts';
import type { HostImages } from './image-state.ts';
import type { ImageTar } from './image-tar.ts';

// What `docker_image` shares with `container_image`: of a tar only what the host lacks is sent.

export type { HostImages, Loading, LoadPlan };

export function loadingOf(tar: ImageTar): Loading {
  const none = { namespace: '', platform: undefined, pinned: undefined, distribute: 'direct' as const };
  return { tars: [tar], runtime: 'docker', ...none };
}

/** The `docker` command asks another socket where it is told to. */
const at = (socket: string, program: Program): Program =>
  socket === SOCKET ? program : lines(sh`export DOCKER_HOST=${`unix://${socket}`}`, program);

export const probeLoad = (loading: Loading, socket: string): Program =>
  at(socket, probeImages(questionOf(loading)));

export const compareLoad = (current: HostImages, loading: Loading): Verdict<LoadPlan> =>
  compareImages(current, loading);

export function load(host: Host, plan: LoadPlan, loading: Loading, socket: string): Promise<void> {
  const there: Host =
    socket === SOCKET ? host : { ...host, run: (program, options) => host.run(at(socket, program), options) };
  return loadImages(there, plan, loading);
}

export function loadEffects(current: HostImages, loading: Loading): Effect[] {
  return chosenOf(current, loading).images.flatMap(({ tags, config }) =>
    tags.map((tag) => ({ subject: `image:${tag}` as Subject, state: config })),
  );
}

/** The images as the tasks before would have left them. */
export function foreseeLoad(current: HostImages, loading: Loading, outlook: Outlook): HostImages | Unclear {
  const images = new Map(current.images);
  for (const { tags, config, layers } of chosenOf(current, loading).images)
    for (const tag of tags) {
      const then = outlook.of(`image:${tag}`);
      if (then === undefined) continue;
      if (then.state === null) images.delete(tag);
      else if (then.state === config) images.set(tag, { configs: [config], layers: [...layers] });
      else return new Unclear(then.by);
    }
  return { ...current, images };
}
