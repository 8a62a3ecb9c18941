import type { BaseAgent, ParsedKey } from 'ssh2';

/** A key that an SSH agent holds. */
export interface AgentKey {
  readonly type: string;
  readonly comment: string;
  readonly blob: Buffer;
  readonly key: ParsedKey;
}

/** The keys of the agent behind a socket, in its order; an Error when it cannot be asked. */
export async function agentKeys(socket: string): Promise<AgentKey[] | Error> {
  const { createAgent } = (await import('ssh2')).default;
  return new Promise((resolve) => {
    createAgent(socket).getIdentities((error, keys) => {
      if (error) return resolve(error);
      resolve(
        (keys ?? []).flatMap((key) => {
          if (typeof key === 'string' || Buffer.isBuffer(key) || !('type' in key)) return [];
          return [{ type: key.type, comment: key.comment, blob: key.getPublicSSH(), key }];
        }),
      );
    });
  });
}

/** The agent reduced to one of its keys, so that each key is an attempt of its own. */
export async function agentWith(socket: string, key: AgentKey): Promise<BaseAgent> {
  const { OpenSSHAgent } = (await import('ssh2')).default;
  const agent = new OpenSSHAgent(socket);
  agent.getIdentities = (callback) => callback(undefined, [key.key]);
  return agent;
}
