import { lines, type Program, raw, sh } from '../../module/program.ts';
import { procAddresses } from '../kernel/proc-address.ts';

/** The kernel's numbers of TCP states, as /proc/net/tcp shows them. */
export const TCP_STATES = {
  ESTABLISHED: '01',
  SYN_SENT: '02',
  SYN_RECV: '03',
  FIN_WAIT1: '04',
  FIN_WAIT2: '05',
  TIME_WAIT: '06',
  CLOSE_WAIT: '08',
  LAST_ACK: '09',
  CLOSING: '0B',
} as const;

const ANY_V6 = '0'.repeat(32);

/** `listens`: whether something listens on the port for this address, as far as /proc/net tells. */
export function listens(host: string, port: number): Program | undefined {
  const address = host === 'localhost' ? '127.0.0.1' : host;
  const own = procAddresses(address);
  if (!address.startsWith('127.') && address !== '::1' && address !== '0.0.0.0') return undefined;
  const any = address === '0.0.0.0' ? '[0-9A-F]+' : [...own, '00000000', ANY_V6].join('|');
  const line = `^ *[0-9]+: (${any}):${hexPort(port)} [0-9A-F]+:0000 0A `;
  return sh`grep -qsE ${line} /proc/net/tcp /proc/net/tcp6`;
}

/** sh that defines `active`: prints how many connections the port has. */
export function countActive(
  host: string,
  port: number,
  states: readonly (keyof typeof TCP_STATES)[],
  exclude: readonly string[],
): Program {
  const local = host === '0.0.0.0' ? '[0-9A-F]+' : procAddresses(host).join('|') || '[0-9A-F]+';
  const numbers = states.map((state) => TCP_STATES[state]).join('|');
  const line = `^ *[0-9]+: (${local}):${hexPort(port)} [0-9A-F]+:[0-9A-F]+ (${numbers}) `;
  const others = exclude.flatMap(procAddresses).join('|');
  const from = `^ *[0-9]+: [0-9A-F]+:[0-9A-F]+ (${others}):`;
  return sh`
    active() { grep -hsE ${line} /proc/net/tcp /proc/net/tcp6 | grep -cvE ${others === '' ? '^$' : from}; }
  `;
}

/**
 * sh that defines `reach`: exit 0 when the port can be connected to. The way is chosen once: bash, nc, busybox nc.
 * With a pattern it prints the first line of what the port says that matches.
 */
export function connect(host: string, port: number, timeout: number, pattern?: string): Program {
  const local = pattern === undefined ? listens(host, port) : undefined;
  const limit = Math.max(1, Math.ceil(timeout));
  const listen = raw('"$h" "$p"');
  return lines(
    sh`
      h=${host} p=${port}
      if timeout 1 true 2>/dev/null; then limit="timeout ${limit}"
      elif timeout -t 1 true 2>/dev/null; then limit="timeout -t ${limit}"
      else limit=; fi
      if command -v bash >/dev/null && bash -c 'echo >/dev/tcp/127.0.0.1/0' 2>&1 | grep -qv 'No such file'; then way=bash
      elif command -v nc >/dev/null; then way=nc
      elif busybox nc --help >/dev/null 2>&1; then way='busybox nc'
      else way=; fi
      case $way in *nc) if $way -h 2>&1 | grep -q -e -e.*PROG; then now='-e true'; else now=-z; fi ;; esac
    `,
    pattern === undefined
      ? sh`
          dial() {
            case $way in
              bash) $limit bash -c 'exec 3<>"/dev/tcp/$0/$1"' ${listen} ;;
              *nc) $limit $way -w ${limit} ${listen} $now </dev/null ;;
              *) return 2 ;;
            esac >/dev/null 2>&1
          }
        `
      : sh`
          dial() {
            case $way in
              bash) $limit bash -c 'exec 3<>"/dev/tcp/$0/$1" && grep -E -m 1 -e "$2" <&3' ${listen} ${pattern} ;;
              *nc) $limit $way -w ${limit} ${listen} </dev/null | grep -E -m 1 -e ${pattern} ;;
              *) return 2 ;;
            esac 2>/dev/null
          }
        `,
    sh`reach() { ${local ? sh`${local} || ` : undefined}dial; }`,
  );
}

function hexPort(port: number): string {
  return port.toString(16).toUpperCase().padStart(4, '0');
}
