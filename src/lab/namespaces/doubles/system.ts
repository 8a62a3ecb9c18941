/** Asks the lab's service manager: a folder with the arguments goes through a FIFO, and the answer comes back in it. */
export const systemctl = `#!/bin/sh
# Slipway lab: systemd does not run in this host. The lab starts and watches what unit files say.
d=$(mktemp -d /run/slipway-lab/calls/XXXXXXXX) || exit 1
chmod 755 "$d"
for word; do printf '%s\\n' "$word"; done > "$d/args"
printf '%s' "\${0##*/}" > "$d/program"
printf '%s' "$SLIPWAY_UNIT" > "$d/unit"
mkfifo "$d/done" && exec 3<>"$d/done" || exit 1
printf '%s\\n' "\${d##*/}" > /run/slipway-lab/manager || exit 1
read -r code <&3
[ ! -s "$d/err" ] || cat "$d/err" >&2
[ ! -s "$d/out" ] || cat "$d/out"
rm -rf "$d"
exit "$code"
`;

export const journalctl = `#!/bin/sh
# Slipway lab: what the services of this host wrote, kept in /var/log/slipway-lab.
units= lines= follow=
while [ $# -gt 0 ]; do
  case $1 in
    -u|--unit) units="$units $2"; shift ;;
    -u*) units="$units \${1#-u}" ;;
    --unit=*) units="$units \${1#*=}" ;;
    -n|--lines) lines=$2; shift ;;
    -n*) lines=\${1#-n} ;;
    --lines=*) lines=\${1#*=} ;;
    -f|--follow) follow=1 ;;
    -o|--output) shift ;;
    -xeu|-eu) units="$units $2"; shift ;;
    -S|--since|-U|--until|-p|--priority|-t) shift ;;
  esac
  shift
done
set --
for unit in $units; do
  case $unit in *.*) ;; *) unit=$unit.service ;; esac
  [ ! -e "/var/log/slipway-lab/$unit.log" ] || set -- "$@" "/var/log/slipway-lab/$unit.log"
done
[ -n "$units" ] || for file in /var/log/slipway-lab/*.log; do [ ! -e "$file" ] || set -- "$@" "$file"; done
[ $# -gt 0 ] || { echo '-- No entries --'; exit 0; }
if [ -n "$follow" ]; then tail -q -n "\${lines:-10}" -f "$@"
elif [ -n "$lines" ] && [ "$lines" != all ]; then cat "$@" | tail -n "$lines"
else cat "$@"
fi
`;

export const detectVirt = `#!/bin/sh
# Slipway lab: a lab host is a container of a kind.
case " $* " in *' -q '*|*' --quiet '*) exit 0 ;; *' --vm '*|*' -v '*) echo none; exit 1 ;; esac
echo container-other
`;

export const hostnamectl = `#!/bin/sh
# Slipway lab: /etc/hostname and the host's own name.
while [ $# -gt 0 ]; do case $1 in --static|--transient|--pretty|--no-ask-password) shift ;; *) break ;; esac; done
case $1 in
  set-hostname|hostname)
    [ -n "$2" ] || { hostname; exit; }
    printf '%s\\n' "$2" > /etc/hostname && hostname "$2" ;;
  ''|status) printf ' Static hostname: %s\\n  Virtualization: container-other\\n' "$(cat /etc/hostname)" ;;
  *) echo "Unknown command verb $1." >&2; exit 1 ;;
esac
`;

export const timedatectl = `#!/bin/sh
# Slipway lab: the clock is the machine's; the time zone is the host's.
zone=$(readlink /etc/localtime 2>/dev/null | sed 's|.*/zoneinfo/||')
zone=\${zone:-Etc/UTC}
case $1 in
  show)
    all="Timezone=$zone
LocalRTC=no
CanNTP=yes
NTP=yes
NTPSynchronized=yes"
    shift; keys= value=0
    while [ $# -gt 0 ]; do
      case $1 in -p|--property|-P) [ "$1" != -P ] || value=1; keys="$keys $2"; shift ;; -p*) keys="$keys \${1#-p}" ;; --property=*) keys="$keys \${1#*=}" ;; --value) value=1 ;; esac
      shift
    done
    [ -n "$keys" ] || { echo "$all"; exit 0; }
    for key in $(echo $keys | tr , ' '); do
      line=$(echo "$all" | grep "^$key=") || continue
      [ $value = 1 ] && echo "\${line#*=}" || echo "$line"
    done ;;
  set-timezone)
    [ -e "/usr/share/zoneinfo/$2" ] || { echo "Failed to set time zone: Invalid or not installed time zone '$2'" >&2; exit 1; }
    ln -sf "/usr/share/zoneinfo/$2" /etc/localtime && echo "$2" > /etc/timezone ;;
  set-ntp) ;;
  ''|status) printf '                Time zone: %s\\nSystem clock synchronized: yes\\n              NTP service: active\\n' "$zone" ;;
  *) echo "Unknown command verb $1." >&2; exit 1 ;;
esac
`;

/** Only in a copied root, where no namespace gives the host a name of its own. */
export const hostname = `#!/bin/sh
# Slipway lab: this host has no name of its own in the kernel, so /etc/hostname is its name.
case $1 in
  ''|-s|--short|-f|--fqdn|--long|-a|-A) cat /etc/hostname ;;
  -i|-I|--ip-address|--all-ip-addresses) cat /etc/slipway-lab/address ;;
  -F|--file|-b) [ "$1" != -b ] || shift; cat "$2" > /etc/hostname ;;
  -*) echo "hostname: unknown option $1" >&2; exit 1 ;;
  *) printf '%s\\n' "$1" > /etc/hostname ;;
esac
`;

export const uname = `#!/bin/sh
# Slipway lab: see hostname.
real=/usr/lib/slipway-lab/real/uname
case $1 in
  -n|--nodename) cat /etc/hostname ;;
  -a|--all) $real "$@" | sed "s/^\\([^ ]*\\) [^ ]*/\\1 $(cat /etc/hostname)/" ;;
  -nrvm) echo "$(cat /etc/hostname) $($real -rvm)" ;;
  *) exec $real "$@" ;;
esac
`;

/** Only in a copied root, where the kernel would refuse: the table of mounts is a file. */
export const mount = `#!/bin/sh
# Slipway lab: no mount is possible here; the table of this host's mounts is a file, and mounts are lines in it.
table=/proc/mounts kind=none options=rw source= target= all=0
while [ $# -gt 0 ]; do
  case $1 in
    -t) kind=$2; shift ;; -o) options=$2; shift ;; -a|--all) all=1 ;; --bind|--rbind) options=bind ;;
    -*) ;;
    *) if [ -z "$source" ]; then source=$1; else target=$1; fi ;;
  esac
  shift
done
if [ $all = 1 ]; then
  awk '$1 !~ /^#/ && NF >= 4 && $3 != "swap" && $4 !~ /noauto/ { print $1, $2, $3, $4 }' /etc/fstab | while read -r s t k o; do
    grep -q " $t " $table || echo "$s $t $k $o 0 0" >> $table
  done
  exit 0
fi
[ -n "$source" ] || { awk '{ print $1 " on " $2 " type " $3 " (" $4 ")" }' $table; exit 0; }
if [ -z "$target" ]; then
  line=$(awk -v x="$source" '$1 !~ /^#/ && ($1 == x || $2 == x) { print $1, $2, $3, $4; exit }' /etc/fstab)
  [ -n "$line" ] || { echo "mount: $source: can't find in /etc/fstab." >&2; exit 1; }
  set -- $line; source=$1 target=$2 kind=$3 options=$4
fi
case ,$options, in *,remount,*) exit 0 ;; esac
[ -d "$target" ] || { echo "mount: $target: mount point does not exist." >&2; exit 32; }
echo "$source $target $kind $options 0 0" >> $table
`;

export const umount = `#!/bin/sh
# Slipway lab: see mount.
code=0
for word; do
  case $word in -*) continue ;; esac
  if grep -q " $word " /proc/mounts; then
    kept=$(grep -v " $word " /proc/mounts); printf '%s\\n' "$kept" > /proc/mounts
  else echo "umount: $word: not mounted." >&2; code=32
  fi
done
exit $code
`;

/**
 * The hosts share the machine's network, so by its addresses they would all be one; this shows the one that is a
 * host's own. Everything but showing goes to the real program, which has no right to change anything.
 */
export const ip = `#!/bin/sh
# Slipway lab: shows this host's own address; all else is the real ip.
real=/usr/lib/slipway-lab/real/ip
[ -r /etc/slipway-lab/address ] || exec $real "$@"
form=long what= verb= name=
for word; do
  case $word in
    -o|-oneline) form=one ;;
    -br|-brief) form=brief ;;
    -4|-f|inet|-family) ;;
    -*) exec $real "$@" ;;
    *) if [ -z "$what" ]; then what=$word; elif [ -z "$verb" ]; then verb=$word; else name=$word; fi ;;
  esac
done
case $what in a|ad|addr|address|l|link) ;; *) exec $real "$@" ;; esac
case $verb in ''|s|sh|show|list|ls) ;; *) exec $real "$@" ;; esac
read -r address < /etc/slipway-lab/address
for card in $(cd /sys/class/net && ls); do [ "$card" = lo ] || break; done
mac=$(cat "/sys/class/net/$card/address")
show() {
  case $name in ''|dev|"$2") ;; *) return ;; esac
  case $what$form in
    l*long) printf '%s: %s: <UP,LOWER_UP> mtu %s qdisc noqueue state UP mode DEFAULT group default qlen 1000\\n    link/%s %s brd %s\\n' "$1" "$2" "$3" "$4" "$5" "$6" ;;
    l*one) printf '%s: %s: <UP,LOWER_UP> mtu %s qdisc noqueue state UP mode DEFAULT group default qlen 1000\\\\    link/%s %s brd %s\\n' "$1" "$2" "$3" "$4" "$5" "$6" ;;
    l*brief) printf '%s UP %s <UP,LOWER_UP>\\n' "$2" "$5" ;;
    *long) printf '%s: %s: <UP,LOWER_UP> mtu %s qdisc noqueue state UP group default qlen 1000\\n    link/%s %s brd %s\\n    inet %s/8 scope %s %s\\n       valid_lft forever preferred_lft forever\\n' "$1" "$2" "$3" "$4" "$5" "$6" "$7" "$8" "$2" ;;
    *one) printf '%s: %s    inet %s/8 scope %s %s\\\\       valid_lft forever preferred_lft forever\\n' "$1" "$2" "$7" "$8" "$2" ;;
    *brief) printf '%s UP %s/8\\n' "$2" "$7" ;;
  esac
}
show 1 lo 65536 loopback 00:00:00:00:00:00 00:00:00:00:00:00 127.0.0.1 host
show 2 "$card" 1500 ether "$mac" ff:ff:ff:ff:ff:ff "$address" global
`;
