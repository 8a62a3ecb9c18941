import { SlipwayError } from '../../base/errors.ts';
import type { Host } from '../../module/host.ts';
import { lines, type Program, sh } from '../../module/program.ts';
import { putContent } from '../files/put-content.ts';
import { lockWait } from './apply.ts';
import { aptFailure } from './failure.ts';
import { dearmor, readKeys } from './openpgp.ts';
import { DEAD } from './source.ts';
import { keyFault, type SourceChange } from './source-compare.ts';
import type { Ready } from './source-probe.ts';

/** Key first, so that the source never stands there without it; the lists last, and all back if they cannot be had. */
export function applySource(change: SourceChange, ready: Ready): (host: Host) => Promise<void> {
  return async (host) => {
    const { state, text } = change;
    const key = change.key === 'fetch' ? await fetchKey(host, ready, state.now) : ready.key;
    if (text === undefined) {
      await host.run(sh`rm -f ${[state.path, ...(change.key === 'remove' ? [state.keyringPath] : [])]}`);
      return;
    }
    if (change.key !== 'keep') await put(host, state.keyringPath, key!, '0644', change, 'keyring');
    if (change.dead.length > 0) await host.run(removeDead(change.dead));
    if (change.writeFile)
      await put(host, state.path, Buffer.from(text), ready.p.mode ?? '0644', change, 'file');
    if (ready.p.update_cache !== false && ready.p.enabled !== false) await fetchLists(host, change, ready);
  };
}

async function put(
  host: Host,
  path: string,
  bytes: Uint8Array,
  mode: string,
  change: SourceChange,
  which: 'file' | 'keyring',
): Promise<void> {
  const folder = path.slice(0, path.lastIndexOf('/'));
  const current = change.state[which];
  const step = putContent({ path, content: { bytes }, current, attributes: { mode } });
  if (!current.parent) await host.run(sh`mkdir -p -m 0755 ${folder}`);
  await (typeof step === 'function' ? step(host) : host.run(step));
}

async function fetchKey(host: Host, { p }: Ready, now: number): Promise<Uint8Array> {
  const url = p.key_url!;
  const output = await host.run(
    sh`
      t=$(mktemp); trap 'rm -f "$t"' 0
      if command -v curl >/dev/null; then curl -fsSL --retry 3 --max-time 120 -o "$t" -- ${url}
      elif command -v wget >/dev/null; then wget -q -T 120 -O "$t" -- ${url}
      else echo 'neither curl nor wget is there to fetch it' >&2; exit 127; fi || exit $?
      base64 < "$t"
    `,
    { anyExit: true },
  );
  if (output.code !== 0)
    throw new SlipwayError(
      'task.failed',
      `the key could not be fetched from ${url}: ${output.stderr.trim()}`,
      {
        hint: "Look at the URL and at the host's network, or give the key by `key_src`.",
        data: { ...output },
      },
    );
  const key = dearmor(Buffer.from(output.stdout, 'base64'));
  const wrong = key
    ? keyFault(readKeys(key), p.fingerprint, now)
    : {
        why: `what ${url} gives is no public key`,
        hint: 'Look at it with a browser; it may be an error page.',
      };
  if (wrong) throw new SlipwayError('task.failed', wrong.why, { hint: wrong.hint, data: { url } });
  return key!;
}

async function fetchLists(host: Host, change: SourceChange, ready: Ready): Promise<void> {
  const { path, keyringPath, file, keyring } = change.state;
  const parts = path.replace(/^\/etc\/apt\//, '');
  host.progress('fetching the lists of the repository');
  const output = await host.run(
    lines(
      sh`set -e`,
      lockWait(ready.p.lock_timeout ?? 60),
      sh`apt update -o Dir::Etc::sourcelist=${parts} -o Dir::Etc::sourceparts=- -o APT::Get::List-Cleanup=0`,
    ),
    { anyExit: true },
  );
  if (output.code === 0) return;
  if (change.writeFile) await back(host, path, file.bytes, ready.p.mode ?? '0644');
  if (change.key !== 'keep') await back(host, keyringPath, keyring.bytes, '0644');
  throw await aptFailure(output, host);
}

/** As it was before, so that the next run finds the same difference. */
async function back(host: Host, path: string, bytes: Uint8Array | undefined, mode: string): Promise<void> {
  if (!bytes) await host.run(sh`rm -f ${path}`);
  else await host.send({ bytes }, sh`cat > ${path} && chmod ${mode} ${path}`);
}

/** Lines go from lists; a file in which nothing is left, and a .sources file, goes as a whole. */
function removeDead(paths: readonly string[]): Program {
  return lines(
    ...paths.map((path) =>
      path.endsWith('.sources')
        ? sh`rm -f ${path}`
        : sh`
            sed -i -E ${`\\#^[^\\#]*(${DEAD})#d`} ${path}
            if ! grep -qE '^[^#]*deb' ${path} && [ ${path} != /etc/apt/sources.list ]; then rm -f ${path}; fi
          `,
    ),
  );
}
