import { execFile } from 'node:child_process';
import { SlipwayError } from '../../base/errors.ts';
import type { NamespaceMode } from '../types.ts';

export interface ModeFound {
  readonly mode: NamespaceMode;
  /** What `unshare` is called with; empty for `copy`. */
  readonly unshareFlags: readonly string[];
}

const NAMESPACES = ['--mount', '--pid', '--uts', '--ipc', '--cgroup', '--fork', '--kill-child'];
const USER_NAMESPACE = ['--user', '--map-root-user'];

// Each trial does in small what the mode needs, in namespaces that vanish with it: asking the kernel is the only test
// that counts (capabilities, seccomp, AppArmor and sysctls may all forbid it).
const OVERLAY_TRIAL = (options: string, lower: string) => `
  mount -t tmpfs none /tmp && mkdir /tmp/u /tmp/w /tmp/r &&
  mount -t overlay none -o lowerdir=${lower},upperdir=/tmp/u,workdir=/tmp/w${options} /tmp/r &&
  mkdir /tmp/p && mount -t proc none /tmp/p`;

/**
 * The best way in which this machine can make lab hosts without Docker.
 * @throws {SlipwayError} lab.unsupported, with what was tried and why it failed
 */
export async function findMode(only?: NamespaceMode): Promise<ModeFound> {
  if (process.platform !== 'linux')
    throw new SlipwayError('lab.unsupported', `the namespaces driver needs Linux, not ${process.platform}`, {
      hint: 'Use `slipway lab up --driver docker`.',
    });
  const failures: string[] = [];
  for (const candidate of candidates()) {
    if (only && candidate.mode !== only) continue;
    const reason = await candidate.trial();
    if (reason === undefined) return { mode: candidate.mode, unshareFlags: candidate.unshareFlags };
    failures.push(`${candidate.title}: ${reason}`);
  }
  throw new SlipwayError(
    'lab.unsupported',
    `this machine cannot make lab hosts without Docker (${failures.join('; ')})`,
    {
      hint: 'Run as root, allow unprivileged user namespaces, or use `slipway lab up --driver docker`.',
      data: { failures },
    },
  );
}

interface Candidate extends ModeFound {
  readonly title: string;
  readonly trial: () => Promise<string | undefined>;
}

function candidates(): Candidate[] {
  if (process.getuid?.() === 0)
    return [
      {
        mode: 'overlay',
        title: 'mount namespace and overlay',
        unshareFlags: NAMESPACES,
        trial: () => tryRun('unshare', [...NAMESPACES, 'sh', '-c', OVERLAY_TRIAL('', '/')]),
      },
      {
        mode: 'copy',
        title: 'chroot',
        unshareFlags: [],
        trial: () => tryRun('chroot', ['/', '/bin/sh', '-c', ':']),
      },
    ];
  // With subordinate ids (newuidmap) a host has all its users; without, root only.
  return [[...USER_NAMESPACE, '--map-auto'], USER_NAMESPACE].map((user) => ({
    mode: 'user' as const,
    title: user.includes('--map-auto') ? 'user namespace with subordinate ids' : 'user namespace',
    unshareFlags: [...user, ...NAMESPACES],
    trial: () => tryRun('unshare', [...user, ...NAMESPACES, 'sh', '-c', OVERLAY_TRIAL(',userxattr', '/usr')]),
  }));
}

/** undefined when it worked, else why not. */
function tryRun(program: string, args: readonly string[]): Promise<string | undefined> {
  return new Promise((resolve) => {
    execFile(program, args, { timeout: 10_000 }, (error, _stdout, stderr) => {
      if (!error) return resolve(undefined);
      if ((error as NodeJS.ErrnoException).code === 'ENOENT')
        return resolve(`there is no \`${program}\` program`);
      resolve(stderr.trim().split('\n').at(-1) || error.message);
    });
  });
}
