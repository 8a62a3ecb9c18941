import { lines, type Program, raw, sh } from '../../module/program.ts';

/** How to get something over HTTP(S) or FTP on the host. */
export interface Download {
  readonly url: string;
  /** Seconds without an answer. */
  readonly timeout?: number | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  readonly validateCerts?: boolean | undefined;
  readonly useProxy?: boolean | undefined;
  readonly agent?: string | undefined;
  readonly clientCert?: string | undefined;
  readonly clientKey?: string | undefined;
}

/**
 * sh that prints what is at a URL, or puts it into a file: with curl, or wget where there is no curl. Fails with what
 * the program said. The URL, headers and password reach curl through its standard input, so that no list of processes
 * shows them; wget has no such way.
 *
 * @param file a word of sh, under `set -e`; curl tells of the answer on stdout then, for `readAnswer`
 */
export function download(d: Download, file?: string): Program {
  const seconds = d.timeout ?? 10;
  const curl = sh`printf %s ${curlConfig(d)} | curl -fsSL -g --connect-timeout ${seconds} --speed-limit 1 --speed-time ${seconds} -K -`;
  // Of one that failed stderr tells.
  const answered =
    file === undefined
      ? curl
      : sh`
        a=$(${curl} -o ${raw(file)} -w 'answer %{http_code} %{time_total}')
        echo "$a"
      `;
  return sh`
    if command -v curl >/dev/null 2>&1; then
      ${answered}
    elif command -v wget >/dev/null 2>&1; then
      ${wget(d, seconds, file)}
    else
      echo "neither curl nor wget is on this host; install one" >&2; (exit 127)
    fi
  `;
}

function curlConfig(d: Download): string {
  const rows: [string, string][] = [['url', d.url]];
  for (const [name, value] of Object.entries(d.headers ?? {})) rows.push(['header', `${name}: ${value}`]);
  if (d.username !== undefined) rows.push(['user', `${d.username}:${d.password ?? ''}`]);
  if (d.agent !== undefined) rows.push(['user-agent', d.agent]);
  if (d.useProxy === false) rows.push(['noproxy', '*']);
  if (d.clientCert !== undefined) rows.push(['cert', d.clientCert]);
  if (d.clientKey !== undefined) rows.push(['key', d.clientKey]);
  const text = rows.map(([name, value]) => `${name} = "${escaped(value)}"\n`).join('');
  return d.validateCerts === false ? `${text}insecure\n` : text;
}

function escaped(value: string): string {
  return value
    .replace(/["\\]/g, '\\$&')
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r')
    .replaceAll('\t', '\\t');
}

function wget(d: Download, seconds: number, file: string | undefined): Program {
  const headers = Object.entries(d.headers ?? {}).map(([name, value]) => `${name}: ${value}`);
  if (d.username !== undefined) {
    const basic = Buffer.from(`${d.username}:${d.password ?? ''}`).toString('base64');
    headers.push(`Authorization: Basic ${basic}`);
  }
  const options = headers.map((header) => `--header=${header}`);
  if (d.agent !== undefined) options.push(`--user-agent=${d.agent}`);
  if (d.validateCerts === false) options.push('--no-check-certificate');
  if (d.clientCert !== undefined) options.push(`--certificate=${d.clientCert}`);
  if (d.clientKey !== undefined) options.push(`--private-key=${d.clientKey}`);
  const noProxy = d.useProxy === false && sh`unset http_proxy https_proxy HTTP_PROXY HTTPS_PROXY`;
  return lines(
    noProxy,
    // Debian 12's busybox wget crashes on -T.
    sh`
      if wget --help 2>&1 | grep -q BusyBox; then limit=; else limit="-T ${seconds}"; fi
      wget -q -O - $limit ${options} ${d.url}${raw(file === undefined ? '' : ` > ${file}`)} || { echo "wget ended with $?" >&2; (exit 1); }
    `,
  );
}

/** What curl told of the answer: no status where the protocol has none. */
export function readAnswer(stdout: string): { readonly status_code?: number; readonly elapsed?: number } {
  const [, status = '', seconds] = /^answer (\d+) (\d+)[.,]\d+$/m.exec(stdout) ?? [];
  if (seconds === undefined) return {};
  return { ...(Number(status) > 0 && { status_code: Number(status) }), elapsed: Number(seconds) };
}

/** The last part of a URL's path, as a file name. */
export function nameInUrl(url: string): string {
  const path = url.replace(/^[a-z+]+:\/\/[^/]*/i, '').replace(/[?#].*$/s, '');
  const last = path.replace(/^.*\//s, '');
  try {
    return decodeURIComponent(last).replaceAll('/', '_') || 'index.html';
  } catch {
    return last;
  }
}
