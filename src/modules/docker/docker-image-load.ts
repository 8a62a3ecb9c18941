import type { Host } from '../../module/host.ts';
import { lines, type Program, sh } from '../../module/program.ts';
import { SOCKET } from './engine/client.ts';
import { questionOf, type Ready as Loading } from './image-compare.ts';
import { loadImages } from './image-load.ts';
import type { LoadPlan } from './image-plan.ts';
import { askMachine, probeEngine } from './image-probe.ts';
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
  at(socket, probeEngine(questionOf(loading)));

/** To be known where there is no Engine yet, too. */
export const probeMachine = (loading: Loading): Program | false => askMachine(questionOf(loading));

export function load(host: Host, plan: LoadPlan, loading: Loading, socket: string): Promise<void> {
  const there: Host =
    socket === SOCKET ? host : { ...host, run: (program, options) => host.run(at(socket, program), options) };
  return loadImages(there, plan, loading);
}
