/**
 * The sh that turns a fresh set of namespaces (or an empty folder) into a lab host. Parameters come as environment
 * variables, so nothing is interpolated. Two halves: the first builds the root from outside; the second runs inside
 * it, so that no link of the host's tree can lead a write to the machine.
 */

/** Shared by both namespace modes. `$m` is a tmpfs that exists only in this mount namespace, so that a host leaves nothing on disk. */
const START = `set -eu
umask 022
read -r pid rest < /proc/self/stat
echo "pid $pid"
m=$SLIPWAY_MOUNT r=$SLIPWAY_MOUNT/root
mount -t tmpfs -o mode=755 slipway-lab "$m"
mkdir "$m/up" "$m/work" "$r" "$m/stage"
mount --bind "$SLIPWAY_STAGE" "$m/stage"
`;

/** One overlay of the machine's root; what must not be seen is whited out before it is mounted. */
const OVERLAY_ROOT = `
for p in $SLIPWAY_HIDE; do
  [ -e "/$p" ] || [ -L "/$p" ] || continue
  mkdir -p "$(dirname "$m/up/$p")"
  mknod "$m/up/$p" c 0 0
done
mount -t overlay slipway-lab -o "lowerdir=/,upperdir=$m/up,workdir=$m/work" "$r"
n=0
for p in $SLIPWAY_TREES; do
  n=$((n + 1))
  mkdir -p "$m/up$n" "$m/work$n" "$r$p"
  mount -t overlay slipway-lab -o "lowerdir=$p,upperdir=$m/up$n,workdir=$m/work$n" "$r$p"
done
`;

/**
 * Only one user (or a few) is mapped, so what belongs to the machine's root can be read but not written: trees that a
 * host must write are copied, big ones are overlays whose upper layer holds the folders down to a depth, ours.
 */
const USER_ROOT = `
mount --bind "$r" "$r"
n=0
tree() {
  n=$((n + 1))
  mkdir -p "$m/up$n" "$m/work$n" "$r$1"
  (cd "$1" && find . -xdev -maxdepth 4 -type d 2>/dev/null) | (cd "$m/up$n" && tr '\\n' '\\0' | xargs -0 mkdir -p)
  for p in $SLIPWAY_HIDE; do
    case /$p in "$1"/*) ;; *) continue ;; esac
    inner=\${p#"\${1#/}"/}
    { [ -e "/$p" ] || [ -L "/$p" ]; } && [ -d "$(dirname "$m/up$n/$inner")" ] || continue
    rm -rf "$m/up$n/$inner"
    mknod "$m/up$n/$inner" c 0 0
  done
  mount -t overlay slipway-lab -o "lowerdir=$1,upperdir=$m/up$n,workdir=$m/work$n,userxattr" "$r$1" 2>/dev/null && return 0
  rm -rf "$m/up$n" "$m/work$n"
  for c in "$1"/* "$1"/.[!.]*; do
    if [ -L "$c" ]; then cp -P "$c" "$r$c"; elif [ -d "$c" ]; then tree "$c"; fi
  done
}
keep_modes() { (umask 0; cp -RP "$@" 2>/dev/null) || :; }
for e in /*; do
  if [ -L "$e" ]; then cp -P "$e" "$r$e"; continue; fi
  [ -d "$e" ] || continue
  case $e in
    /etc) keep_modes /etc "$r/" ;;
    /usr|/opt|/bin|/sbin|/lib|/lib[0-9]*|/nix|/gnu) tree "$e" ;;
    /mnt|/media|/boot|/srv) mkdir "$r$e" ;;
  esac
done
mkdir -p "$r/var/lib" "$r/var/cache/apt/archives/partial" "$r/var/log/apt" "$r/var/spool/cron/crontabs" "$r/var/mail"
mkdir -m 1777 "$r/var/tmp"
ln -s /run "$r/var/run"; ln -s /run/lock "$r/var/lock"
for p in dpkg apt ucf pam systemd misc python shells.state xml-core; do
  [ ! -e "/var/lib/$p" ] || keep_modes "/var/lib/$p" "$r/var/lib/"
done
[ ! -d /var/cache/debconf ] || keep_modes /var/cache/debconf "$r/var/cache/"
for p in $SLIPWAY_HIDE; do case $p in etc/*|var/*) rm -rf "$r/$p" ;; esac; done
if [ ! -r "$r/etc/shadow" ]; then
  awk -F: '{ print $1 ":*:19000:0:99999:7:::" }' /etc/passwd > "$r/etc/shadow"; chmod 600 "$r/etc/shadow"
  awk -F: '{ print $1 ":*::" $4 }' /etc/group > "$r/etc/gshadow"; chmod 600 "$r/etc/gshadow"
fi
`;

/** /proc of the host's own processes, with plain copies over what would reach the kernel of the machine. */
const FILE_SYSTEMS = `
mkdir -p "$r/proc" "$r/sys" "$r/dev" "$r/run" "$r/tmp" "$r/usr/lib/slipway-lab" "$r/.slipway-stage"
mount -t tmpfs -o mode=755 tmpfs "$r/run"
mount -t tmpfs -o mode=1777 tmpfs "$r/tmp"
mount -t tmpfs -o mode=755 tmpfs "$r/dev"
for d in null zero full random urandom tty; do : > "$r/dev/$d"; mount --bind "/dev/$d" "$r/dev/$d"; done
mkdir "$r/dev/pts" "$r/dev/shm"
mount -t devpts -o newinstance,ptmxmode=0666,mode=0620 devpts "$r/dev/pts"
mount -t tmpfs -o mode=1777 tmpfs "$r/dev/shm"
ln -s pts/ptmx "$r/dev/ptmx"
ln -s /proc/self/fd "$r/dev/fd"; ln -s fd/0 "$r/dev/stdin"; ln -s fd/1 "$r/dev/stdout"; ln -s fd/2 "$r/dev/stderr"
hostname "$SLIPWAY_NAME"
mount -t proc proc "$r/proc"
cp -R "$m/stage/proc" "$m/proc"
for live in kernel/random/uuid kernel/hostname; do
  [ -e "$m/proc/sys/$live" ] || continue
  mount --bind "$r/proc/sys/$live" "$m/proc/sys/$live"
done
mount --rbind "$m/proc/sys" "$r/proc/sys"
for f in swaps modules; do [ ! -e "$r/proc/$f" ] || mount --bind "$m/proc/$f" "$r/proc/$f"; done
for f in sysrq-trigger kcore kmsg; do [ ! -e "$r/proc/$f" ] || mount --bind /dev/null "$r/proc/$f"; done
: > "$r/usr/lib/slipway-lab/node"
mount --bind "$SLIPWAY_NODE" "$r/usr/lib/slipway-lab/node"
mount --bind "$m/stage" "$r/.slipway-stage"
cd "$r"
mkdir -p .slipway-old
pivot_root . .slipway-old
cd /
umount -l /.slipway-old
rmdir /.slipway-old
stage=/.slipway-stage
`;

/**
 * Runs in the host's root, in all modes. The lab's programs stand in place of the real ones too, since maintainer
 * scripts call some by their path.
 */
export const INSIDE = `
mkdir -p /root /home /tmp /sys /mnt /run/lock /run/systemd/system /run/slipway-lab/calls /etc/slipway-lab /var/log/slipway-lab /usr/local/sbin
chmod 700 /root; chmod 1777 /tmp /run/lock /run/slipway-lab/calls
[ ! -d /etc/skel ] || cp -R /etc/skel/. /root/ 2>/dev/null || :
mkfifo /run/slipway-lab/manager; chmod 666 /run/slipway-lab/manager
rm -f /etc/ssh/ssh_host_*
for f in etc/hosts etc/hostname etc/machine-id etc/resolv.conf etc/fstab var/lib/dbus/machine-id usr/sbin/policy-rc.d etc/motd; do
  [ ! -e "/$f" ] && [ ! -L "/$f" ] || rm -f "/$f"
done
cp -R "$stage/sys/." /sys/
cp -R "$stage/common/." /
cp -R "$stage/hosts/$SLIPWAY_NAME/." /
mkdir -p /usr/lib/slipway-lab/real
for double in /usr/local/sbin/*; do
  [ "$(sed -n 's/^# Slipway lab: .*/lab/p;2q' "$double" 2>/dev/null)" = lab ] || continue
  for folder in /usr/bin /usr/sbin /bin /sbin; do
    [ ! -L "$folder" ] || continue
    name=$folder/\${double##*/}
    [ -e "$name" ] || [ -L "$name" ] || [ "$name" = /usr/bin/systemctl ] || continue
    case $name in /usr/bin/uname|/usr/bin/ip|/usr/sbin/ip|/sbin/ip) [ -L "$name" ] || cp "$name" /usr/lib/slipway-lab/real/ ;; esac
    ln -sf "$double" "$name"
  done
done
for p in $SLIPWAY_FORGET; do
  for list in "/var/lib/dpkg/info/$p.list" "/var/lib/dpkg/info/$p:"*.list; do
    [ -e "$list" ] || continue
    while IFS= read -r f; do [ -d "$f" ] || printf '%s\\0' "$f"; done < "$list" | xargs -0 rm -f
    rm -f "\${list%.list}".*
  done
done
if [ -n "$SLIPWAY_FORGET" ] && [ -e /var/lib/dpkg/status ]; then
  awk -v names=" $SLIPWAY_FORGET " 'BEGIN { RS = ""; ORS = "\\n\\n" } index(names, " " $2 " ") == 0 { print }' \\
    /var/lib/dpkg/status > /var/lib/dpkg/status-slipway && mv /var/lib/dpkg/status-slipway /var/lib/dpkg/status
fi
for link in /etc/systemd/system/*.wants/* /etc/systemd/system/*.service; do
  [ -e "$link" ] || [ ! -L "$link" ] || [ "$(readlink "$link")" = /dev/null ] || rm -f "$link"
done
rm -f /var/lib/dpkg/lock* /var/lib/apt/lists/lock /var/cache/apt/archives/lock
`;

/**
 * The first process of the host: it reaps what others leave behind, and ends when the supervisor's end of the pipe
 * closes, so that a supervisor that is killed takes its hosts with it.
 */
const WAIT = `
# The controllers of the machine may all be at work in a v1 tree; a host says what a node is expected to have.
mount -t cgroup2 -o ro,nosuid,nodev,noexec cgroup2 /sys/fs/cgroup 2>/dev/null &&
  mount --bind "$stage/sys/fs/cgroup/cgroup.controllers" /sys/fs/cgroup/cgroup.controllers || :
umount "$stage" && rmdir "$stage"
exec 3<&0 < /dev/null
exec /bin/sh -c 'cat <&3 > /dev/null & life=$!; exec 3<&-; echo ready; exec > /dev/null 2>&1; wait "$life"' slipway-lab-init
`;

export const OVERLAY_HOST = START + OVERLAY_ROOT + FILE_SYSTEMS + INSIDE + WAIT;
export const USER_HOST = START + USER_ROOT + FILE_SYSTEMS + INSIDE + WAIT;
