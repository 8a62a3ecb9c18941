import { type Program, lines, sh } from '../../../module/program.ts';
import type { Output } from '../../../transport/types.ts';
import { authOf } from '../engine/account.ts';
import { dockerCommand } from '../engine/command.ts';
import { socketOf } from '../engine/params.ts';
import { NO_ENGINE } from '../engine/presence.ts';
import type { Gained } from '../image-expected.ts';
import { familiarName } from '../image-names.ts';
import { askRegistry, readRegistry, type RegistryImage } from '../registry-probe.ts';
import type { Container, Image } from './inspected.ts';
import type { ContainerParams } from './params.ts';
import type { Ready } from './ready.ts';

export interface Current {
  /** What the Engine, or whoever looked for it, said when it could not be asked. */
  readonly problem: string | undefined;
  readonly container: Container | undefined;
  /** What the wanted name stands for on the host now. */
  readonly image: Image | undefined;
  readonly log: string | undefined;
  /** What the registry has under the name, where it was asked. */
  readonly registry: RegistryImage | undefined;
  /** A dry run: of the image that will be there nothing is known. */
  readonly coming?: true;
  /** In a dry run, the layers that the tasks before bring. */
  readonly gained?: Gained | undefined;
}

/** Whether its image is to be the one that the registry has now; an id is what it is. */
export const asksRegistry = (p: ContainerParams): boolean =>
  (p.pull === 'always' || p.pull === true) && p.image !== undefined && !isId(p.image) && p.state !== 'absent';

export const isId = (image: string): boolean => /^(sha256:)?[0-9a-f]{64}$/.test(image);

/** Lines of a log that are kept. */
const LOG_LINES = 200;

export function probeContainer({ p, account }: Ready): Program {
  const socket = socketOf(p);
  const docker = dockerCommand(socket);
  const absent = p.state === 'absent';
  const image = absent ? undefined : p.image;
  return lines(
    sh`if command -v docker >/dev/null; then`,
    sh`echo container; ${docker} container inspect --format '{{json .}}' ${p.name} 2>&1`,
    image === undefined
      ? undefined
      : sh`echo image; ${docker} image inspect --format '{{json .}}' ${image} 2>/dev/null`,
    asksRegistry(p) && askRegistry(socket, familiarName(p.image!), authOf(account)),
    p.output_logs && !absent && sh`echo log; ${docker} logs --tail ${LOG_LINES} ${p.name} 2>&1`,
    sh`else echo container; echo ${NO_ENGINE}; fi; :`,
  );
}

export function readContainer({ stdout }: Output, { p }: Ready): Current {
  // A log may hold anything, and is the last.
  const [head, log] = cut(stdout.replace(/^container\n/, ''), 'log');
  const [asked, more = ''] = cut(head, 'image');
  const [image = '', registry] = more.split(/^(?=registry )/m);
  const json = /^\{.*\}$/m.exec(asked)?.[0];
  const container = json === undefined ? undefined : (JSON.parse(json) as Container);
  const missing = container !== undefined || /no such container/i.test(asked);
  // The Engine takes the beginning of an id for a name, too.
  const named = container?.Name === `/${p.name}`;
  return {
    problem: missing ? undefined : asked.trim() || 'it said nothing',
    container: named ? container : undefined,
    image: image.startsWith('{') ? (JSON.parse(image) as Image) : undefined,
    registry: registry === undefined ? undefined : readRegistry(registry.trim().slice(9)),
    log: named && p.output_logs ? log : undefined,
  };
}

/** What is before a line, and after it. */
function cut(text: string, line: string): [string, string?] {
  const at = new RegExp(`^${line}$`, 'm').exec(text)?.index;
  return at === undefined ? [text] : [text.slice(0, at), text.slice(at + line.length + 1)];
}
