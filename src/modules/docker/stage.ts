import { SlipwayError } from '../../base/errors.ts';
import type { Content, Host } from '../../module/host.ts';
import { type Program, sh } from '../../module/program.ts';
import type { Layer } from './image-content.ts';
import type { TarEntries } from './tar-entries.ts';

/**
 * Where what is sent is kept until the engine has it: a file for each blob, named by its digest, `.part` while it is not
 * whole. A reboot leaves it, so that what was cut off goes on from there. Sets `d`.
 */
export const STAGE = sh`d=/var/tmp/slipway-images-$(id -u)`;

/** The same, made where it is not there; it must be the user's own. What nobody came back for is old by then. */
const OPEN = sh`
  ${STAGE}
  umask 077
  mkdir -p "$d" && [ -O "$d" ] && [ ! -L "$d" ] || { echo "$d belongs to somebody else" >&2; exit 1; }
  find "$d" -type f -mtime +7 -exec rm -f {} +
`;

/** What passes between programs is for nobody to see. */
export const QUIET = { onOutput: () => {}, onSent: () => {} };

/** Exit codes of `receive`. */
const ENDS = { moved: 76, short: 77, different: 78, source: 79 } as const;

/** A folder of the host with parts of what it is to load. */
export interface Stage {
  readonly folder: string;
  /** Digests, in hex, of what is there as a whole. */
  readonly whole: ReadonlySet<string>;
  /** Bytes of what is not, by the digest's hex. */
  readonly parts: ReadonlyMap<string, number>;
}

export const hex = ({ digest }: { readonly digest: string }): string => digest.slice(7);

/** What a line of `wc -c` says of a file on the stage; undefined where it is about something else. */
export function readStaged(line: string) {
  const [, size, file, part] = /^\s*(\d+) \/.*\/([0-9a-f]{64})(\.part)?$/.exec(line) ?? [];
  return file === undefined ? undefined : { hex: file, size: Number(size), part: part !== undefined };
}

/** Opens the stage, and puts a small file into it. */
export async function openStage(host: Host, name: string, bytes: Buffer): Promise<Stage> {
  const output = await host.send(
    { bytes },
    sh`
    ${OPEN}
    cat >"$d"/${name} || exit
    echo "$d"
    wc -c "$d"/*
  `,
    QUIET,
  );
  const [folder = '', ...rest] = output.stdout.split('\n');
  const whole = new Set<string>();
  const parts = new Map<string, number>();
  for (const line of rest) {
    const found = readStaged(line);
    if (found?.part) parts.set(found.hex, found.size);
    else if (found) whole.add(found.hex);
  }
  return { folder, whole, parts };
}

/** What is sent, to the end of the file. */
const STDIN = sh`sh -c 'echo $$ >"$0.pid"; exec cat >>"$0.part"' "$f" || { rm -f "$f.pid"; exit 1; }`;

/**
 * Takes the rest of a blob, from its stdin or from where `source` gets it. An earlier writer whose connection was lost
 * may not have noticed yet: it is ended, if the file that it writes is still this one.
 */
export function receive(folder: string, blob: Layer, from: number, source?: Program): Program {
  const fetching =
    source &&
    sh`
      ( ${source}
      ) || { rm -f "$f.pid"; exit ${ENDS.source}; }
    `;
  return sh`
    f=${`${folder}/${hex(blob)}`}
    p=$(cat "$f.pid" 2>/dev/null) && [ "$(readlink "/proc/$p/fd/1")" = "$f.part" ] && kill "$p"
    ${from === 0 ? sh`rm -f "$f.part"` : undefined}
    umask 077
    : >>"$f.part"
    [ $(wc -c <"$f.part") -eq ${from} ] || exit ${ENDS.moved}
    ${fetching ?? STDIN}
    rm -f "$f.pid"
    [ $(wc -c <"$f.part") -eq ${blob.size} ] || exit ${ENDS.short}
    case $(sha256sum <"$f.part") in
      ${hex(blob)}*) mv "$f.part" "$f" ;;
      *) rm -f "$f.part"; exit ${ENDS.different} ;;
    esac
  `;
}

/** Removes what was staged for a load; the folder, too, where nothing else is in it. */
export function clear(names: readonly string[]): Program {
  const files = names.flatMap((name) => ['', '.part', '.pid', '.known'].map((end) => `${name}${end}`));
  return sh`
    ${STAGE}
    cd "$d" 2>/dev/null || exit 0
    rm -f ${files}
    cd / && rmdir "$d" 2>/dev/null
    :
  `;
}

export interface Delivery {
  readonly host: Host;
  /** Where they come from, for messages. */
  readonly path: string;
  readonly entries: TarEntries;
  readonly blobs: readonly Layer[];
  readonly stage: Stage;
  /** Gets the bytes that were sent, piece by piece. */
  readonly onBytes: (bytes: number) => void;
}

/**
 * Sends blobs to the stage, each from where it stopped.
 *
 * @returns false where a file is not as it was thought to be: then the stage is to be looked at again
 * @throws {SlipwayError} connect.lost; task.failed where the tar is damaged or the disk is full
 */
export async function deliver(delivery: Delivery): Promise<boolean> {
  const { entries, blobs, stage } = delivery;
  const left = new Map(blobs.filter((blob) => !stage.whole.has(hex(blob))).map((blob) => [blob.entry, blob]));
  const from = (blob: Layer) => stage.parts.get(hex(blob)) ?? 0;
  const wanted = new Map([...left].map(([entry, blob]) => [entry, from(blob)]));
  for await (const { name, stream } of entries.streams(wanted)) {
    const blob = left.get(name)!;
    const content = { stream, size: blob.size - from(blob) };
    if (!(await put(delivery, blob, from(blob), content))) return false;
  }
  return true;
}

/**
 * Puts one blob onto the stage: what is sent, or what `source` gets with it.
 *
 * @returns false where it did not come, or is not as it should be; nothing of it is lost then that was right
 */
export async function put(
  { host, path, stage, onBytes }: Delivery,
  blob: Layer,
  from: number,
  content: Content,
  source?: Program,
): Promise<boolean> {
  let seen = 0;
  const onSent = (sent: number) => {
    onBytes(sent - seen);
    seen = sent;
  };
  const options = { ...QUIET, anyExit: true, ...(source ? {} : { onSent }) };
  const output = await host.send(content, receive(stage.folder, blob, from, source), options);
  const { code, stderr } = output;
  if (code === 0) return true;
  if (source || code === ENDS.moved || code === ENDS.short || (code === ENDS.different && from > 0))
    return false;
  if (code === ENDS.different)
    throw new SlipwayError('task.failed', `${path} is damaged: the layer ${blob.digest} is another`, {
      hint: 'Make the tar anew.',
    });
  throw new SlipwayError(
    'task.failed',
    `${stage.folder} does not take a layer: ${stderr.trim() || `exit code ${code}`}`,
    {
      hint: 'Is there space left in /var/tmp of the host?',
      data: { ...output },
    },
  );
}
