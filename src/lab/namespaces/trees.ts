/** File systems of kinds that hold what is installed; all others (proc, tmpfs, nsfs, ...) have no place in a host. */
const REAL = /^(ext[234]|xfs|btrfs|zfs|f2fs|jfs|reiserfs|overlay|bcachefs|erofs|squashfs)$/;
const LEFT_OUT =
  /^\/(proc|sys|dev|run|tmp|mnt|media|home|root|boot|snap|var\/lib\/(docker|containerd|kubelet|lxd?|libvirt|snapd))(\/|$)/;

/**
 * Mount points of the machine that an overlay of / does not show and a host needs (a /usr or /var of its own). Reads
 * /proc/self/mountinfo.
 */
export function machineTrees(mountinfo: string, isFolder: (path: string) => boolean): string[] {
  const found = new Set<string>();
  for (const line of mountinfo.split('\n')) {
    const [before, after] = line.split(' - ');
    const at = before?.split(' ')[4];
    const kind = after?.split(' ')[0];
    if (!at || !kind || at === '/' || !REAL.test(kind) || LEFT_OUT.test(at)) continue;
    // Escaped (\040) or odd names could not be passed on safely, and are nobody's system tree.
    if (/^[\w./+-]+$/.test(at) && isFolder(at)) found.add(at);
  }
  return [...found].sort();
}

/** A folder to mount the host's tmpfs on, which must not hide what the set-up reads. */
export function mountPoint(
  mustSee: readonly string[],
  exists: (path: string) => boolean,
): string | undefined {
  const free = (path: string) => !mustSee.some((one) => one === path || one.startsWith(`${path}/`));
  return ['/mnt', '/media', '/srv', '/opt', '/tmp', '/var/tmp', '/home'].find(
    (path) => exists(path) && free(path),
  );
}
