import { SlipwayError } from '../../../base/errors.ts';
import type { Host } from '../../../module/host.ts';
import { type Program, sh } from '../../../module/program.ts';
import type { Layer } from '../image-content.ts';
import { deliver, type Delivery, hex, put } from '../stage.ts';
import type { Door, Holder, Pick, Swarm } from './swarm.ts';

/** What a host brings along when it takes part. */
export interface Part {
  readonly swarm: Swarm;
  readonly holder: Holder;
  /** Hosts that it could not fetch from. */
  readonly avoid: Set<string>;
  readonly say: (text: string) => void;
  /** Gets the bytes that came from others. */
  readonly onFetched: (bytes: number) => void;
}

/** The name under which the key of a holder's SSH server is pinned. */
const ALIAS = 'slipway-holder';

/** As long as that a silent host is waited for; then another is asked. */
const OPTIONS = [
  ['BatchMode', 'yes'],
  ['StrictHostKeyChecking', 'yes'],
  ['GlobalKnownHostsFile', '/dev/null'],
  ['HostKeyAlias', ALIAS],
  ['IdentityFile', '/dev/null'],
  ['PreferredAuthentications', 'publickey'],
  ['ControlPath', 'none'],
  ['Compression', 'no'],
  ['ConnectTimeout', '5'],
  ['ServerAliveInterval', '5'],
  ['ServerAliveCountMax', '2'],
].flatMap(([name, value]) => ['-o', `${name}=${value}`]);

/**
 * Fetches a layer from another host. The private key comes over stdin into an agent that lives as long as this one ssh:
 * it is on no disk. Writes to stdout; run where `$f` is the file.
 */
export function fetch(door: Door, layer: Layer, from: number): Program {
  const { address, port, user, hostKeys } = door;
  const words = ['-n', '-T', '-F', '/dev/null', '-p', String(port), ...OPTIONS];
  // Without -k the agent would stay for ten seconds more.
  const inner = `ssh-add -q - 2>/dev/null || exit; ssh "$@" & echo $! >"$f.pid"; wait $!; c=$?; ssh-agent -k >/dev/null; exit $c`;
  return sh`
    printf '%s\n' ${hostKeys.map((key) => `${ALIAS} ${key}`)} >"$f.known"
    export f
    ssh-agent sh -c ${inner} ssh ${words} -o UserKnownHostsFile="$f.known" ${`${user}@${address}`} ${`${hex(layer)} ${from + 1}`} >>"$f.part"
    fetched=$?
    rm -f "$f.known"
    [ $fetched -eq 0 ]
  `;
}

/**
 * Gets layers onto the stage of a host from the others, and from the controller what nobody else has.
 *
 * @returns false where one did not come: then the stage is to be looked at again
 */
export async function gather(delivery: Delivery, part: Part): Promise<boolean> {
  const { host, blobs, stage } = delivery;
  const left = new Map(blobs.map((blob) => [blob.digest, blob]));
  const have = (layer: Layer) => {
    left.delete(layer.digest);
    part.swarm.offer(part.holder, layer);
  };
  for (const blob of blobs) if (stage.whole.has(hex(blob))) have(blob);
  while (left.size > 0) {
    const pick = await turn(host, part, [...left.values()]);
    let ok = false;
    try {
      ok = pick.from
        ? await fetched(delivery, part, pick, pick.from)
        : await deliver({ ...delivery, blobs: [pick.layer] });
    } finally {
      part.swarm.done(pick, ok);
    }
    if (!ok) return false;
    have(pick.layer);
  }
  return true;
}

async function turn(host: Host, { swarm, avoid, say }: Part, wanted: readonly Layer[]): Promise<Pick> {
  for (;;) {
    const pick = swarm.next(wanted, avoid);
    if (pick) return pick;
    say('waiting for another host');
    await host.until(swarm.change());
  }
}

async function fetched(delivery: Delivery, part: Part, { layer }: Pick, from: Holder): Promise<boolean> {
  const { swarm, avoid, say, onFetched } = part;
  let door: Door;
  try {
    door = await from.open(layer);
  } catch (error) {
    if (error instanceof SlipwayError && error.code === 'task.cancelled') throw error;
    avoid.add(from.name);
    return false;
  }
  const at = delivery.stage.parts.get(hex(layer)) ?? 0;
  say(`from ${from.name}`);
  const key = Buffer.from((await swarm.key).privateKey);
  const came = await put(delivery, layer, at, { bytes: key }, fetch(door, layer, at));
  if (came) onFetched(layer.size - at);
  else avoid.add(from.name);
  return came;
}
