import { type Static, Type } from 'typebox';
import { SlipwayError } from '../../base/errors.ts';
import { defineQuery } from '../../module/contract.ts';
import { lines, type Program, sh } from '../../module/program.ts';
import { dockerCommand } from './engine/command.ts';
import { engineParams, socketOf } from './engine/params.ts';
import { filterFlags, filtersParam } from './filters.ts';
import { listing, type Section, SECTIONS, sectionsOf } from './info-sections.ts';
import { infoReturns } from './info-returns.ts';
import { ENGINE, NO_ENGINE, unanswered } from './engine/presence.ts';

const flag = (description: string, byDefault: boolean) =>
  Type.Optional(Type.Boolean({ default: byDefault, description }));

const params = Type.Object({
  containers: flag('List containers.', true),
  containers_all: flag('List those that do not run, too, as `docker ps -a` does.', true),
  containers_filters: filtersParam('Only some of them: `{status: exited, label: [team=web]}`.'),
  images: flag('List images, as `docker images` does.', true),
  images_filters: filtersParam('Only some of them: `{dangling: true}`.'),
  networks: flag('List networks.', false),
  networks_filters: filtersParam('Only some of them.'),
  volumes: flag('List volumes.', false),
  volumes_filters: filtersParam('Only some of them.'),
  disk_usage: flag('What takes how much room, as `docker system df` tells it. Takes its time.', false),
  verbose_output: flag('All that `docker inspect` tells of what is listed, in place of a few fields.', false),
  ...engineParams,
});

type Params = Static<typeof params>;

export const dockerInfo = defineQuery({
  name: 'docker_info',
  summary:
    'What a Docker Engine is and has: its version and settings, images, containers, networks, volumes.',
  description:
    'As `community.docker.docker_host_info`, and lists images and all containers where nothing is said. Times are of ISO ' +
    '8601, and sizes in bytes. Fails where there is no Engine, or none that answers this user.',
  params,
  returns: infoReturns,
  elsewhere: { timeout: 'Use the keyword `timeout` of the task.' },
  examples: [
    {
      title: 'containers that have failed',
      yaml: `
        - docker_info: {}
          become: true
          register: docker
        - debug: {msg: '{{ docker.host_info.ServerVersion }} has {{ docker.images.length }} images'}
        - assert: {that: ["docker.containers.all(c, c.State != 'restarting')"]}
      `,
      skip: 'needs a Docker Engine; test/e2e/docker-container.test.ts runs it',
    },
  ],

  probe: (p) => {
    const docker = dockerCommand(socketOf(p));
    const asked = SECTIONS.filter((name) => name === 'info' || isAsked(p, name));
    return lines(
      sh`if command -v docker >/dev/null; then`,
      ...asked.map((name) => lines(sh`echo ${`@@@ ${name}`}`, question(docker, name, p))),
      sh`else echo '@@@ none'; fi; :`,
    );
  },

  read: (output, p) => {
    if (output.truncated)
      throw new SlipwayError('task.failed', 'the Engine has too much to tell', {
        hint: 'Ask for less: `containers_filters`, `images_filters`, or without `verbose_output`.',
      });
    const sections = sectionsOf(output.stdout);
    const [info] = sections.get('info') ?? [];
    const problem = problemOf(info, output.stderr);
    if (problem !== undefined) {
      const { why, hint } = unanswered(problem, socketOf(p));
      throw new SlipwayError('task.failed', why, { hint, data: { ...output } });
    }
    const list = (name: Exclude<Section, 'info'>) =>
      isAsked(p, name) && { [name]: listing(name, sections.get(name) ?? [], p.verbose_output ?? false) };
    return {
      can_talk_to_docker: true,
      host_info: info,
      ...list('containers'),
      ...list('images'),
      ...list('networks'),
      ...list('volumes'),
      ...list('disk_usage'),
    } as Static<typeof infoReturns>;
  },
  reads: () => ['container:', 'image:', ...ENGINE],
});

/** Images and containers are listed where nothing is said. */
const isAsked = (p: Params, name: Exclude<Section, 'info'>): boolean =>
  p[name] ?? (name === 'containers' || name === 'images');

function question(docker: Program, name: Section, p: Params): Program {
  if (name === 'info') return sh`${docker} info --format '{{json .}}'`;
  if (name === 'disk_usage') return sh`${docker} system df --format '{{json .}}'`;
  const all = name === 'containers' && p.containers_all !== false ? ['-a'] : [];
  const narrowed = [...all, ...filterFlags(p[`${name}_filters`])];
  const kind = name.slice(0, -1);
  const short = name === 'containers' ? sh`--no-trunc --format ${CONTAINER}` : sh`--format '{{json .}}'`;
  // Images are told in bytes only by inspecting them.
  if (name !== 'images' && !p.verbose_output) return sh`${docker} ${kind} ${['ls', ...narrowed]} ${short}`;
  return sh`
    ids=$(${docker} ${kind} ls ${['-q', ...narrowed]})
    [ -z "$ids" ] || ${docker} ${kind} inspect --format '{{json .}}' $ids
  `;
}

/** Not all that it knows of a container: for its size it would have to look through its files. */
const CONTAINER = `{${['ID', 'Names', 'Image', 'Command', 'CreatedAt', 'State', 'Status', 'Ports', 'Networks']
  .map((name) => `"${name}":{{json .${name}}}`)
  .join(',')}}`;

function problemOf(info: unknown, stderr: string): string | undefined {
  if (info === undefined) return stderr.trim() || NO_ENGINE;
  const { ServerErrors } = info as { ServerErrors?: string[] | null };
  return ServerErrors?.join(' ');
}
