import { INSIDE } from './scripts.ts';

/**
 * Without mounts a host is a folder: the machine is copied once, and each host links what programs only read (/usr
 * but /usr/local) from that copy and has its own of the rest. Never from the machine itself: a file that is written in
 * place in one host may be seen by another, but not outside the lab.
 */
export const COPY_TEMPLATE = `set -eu
umask 022
t=$SLIPWAY_TEMPLATE
mkdir -p "$t/var/lib" "$t/var/cache" "$t/usr/share/doc" "$t/usr/share/man"
set --
for e in /*; do
  if [ -L "$e" ]; then cp -P "$e" "$t$e"; continue; fi
  [ -d "$e" ] || continue
  case $e in
    /proc|/sys|/dev|/run|/tmp|/mnt|/media|/home|/root|/boot|/lost+found|/srv) mkdir -p "$t$e" ;;
    /var|/work|/workspace|/data|/nix|/snap) ;;
    *) set -- "$@" "\${e#/}" ;;
  esac
done
for p in dpkg apt ucf pam systemd misc python shells.state xml-core; do [ ! -e "/var/lib/$p" ] || set -- "$@" "var/lib/$p"; done
[ ! -d /var/cache/debconf ] || set -- "$@" var/cache/debconf
{
  printf '%s\\n' usr/share/doc usr/share/man usr/share/info usr/share/locale usr/share/icons usr/include usr/src \\
    usr/lib/gcc usr/lib/node_modules usr/local/lib/node_modules usr/local/include usr/lib/debug usr/lib/jvm var/lib/apt/lists
  for p in $SLIPWAY_HIDE; do echo "$p"; done
  echo "\${SLIPWAY_LAB#/}"
} > "$t.exclude"
tar -C / -c -f - -X "$t.exclude" "$@" 2>/dev/null | tar -C "$t" -x -p -f -
mkdir -p "$t/usr/lib/slipway-lab"
cp "$SLIPWAY_NODE" "$t/usr/lib/slipway-lab/node"
`;

export const COPY_ROOT = `set -eu
umask 022
t=$SLIPWAY_TEMPLATE r=$SLIPWAY_ROOT
mkdir -p "$r/usr"
link_or_copy() { cp -al "$1" "$2" 2>/dev/null || cp -a "$1" "$2"; }
for e in "$t"/*; do [ "$e" = "$t/usr" ] || cp -a "$e" "$r/"; done
for e in "$t"/usr/*; do
  case $e in */local) cp -a "$e" "$r/usr/" ;; *) link_or_copy "$e" "$r/usr/" ;; esac
done
if [ -d "$r/usr/lib/systemd" ]; then rm -rf "$r/usr/lib/systemd"; cp -a "$t/usr/lib/systemd" "$r/usr/lib/"; fi
mkdir -p "$r/dev" "$r/dev/shm" "$r/dev/pts" "$r/var/cache/apt/archives/partial" "$r/var/lib/apt/lists/partial" "$r/var/log/apt" "$r/var/spool/cron/crontabs"
mkdir -p -m 1777 "$r/var/tmp"
[ -e "$r/var/run" ] || ln -s /run "$r/var/run"
[ -e "$r/var/lock" ] || ln -s /run/lock "$r/var/lock"
while read -r name major minor; do
  mknod -m 666 "$r/dev/$name" c "$major" "$minor" || { echo "no device nodes can be made here" >&2; exit 1; }
done <<END
null 1 3
zero 1 5
full 1 7
random 1 8
urandom 1 9
tty 5 0
END
ln -s /proc/self/fd "$r/dev/fd"
cp -R "$SLIPWAY_STAGE/proc" "$r/"
for f in cpuinfo meminfo stat uptime loadavg version filesystems cgroups cmdline; do
  [ ! -r "/proc/$f" ] || cat "/proc/$f" > "$r/proc/$f"
done
mkdir -p "$r/proc/1" "$r/proc/self" "$r/proc/net"
echo init > "$r/proc/1/comm"
printf '%s\\n' 'overlay / overlay rw,relatime 0 0' 'cgroup2 /sys/fs/cgroup cgroup2 ro,nosuid,nodev,noexec 0 0' > "$r/proc/mounts"
cp "$r/proc/mounts" "$r/proc/self/mounts"
for f in dev route tcp tcp6 if_inet6; do [ ! -r "/proc/net/$f" ] || cat "/proc/net/$f" > "$r/proc/net/$f"; done
cp -R "$SLIPWAY_STAGE" "$r/.slipway-stage"
`;

/** Run by chroot; the shell goes on as the process by which the root is held and found. */
export const COPY_INSIDE = `set -eu
umask 022
stage=/.slipway-stage
${INSIDE}
rm -rf "$stage"
echo "pid $$"
exec 3<&0 < /dev/null
echo ready
exec cat <&3 > /dev/null 2>&1
`;
