import type { HostFiles } from '../host-files.ts';

export interface HostUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
  readonly shell: string;
}

/** A user of a host, from its /etc/passwd. */
export async function hostUser(files: HostFiles, name: string): Promise<HostUser | undefined> {
  const text = (await files.read('/etc/passwd')) ?? '';
  for (const line of text.split('\n')) {
    const [user, , uid, gid, , home, shell] = line.split(':');
    if (user !== name) continue;
    return { name, uid: Number(uid), gid: Number(gid), home: home || '/', shell: shell || '/bin/sh' };
  }
  return undefined;
}

/** What sshd gives a session. */
export function loginEnvironment(user: HostUser, hostname: string | undefined): Record<string, string> {
  const root = user.uid === 0;
  return {
    PATH: root
      ? '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
      : '/usr/local/sbin:/usr/local/bin:/usr/bin:/bin:/usr/games',
    HOME: user.home,
    USER: user.name,
    LOGNAME: user.name,
    SHELL: user.shell,
    // In a copied root the kernel's host name is the machine's; the doubles look here.
    ...(hostname === undefined ? {} : { SLIPWAY_LAB_HOSTNAME: hostname }),
  };
}
