import path from 'node:path';
import { createMeter } from '../../base/meter.ts';
import { SlipwayError } from '../../base/errors.ts';
import type { Output } from '../../module/contract.ts';
import type { Host } from '../../module/host.ts';
import { lines, type Program, raw, sh } from '../../module/program.ts';
import { familiarName } from './image-names.ts';
import { packImages } from './image-pack.ts';
import type { LoadPlan, TarLoad } from './image-plan.ts';
import { type Layer, sha256 } from './image-content.ts';
import { clear, deliver, hex, openStage, type Stage } from './stage.ts';
import { gather } from './tree/gather.ts';
import { joinTree, type Tree } from './tree/join.ts';

/** Where and how images are loaded. */
export interface LoadSettings {
  /** containerd's. */
  readonly namespace: string;
  /** containerd: another platform than the host's own. */
  readonly platform: string | undefined;
  readonly pinned: boolean | undefined;
  /** `tree`: hosts pass layers on to each other. */
  readonly distribute: 'direct' | 'tree';
}

/** Milliseconds to come back to a host whose connection was lost midway. */
const RECONNECT = 300_000;
/** How often that is tried without anything having come through. */
const TRIES = 5;

/** Content that such a label of other content names is not cleared away. */
const HOLDS = 'containerd.io/gc.ref.content.slipway';

const PINNED = 'io.cri-containerd.pinned';

/** Sends and loads what a host lacks, one tar after the other. @throws {SlipwayError} task.failed, connect.* */
export async function loadImages(host: Host, plan: LoadPlan, settings: LoadSettings): Promise<void> {
  const count = plan.loads.length;
  let sent = 0;
  const meter = createMeter(plan.bytes);
  const tree = settings.distribute === 'tree' && count > 0 ? joinTree(host) : undefined;
  for (const [at, load] of plan.loads.entries()) {
    const what = `${path.basename(load.tar.path)}${count > 1 ? ` (${at + 1} of ${count})` : ''}`;
    host.progress(`sending ${what}`);
    const onBytes = (bytes: number) => {
      sent += bytes;
      const line = meter.at(sent);
      if (line) host.progress(`${what}: ${line.text}`, line.fraction);
    };
    const onFetched = (bytes: number) => {
      plan.fetched.bytes += bytes;
      onBytes(bytes);
    };
    await one(host, load, { ...settings, onBytes, onFetched, runtime: plan.runtime, what, tree });
  }
  if (plan.pins.length > 0) await host.run(pin(plan.pins, settings));
}

function pin(names: readonly string[], { namespace, pinned }: LoadSettings): Program {
  const label = `${PINNED}=${pinned ? 'pinned' : ''}`;
  return sh`for name in ${[...names]}; do ctr -n ${namespace} images label "$name" ${label} >/dev/null || exit; done`;
}

interface Doing extends LoadSettings {
  readonly runtime: LoadPlan['runtime'];
  readonly what: string;
  /** Gets the bytes that the controller sent, and those that other hosts did. */
  readonly onBytes: (bytes: number) => void;
  readonly onFetched: (bytes: number) => void;
  readonly tree: Tree | undefined;
}

async function one(host: Host, load: TarLoad, doing: Doing): Promise<void> {
  try {
    await attempt(host, load, doing);
  } catch (error) {
    // A layer that was there is gone since it was looked for: send all.
    const gone = error instanceof SlipwayError && /not found|no such file/i.test(error.message);
    if (!gone || load.there.length === 0) throw error;
    const layers = [...load.layers, ...load.there];
    await attempt(host, { ...load, layers, there: [], pack: packImages(load.images, layers) }, doing);
  }
}

async function attempt(host: Host, load: TarLoad, doing: Doing): Promise<void> {
  const { pack, layers } = load;
  const frame = sha256(pack.frame).slice(7);
  const big = layers.filter((layer) => layer.bytes === undefined);
  const names = [frame, ...big.map(hex)];
  try {
    const stage = await staged(host, load, frame, big, doing);
    host.progress(`loading ${doing.what}`);
    const program = assemble(stage.folder, frame, load, doing);
    const output = await host.run(program, { detached: true, anyExit: true });
    const why = complaint(output);
    if (why !== undefined) {
      await host.run(unload(load, doing), { anyExit: true });
      throw refused(doing, load, why, output);
    }
  } catch (error) {
    // A full disk is not left full; after all else the next run goes on from here, with a frame of its own.
    const full = error instanceof SlipwayError && /no space left/i.test(error.message);
    await host.run(clear(full ? names : [frame])).catch(() => {});
    throw error;
  }
  // In a tree others may need them still.
  if (doing.tree) doing.tree.keep(names);
  else await host.run(clear(names));
}

/** Sends what is not staged yet; where the connection is lost, over the next one. */
async function staged(
  host: Host,
  { tar, pack }: TarLoad,
  frame: string,
  blobs: readonly Layer[],
  { onBytes, onFetched, tree, what }: Doing,
): Promise<Stage> {
  let idle = 0;
  for (;;) {
    let came = 0;
    const count = (also: (bytes: number) => void) => (bytes: number) => {
      came += bytes;
      also(bytes);
    };
    try {
      const stage = await openStage(host, frame, pack.frame);
      count(onBytes)(pack.frame.length);
      const delivery = { host, path: tar.path, entries: tar.entries, blobs, stage, onBytes: count(onBytes) };
      const say = (text: string) => host.progress(`${what}: ${text}`);
      const coming = tree
        ? gather(delivery, { ...tree.at(stage.folder), say, onFetched: count(onFetched) })
        : deliver(delivery);
      if (await coming) return stage;
    } catch (error) {
      if (!(error instanceof SlipwayError) || error.code !== 'connect.lost') throw error;
      host.progress('the connection was lost, reconnecting');
      await host.reconnect({ timeout: RECONNECT });
    }
    idle = came > pack.frame.length ? 0 : idle + 1;
    if (idle >= TRIES)
      throw new SlipwayError('task.failed', `${path.basename(tar.path)} does not come through`, {
        hint: 'Is another run sending the same image to this host?',
      });
  }
}

/** The frame and the layers as one tar, into the engine. */
function assemble(folder: string, frame: string, load: TarLoad, doing: Doing): Program {
  const { pack } = load;
  let at = 0;
  const pieces = pack.parts.map((part) => {
    if (typeof part !== 'number') return `cat ${hex(part)}`;
    at += part;
    return `tail -c +${at - part + 1} ${frame} | head -c ${part}`;
  });
  const { runtime, namespace, platform } = doing;
  const choice = platform === undefined ? undefined : ['--platform', platform];
  const loader = runtime === 'docker' ? sh`docker load` : sh`ctr -n ${namespace} images import ${choice} -`;
  const held =
    runtime === 'docker'
      ? []
      : heldIndexes(load).map((words) => sh`ctr -n ${namespace} content label ${words} >/dev/null`);
  return lines(
    sh`cd ${folder} || exit`,
    ...held.map((hold) => sh`${hold} 2>&1`),
    sh`{ ${raw(pieces.join('; '))}; } | ${loader}`,
    held.length > 0 && sh`code=$?`,
    ...held,
    held.length > 0 && sh`exit $code`,
  );
}

/**
 * An index refers to the one platform that was imported last, and containerd clears away the others: so each gets a label
 * of its own, before for what is there already, and after.
 */
function heldIndexes({ images }: TarLoad): string[][] {
  const held = new Map<string, string[]>();
  for (const { image } of images) {
    const { digest } = image.target;
    const index = image.small.find((blob) => blob.digest === digest);
    const { manifests = [] } = JSON.parse(index?.bytes.toString('utf8') ?? '{}') as {
      manifests?: readonly { readonly digest: string }[];
    };
    const labels = manifests.map((one) => `${HOLDS}.${one.digest.slice(7, 19)}=${one.digest}`);
    if (labels.length > 0) held.set(digest, [digest, ...labels]);
  }
  return [...held.values()];
}

/** Docker answers a broken tar with a message and, through some clients, with success. */
function complaint(output: Output): string | undefined {
  const said = `${output.stderr}\n${output.stdout}`;
  // What containerd's client logs on the way says the same in more words.
  const line =
    /^(?:ctr: |error|invalid tar|open |write ).*/im.exec(said)?.[0] ??
    /^.*(?:unexpected EOF|no space left).*/im.exec(said)?.[0];
  if (output.code === 0 && line === undefined) return undefined;
  const last = output.stderr.trim().split('\n').at(-1);
  return line?.trim() ?? (last || `exit code ${output.code}`);
}

/**
 * containerd names an image before it unpacks it, Docker's containerd store as well: one that failed must not look as if it
 * were there. What the names stood for before stays. The kubelet's interface has named it by its id, too; with no other name
 * that only holds its room.
 */
function unload({ images }: TarLoad, { runtime, namespace }: Doing): Program {
  const all = images.flatMap(({ image, tags }) => tags.map((tag) => [tag, image.target.digest] as const));
  if (runtime === 'docker')
    return lines(
      ...all.map(
        ([tag, digest]) =>
          sh`[ "$(docker image inspect --format '{{.Id}}' ${familiarName(tag)} 2>/dev/null)" != ${digest} ] || docker image rm ${familiarName(tag)}`,
      ),
    );
  const named = all.map((pair) => pair.join('='));
  const ids = images.map(({ image }) => image.config);
  return sh`
    ctr -n ${namespace} images ls | while read -r name type digest rest; do
      case ${` ${named.join(' ')} `} in *" $name=$digest "*) ctr -n ${namespace} images rm --sync "$name" </dev/null ;; esac
    done
    left=$(ctr -n ${namespace} images ls) kept=
    while read -r name type digest rest; do
      case $name in sha256:*) ;; *) kept="$kept $digest " ;; esac
    done <<.
    $left
    .
    while read -r name type digest rest; do
      case ${` ${ids.join(' ')} `} in *" $name "*) ;; *) continue ;; esac
      case $kept in *" $digest "*) ;; *) ctr -n ${namespace} images rm --sync "$name" </dev/null ;; esac
    done <<.
    $left
    .
  `;
}

const AWAY =
  /error during connect|cannot connect|transport is closing|connection (?:refused|reset)|failed to dial|send write: EOF|reading from server: EOF/i;

function refused({ runtime }: Doing, { tar }: TarLoad, why: string, output: Output): SlipwayError {
  if (AWAY.test(why))
    return new SlipwayError('task.failed', `${runtime} went away midway: ${why}`, {
      hint: `See \`journalctl -u ${runtime}\` there; then run again: what came is kept.`,
      data: { ...output },
    });
  return new SlipwayError('task.failed', `${runtime} did not take ${path.basename(tar.path)}: ${why}`, {
    hint: 'Check the tar, and the free space of the host.',
    data: { ...output },
  });
}
