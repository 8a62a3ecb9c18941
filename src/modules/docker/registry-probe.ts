import { type Program, sh } from '../../module/program.ts';
import { dockerCommand } from './engine/command.ts';

/** What a registry has under a name. */
export interface RegistryImage {
  /** HTTP status of the Engine, which asked it. */
  readonly status: number;
  /** Of the manifest; undefined where there is none. */
  readonly digest: string | undefined;
  /** What was said instead. */
  readonly message: string | undefined;
}

/**
 * Read-only sh that has the Engine ask a registry, so that its trust, its mirrors and its network count. Prints
 * `registry ANSWER`, for `readRegistry`.
 *
 * The Engine gives up a question whose asker closes his side, so an empty line follows now and then until it has
 * answered and closed the pipe.
 *
 * @param auth goes into a header, and so over the pipe alone
 */
export function askRegistry(socket: string, name: string, auth: string): Program {
  const request = `GET /distribution/${name}/json HTTP/1.0\\r\\nHost: docker\\r\\nX-Registry-Auth: ${auth}\\r\\n\\r\\n`;
  return sh`
    printf 'registry '
    { printf %b ${request}; i=0
    while [ $i -lt 200 ] && { sleep 0.1 || sleep 1; } && printf '\r\n'; do i=$((i+1)); done; } 2>/dev/null |
      ${dockerCommand(socket)} system dial-stdio 2>&1 | tr -d '\r\n'
    echo
  `;
}

export function readRegistry(line: string): RegistryImage {
  const status = Number(/^HTTP\/1\.\d (\d{3})/.exec(line)?.[1] ?? 0);
  const body = /\{.*\}/.exec(line)?.[0] ?? '';
  const digest = status === 200 ? /"digest":"(sha256:[0-9a-f]{64})"/.exec(body)?.[1] : undefined;
  return { status, digest, message: messageOf(body) ?? (status === 0 ? line.trim() : undefined) };
}

function messageOf(body: string): string | undefined {
  try {
    return (JSON.parse(body) as { message?: string }).message?.trim();
  } catch {
    return undefined;
  }
}
