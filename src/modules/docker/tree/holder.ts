import { randomBytes } from 'node:crypto';
import { SlipwayError } from '../../../base/errors.ts';
import type { Host } from '../../../module/host.ts';
import { type Program, sh } from '../../../module/program.ts';
import type { Layer } from '../image-content.ts';
import { hex, QUIET } from '../stage.ts';
import type { Door, Holder } from './swarm.ts';

/** A host that serves what is on its stage, and how it stops. */
export interface Serving extends Holder {
  /** Takes back what was granted. */
  readonly close: (host: Host) => Promise<void>;
}

const NOTHING = { bytes: Buffer.alloc(0) };

/**
 * What a key may do: read one file of the stage from an offset on (`HEX OFFSET`), and nothing else. Where the run
 * cannot take it back any more it runs out by itself, by the host's own clock.
 */
function grant(folder: string, key: string, mark: string): Program {
  const only = `cd ${folder} && set -- $SSH_ORIGINAL_COMMAND && case $1$2 in *[!0-9a-f]*) exit 1;; esac && exec tail -c +$2 $1`;
  return sh`
    umask 077
    k=$HOME/.ssh/authorized_keys
    mkdir -p "$HOME/.ssh"
    [ ! -s "$k" ] || [ -z "$(tail -c 1 "$k")" ] || echo >>"$k"
    end=$(date -d "@$(($(date +%s) + 14400))" +%Y%m%d%H%M 2>/dev/null) && end=",expiry-time=\"$end\""
    printf 'restrict%s,%s\n' "$end" ${`command="sh -c '${only}'" ${key} ${mark}`} >>"$k" || exit
    echo "$SSH_CONNECTION"
    id -u
    id -un
    cat /etc/ssh/ssh_host_*_key.pub
  `;
}

/** What else stands in the file stays, also where others take their lines out at the same time or the disk is full. */
export function revoke(mark: string): Program {
  return sh`
    umask 077
    k=$HOME/.ssh/authorized_keys
    [ ! -L "$k" ] || k=$(readlink -f "$k")
    [ -e "$k" ] || exit 0
    t=$(mktemp "$k.XXXXXX") || exit
    trap 'rm -f "$t"' 0; trap 'exit 1' 1 2 15
    cp -p "$k" "$t" || exit
    grep -v ${` ${mark}$`} "$k" >"$t"
    [ $? -le 1 ] || exit 2
    if [ -s "$t" ]; then mv -f "$t" "$k"; else rm -f "$k"; rmdir "$HOME/.ssh" 2>/dev/null || :; fi
  `;
}

/** The files are the task's user's (root, often); who logs in has to read them, and nobody else. */
const share = (folder: string, user: string, layer: Layer): Program =>
  sh`chmod 711 ${folder} && chown ${user} ${`${folder}/${hex(layer)}`}`;

export function readDoor(host: string, text: string): Door & { readonly uid: string } {
  const [connection = '', uid = '', user = '', ...keys] = text.split('\n');
  const [, , address = '', port = ''] = connection.split(' ');
  const hostKeys = keys.flatMap((line) => /^((?:ssh|ecdsa|sk)-\S+ [A-Za-z0-9+/=]+)/.exec(line)?.[1] ?? []);
  if (address === '' || user === '' || hostKeys.length === 0)
    throw new SlipwayError('task.failed', `${host} does not tell how others reach it`);
  return { address, port: Number(port), user, uid, hostKeys };
}

/** @param key gives the public key that others come with */
export function serving(host: Host, folder: string, key: () => Promise<string>): Serving {
  const mark = `slipway-images-${randomBytes(8).toString('hex')}`;
  let granted: Promise<Door & { readonly uid: string }> | undefined;
  const shared = new Map<string, Promise<unknown>>();
  // Over channels of their own: what this host is doing for itself is not waited for.
  const letIn = async () => {
    const { stdout } = await host.login().send(NOTHING, grant(folder, await key(), mark), QUIET);
    return readDoor(host.name, stdout);
  };
  return {
    name: host.name,
    async open(layer) {
      granted ??= letIn();
      const door = await granted;
      if (!shared.has(layer.digest))
        shared.set(layer.digest, host.send(NOTHING, share(folder, door.uid, layer), QUIET));
      await shared.get(layer.digest);
      return door;
    },
    async close(again) {
      if (granted === undefined) return;
      await granted.catch(() => {});
      await again.login().send(NOTHING, revoke(mark), { ...QUIET, timeout: 20_000 });
    },
  };
}
