import type { AnyAuthMethod, AuthenticationType, ParsedKey, Prompt } from 'ssh2';
import type { Credentials } from '../types.ts';
import { type AgentKey, agentKeys, agentWith } from './agent.ts';
import { DEFAULT_KEYS, type KeyFile, type KeyStore } from './keys.ts';
import type { Target } from './target.ts';

/** What was tried to log in, for the message when nothing helped. */
export interface Attempts {
  readonly tried: string[];
  /** What could not be tried, and why. */
  readonly skipped: string[];
  /** What the server accepts, as far as it has said. */
  methods: readonly string[];
}

export interface AuthParts {
  readonly target: Target;
  readonly keys: KeyStore;
  readonly credentials: Credentials | undefined;
  /** Runs something that waits for a person, while the connection's clock stands still. */
  readonly asking: <T>(ask: () => Promise<T>) => Promise<T>;
}

/** One thing to try; undefined when it turns out that it cannot be. */
type Candidate = {
  readonly type: AuthenticationType;
  readonly make: () => Promise<AnyAuthMethod | undefined>;
};

/**
 * Hands ssh2 one method after the other, in OpenSSH's order: configured keys (through the agent where it holds them),
 * the agent's other keys, the key files themselves, the password. A password that was given is tried before keys that
 * nobody asked for: servers allow six attempts.
 */
export async function authentication(parts: AuthParts): Promise<{
  readonly attempts: Attempts;
  readonly next: (left: readonly string[] | null) => Promise<AnyAuthMethod | false>;
}> {
  const attempts: Attempts = { tried: [], skipped: [], methods: [] };
  const candidates = await order(parts, attempts);
  let started = false;
  return {
    attempts,
    async next(left) {
      if (left) attempts.methods = left;
      for (let candidate = candidates.shift(); candidate; candidate = candidates.shift()) {
        const needed = candidate.type === 'agent' ? 'publickey' : candidate.type;
        if (left && !left.includes(needed)) continue;
        const method = await candidate.make();
        if (!method) continue;
        started = true;
        return method;
      }
      // With nothing to offer, ask at least what the server would take.
      if (started) return false;
      started = true;
      return { type: 'none', username: parts.target.user };
    },
  };
}

async function order(parts: AuthParts, attempts: Attempts): Promise<Candidate[]> {
  const { target, keys } = parts;
  const named = target.keyFiles !== undefined;
  const files: KeyFile[] = [];
  for (const path of target.keyFiles ?? DEFAULT_KEYS) {
    const file = await keys.load(path);
    if (file) files.push(file);
    else if (named) attempts.skipped.push(`${path}: no such file`);
  }
  const agent = target.agent ? await agentKeys(target.agent) : [];
  if (agent instanceof Error) attempts.skipped.push(`agent: ${agent.message}`);
  const held = agent instanceof Error ? [] : agent;
  const inAgent = (file: KeyFile) => held.find((key) => file.publicKey && key.blob.equals(file.publicKey));

  const throughAgent = files.flatMap((file) => inAgent(file) ?? []);
  const others = target.identitiesOnly ? [] : held.filter((key) => !throughAgent.includes(key));
  const alone = files.filter((file) => !inAgent(file));
  const byAgent = (key: AgentKey) => agentCandidate(parts, attempts, key);
  const byFile = (file: KeyFile) => fileCandidate(parts, attempts, file);
  const password = passwordCandidates(parts, attempts);
  const configured = [...throughAgent.map(byAgent), ...(named ? alone.map(byFile) : [])];
  const unasked = [...others.map(byAgent), ...(named ? [] : alone.map(byFile))];
  return target.password === undefined
    ? [...configured, ...unasked, ...password]
    : [...configured, ...password, ...unasked];
}

function agentCandidate({ target }: AuthParts, attempts: Attempts, key: AgentKey): Candidate {
  return {
    type: 'agent',
    async make() {
      attempts.tried.push(`key ${key.comment || key.type} of the agent`);
      return { type: 'agent', username: target.user, agent: await agentWith(target.agent!, key) };
    },
  };
}

function fileCandidate({ target, asking }: AuthParts, attempts: Attempts, file: KeyFile): Candidate {
  return {
    type: 'publickey',
    async make() {
      const { key, why } = await asking(() => file.unlock());
      if (!key) {
        attempts.skipped.push(`${file.path}: ${why}`);
        return undefined;
      }
      attempts.tried.push(`key ${file.path}`);
      return { type: 'publickey', username: target.user, key: key as ParsedKey };
    },
  };
}

function passwordCandidates(parts: AuthParts, attempts: Attempts): Candidate[] {
  const { target, credentials, asking } = parts;
  const username = target.user;
  let asked: Promise<string | undefined> | undefined;
  const password = () => {
    if (target.password !== undefined) return Promise.resolve(target.password);
    asked ??= asking(async () => credentials?.password?.(`${username}@${target.host}`));
    return asked;
  };
  return [
    {
      type: 'password',
      async make() {
        const text = await password();
        if (text === undefined) return undefined;
        attempts.tried.push('password');
        return { type: 'password', username, password: text };
      },
    },
    {
      type: 'keyboard-interactive',
      async make() {
        const text = await password();
        if (text === undefined) return undefined;
        attempts.tried.push('keyboard-interactive with the password');
        let answered = false;
        return {
          type: 'keyboard-interactive',
          username,
          prompt(_name, _instructions, _lang, prompts: Prompt[], finish) {
            // A second question is not for the password again: it was wrong, or a second factor is wanted.
            finish(prompts.map((prompt) => (answered || prompt.echo ? '' : text)));
            answered = true;
          },
        };
      },
    },
  ];
}
