import { Exit, messageOf } from '../host/exit.ts';
import { parseFlags } from '../host/flags.ts';
import { NOTICE } from '../host/identity.ts';
import { klog } from '../host/text.ts';
import { ApiError, ConnectError } from '../kube/client.ts';
import { ALIAS, FLAGS, openSession, type Session } from './session.ts';

type Command = (session: Session) => Promise<number> | number;

const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  annotate: async () => {
    const { mark } = await import('./nodes.ts');
    return (session) => mark(session, 'annotations');
  },
  'api-resources': async () => (await import('./look.ts')).apiResources,
  apply: async () => (await import('./apply.ts')).apply,
  'cluster-info': async () => (await import('./look.ts')).clusterInfo,
  config: async () => (await import('./look.ts')).config,
  cordon: async () => {
    const { cordon } = await import('./nodes.ts');
    return (session) => cordon(session, false);
  },
  create: async () => (await import('./change.ts')).create,
  delete: async () => (await import('./delete.ts')).remove,
  describe: async () => (await import('./look.ts')).describe,
  diff: async () => (await import('./apply.ts')).diff,
  drain: async () => (await import('./nodes.ts')).drain,
  exec: async () => (await import('./look.ts')).exec,
  expose: async () => (await import('./change.ts')).expose,
  get: async () => (await import('./get.ts')).get,
  label: async () => {
    const { mark } = await import('./nodes.ts');
    return (session) => mark(session, 'labels');
  },
  logs: async () => (await import('./look.ts')).logs,
  patch: async () => (await import('./change.ts')).patch,
  rollout: async () => (await import('./rollout.ts')).rollout,
  run: async () => (await import('./change.ts')).runPod,
  scale: async () => (await import('./change.ts')).scale,
  set: async () => (await import('./change.ts')).setImage,
  taint: async () => (await import('./nodes.ts')).taint,
  uncordon: async () => {
    const { cordon } = await import('./nodes.ts');
    return (session) => cordon(session, true);
  },
  version: async () => (await import('./look.ts')).version,
  wait: async () => (await import('./wait.ts')).wait,
};

/** kubectl tries discovery first and complains about it before the error proper. */
function complain(error: ConnectError): void {
  const message = error.message.replace(/"(https?:\/\/[^/"]+)[^"]*"/, '"$1/api?timeout=32s"');
  const line = klog(
    'E',
    'memcache.go:265',
    `"Unhandled Error" err="couldn't get current server API group list: ${message.replaceAll('"', '\\"')}"`,
  );
  process.stderr.write(line + line);
}

function explain(error: unknown, server: string): string {
  if (error instanceof ConnectError) {
    complain(error);
    if (error.refused) {
      const { host } = new URL(server);
      return `The connection to the server ${host} was refused - did you specify the right host or port?`;
    }
    return `Unable to connect to the server: ${error.message.replace(/^\S+ "[^"]*": /, '')}`;
  }
  if (error instanceof ApiError) {
    const { reason, code, message } = error.status;
    if (code === 401) return 'error: You must be logged in to the server (Unauthorized)';
    if (reason === 'Invalid') return `The ${message.replace(/^(\w+)(?:\.\S+)? "/, '$1 "')}`;
    return reason === '' ? `Error from server: ${message}` : `Error from server (${reason}): ${message}`;
  }
  return `error: ${messageOf(error)}`;
}

/** `config view --raw` and `get --raw PATH` share a name and not a kind. */
function normal(argv: readonly string[]): string[] {
  const at = argv.indexOf('config');
  return argv.map((word) => (at >= 0 && word === '--raw' ? '--raw=true' : word));
}

/** kubectl. Exit code 1 for an error; `exec` gives the command's own. */
export async function main(argv: readonly string[]): Promise<number> {
  let server = 'http://localhost:8080';
  try {
    const flags = parseFlags(normal(argv), FLAGS, ALIAS);
    const [name] = flags.args;
    if (name === undefined || name === 'help') {
      process.stdout.write(
        `kubectl controls the Kubernetes cluster manager. ${NOTICE}.\n\nCommands: ${Object.keys(COMMANDS).join(', ')}\n`,
      );
      return 0;
    }
    const load = COMMANDS[name];
    if (load === undefined) throw new Exit(`unknown command "${name}" for "kubectl"`);
    const session = openSession(flags);
    server = session.client.access.server;
    return await (await load())(session);
  } catch (error) {
    const text = explain(error, server);
    process.stderr.write(`${text}\n`);
    const code = error instanceof Exit ? error.code : 1;
    // 1 is the answer "there are differences": an error of `diff` is 2.
    return argv.includes('diff') ? Math.max(2, code) : code;
  }
}
