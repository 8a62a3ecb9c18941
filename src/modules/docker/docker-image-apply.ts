import type Docker from 'dockerode';
import type { Host } from '../../module/host.ts';
import { sh } from '../../module/program.ts';
import { contextTar } from './build-context.ts';
import { BUILD_LABEL, type Step, type Todo } from './docker-image-compare.ts';
import { load } from './docker-image-load.ts';
import type { Ready } from './docker-image-state.ts';
import { withEngine } from './engine/client.ts';
import { dockerCommand } from './engine/command.ts';
import { follow } from './engine/follow.ts';
import { metered } from './engine/upload.ts';

type Doing = (docker: Docker, ready: Ready, host: Host, todo: Todo) => Promise<unknown>;

export function carryOut(todo: Todo, ready: Ready): (host: Host) => Promise<void> {
  return (host) =>
    withEngine(host, ready, async (docker) => {
      for (const step of todo.steps) await STEPS[step](docker, ready, host, todo);
    });
}

const STEPS: Readonly<Record<Step, Doing>> = {
  load: (_, { loading, socket }, host, { load: plan }) => load(host, plan!, loading!, socket),

  build: async (docker, ready, host) => {
    const { context } = ready.build!;
    const doing = `building ${ready.name}`;
    const body = metered(await contextTar(context, ready.open), context.size, host, doing);
    try {
      await follow(await docker.buildImage(body, buildOptions(ready) as object), { host, doing });
    } finally {
      body.destroy();
    }
  },

  pull: async (docker, { name, platform, account }, host) => {
    const options = { authconfig: account ?? {}, ...(platform !== undefined && { platform }) };
    await follow(await docker.pull(name!, options), { host, doing: `pulling ${name}` });
  },

  tag: async (docker, { name, repository }) => {
    await docker.getImage(name!).tag(splitTag(repository!));
  },

  // By the command on the host: through the Engine's API every byte would come here and go back.
  save: async (_, { name, archive, socket }, host) => {
    host.progress(`saving ${name}`);
    const beside = `${archive}.slipway-part`;
    const program = sh`
      if ${dockerCommand(socket)} image save ${name} >${beside}; then mv -f ${beside} ${archive}
      else code=$?; rm -f ${beside}; exit $code; fi
    `;
    await host.run(program, { detached: true });
  },

  push: async (docker, { name, repository, account }, host) => {
    const target = repository ?? name!;
    const image = docker.getImage(target);
    await follow(await image.push({ authconfig: account ?? {} }), { host, doing: `pushing ${target}` });
  },

  remove: async (docker, { name, force }) => {
    await docker.getImage(name!).remove({ force });
  },
};

function splitTag(name: string): { repo: string; tag: string } {
  const at = name.lastIndexOf(':');
  return { repo: name.slice(0, at), tag: name.slice(at + 1) };
}

function buildOptions({ name, build }: Ready): Record<string, unknown> {
  const { params, label } = build!;
  const given: Record<string, unknown> = {
    t: name,
    dockerfile: params.dockerfile,
    buildargs: params.args,
    labels: { ...params.labels, [BUILD_LABEL]: label },
    target: params.target,
    networkmode: params.network,
    platform: params.platform,
    extrahosts:
      params.etc_hosts && Object.entries(params.etc_hosts).map(([one, address]) => `${one}:${address}`),
    cachefrom: params.cache_from && JSON.stringify(params.cache_from),
    pull: params.pull === true ? true : undefined,
    nocache: params.nocache === true ? true : undefined,
    rm: params.rm !== false,
    forcerm: true,
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}
