import { timingSafeEqual } from 'node:crypto';
import net from 'node:net';
import type { AuthContext, Connection, Server, ServerChannel } from 'ssh2';
import type { RunningHost } from '../namespaces/host.ts';
import type { NamespaceMode } from '../types.ts';
import { serveSession } from './ssh-session.ts';
import { hostUser } from './users.ts';

export interface SshSettings {
  readonly authorizedKey: string;
  readonly mode: NamespaceMode;
  readonly log: (line: string) => void;
}

export interface SshServer {
  /** Ends all connections and stops listening. */
  close(): void;
}

/** An SSH server for one host: public keys, sessions, forwards to TCP ports and to the host's unix sockets. */
export async function startSshServer(host: RunningHost, settings: SshSettings): Promise<SshServer> {
  const { default: ssh2 } = await import('ssh2');
  const key = ssh2.utils.parseKey(settings.authorizedKey);
  if (key instanceof Error) throw key;
  const allowed = Array.isArray(key) ? key[0]! : key;
  const open = new Set<Connection>();
  const server: Server = new ssh2.Server(
    {
      hostKeys: [host.config.hostKeyPrivate],
      ident: 'SlipwayLab_1.0',
      algorithms: {
        cipher: { prepend: ['aes128-gcm@openssh.com', 'aes256-gcm@openssh.com'], append: [], remove: [] },
      },
    },
    (client) => {
      open.add(client);
      client.on('close', () => open.delete(client));
      client.on('error', (error) => settings.log(`${host.config.name}: ssh: ${error.message}`));
      let user = '';
      client.on('authentication', (context) => {
        user = context.username;
        authenticate(context, allowed, host).catch((error: Error) => {
          settings.log(`${host.config.name}: ssh: ${error.message}`);
          context.reject();
        });
      });
      client.on('ready', () => {
        client.on('session', (accept) => serveSession(accept(), host, user, settings));
        client.on('tcpip', (accept, _reject, info) => join(net.connect(info.destPort, info.destIP), accept));
        client.on('openssh.streamlocal', (accept, reject, info) => {
          host.files.place(info.socketPath).then(
            (at) => {
              if (at === undefined) return reject();
              join(net.connect(at), accept);
            },
            () => reject(),
          );
        });
      });
    },
  );
  // Without noDelay every answer would wait for the client to acknowledge the one before.
  const listener = net.createServer({ noDelay: true }, (socket) => server.injectSocket(socket));
  await new Promise<void>((resolve, reject) => {
    listener.once('error', reject);
    listener.listen(host.config.port, host.config.address, () => resolve());
  });
  return {
    close: () => {
      listener.close();
      for (const client of open) client.end();
    },
  };
}

async function authenticate(
  context: AuthContext,
  allowed: {
    type: string;
    getPublicSSH(): Buffer;
    verify(data: Buffer, signature: Buffer, hash?: string): boolean | Error;
  },
  host: RunningHost,
): Promise<void> {
  if (context.method !== 'publickey') return context.reject(['publickey']);
  const same =
    context.key.data.length === allowed.getPublicSSH().length &&
    timingSafeEqual(context.key.data, allowed.getPublicSSH());
  if (!same || !(await hostUser(host.files, context.username))) return context.reject(['publickey']);
  // Without a signature the client only asks whether the key would do.
  if (!context.signature || !context.blob) return context.accept();
  if (allowed.verify(context.blob, context.signature, context.hashAlgo) === true) return context.accept();
  context.reject(['publickey']);
}

/** Joins a socket and a channel, each ending the other; the channel is opened once the socket is connected. */
function join(socket: net.Socket, accept: () => ServerChannel): void {
  socket.once('connect', () => {
    const channel = accept();
    socket.on('error', () => channel.destroy());
    channel.on('error', () => socket.destroy());
    channel.on('close', () => socket.destroy());
    socket.pipe(channel).pipe(socket);
  });
  socket.once('error', () => socket.destroy());
}
