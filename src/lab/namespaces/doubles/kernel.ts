/**
 * Stand-ins for programs that would change the machine's kernel. A lab host shares that kernel, so they act on files
 * that only the host sees (/proc/swaps, /proc/modules, /sys/module, /proc/sys are plain copies there).
 */
export const swapoff = `#!/bin/sh
# Slipway lab: takes lines out of this host's own /proc/swaps; the machine's swap is never touched.
table=/proc/swaps all=0 code=0 names=
for word; do
  case $word in
    -a|--all) all=1 ;;
    -v|--verbose|-e|--ifexists) ;;
    -*) echo "swapoff: the lab's swapoff does not know $word" >&2; exit 1 ;;
    *) names="$names $word" ;;
  esac
done
[ "$all$names" != 0 ] || { echo 'swapoff: bad usage' >&2; exit 1; }
[ "$(id -u)" = 0 ] || { echo 'swapoff: Not superuser.' >&2; exit 1; }
if [ $all = 1 ]; then kept=$(sed 1q $table); printf '%s\\n' "$kept" > $table; exit 0; fi
for name in $names; do
  if grep -q "^$name[[:space:]]" $table; then
    kept=$(grep -v "^$name[[:space:]]" $table); printf '%s\\n' "$kept" > $table
  else
    echo "swapoff: $name: swapoff failed: Invalid argument" >&2; code=4
  fi
done
exit $code
`;

export const swapon = `#!/bin/sh
# Slipway lab: writes this host's own /proc/swaps.
table=/proc/swaps
add() {
  [ -e "$1" ] || { echo "swapon: cannot open $1: No such file or directory" >&2; code=255; return; }
  grep -q "^$1[[:space:]]" $table && { echo "swapon: $1: swapon failed: Device or resource busy" >&2; code=255; return; }
  size=$(wc -c < "$1")
  size=$((size / 1024)); [ $size -gt 0 ] || size=2097148
  printf '%s\\t\\t\\t\\tfile\\t\\t%s\\t\\t0\\t\\t-2\\n' "$1" "$size" >> $table
}
code=0 show=0 heading=1
[ $# -gt 0 ] || show=1
for word; do
  case $word in
    -s|--summary) cat $table ;;
    --show*) show=1 ;;
    --noheadings) heading=0 ;;
    -a|--all)
      for path in $(awk '$1 !~ /^#/ && $3 == "swap" && $4 !~ /noauto/ { print $1 }' /etc/fstab 2>/dev/null); do
        grep -q "^$path[[:space:]]" $table || add "$path"
      done ;;
    -*) ;;
    *) add "$word" ;;
  esac
done
if [ $show = 1 ]; then
  awk -v heading=$heading 'NR == 2 && heading { print "NAME TYPE SIZE USED PRIO" } NR > 1 { print $1, $2, $3 "K", $4 "B", $5 }' $table
fi
exit $code
`;

export const modprobe = `#!/bin/sh
# Slipway lab: a module is a name in this host's own /proc/modules and /sys/module; nothing is loaded.
remove=0 quiet=0 dry=0 many=0 names=
for word; do
  case $word in
    -r|--remove) remove=1 ;;
    -q|--quiet) quiet=1 ;;
    -n|--dry-run|--show) dry=1 ;;
    -a|--all) many=1 ;;
    -*) ;;
    *) [ -n "$names" ] && [ $many = 0 ] || names="$names $(printf %s "$word" | tr - _)" ;;
  esac
done
[ -n "$names" ] || { echo 'modprobe: ERROR: missing parameters. See -h.' >&2; exit 1; }
known() {
  [ -d "/sys/module/$1" ] && return 0
  case $1 in
    overlay|br_netfilter|bridge|nf_*|nft_*|nfnetlink*|ip_vs*|ip_set*|ip_tables|ip6_tables|iptable_*|ip6table_*|xt_*|x_tables|vxlan|geneve|dummy|veth|tun|macvlan|ipvlan|ipip|wireguard|fuse|loop|nbd|rbd|ceph|nfs|nfsd|zram|dm_*|8021q|bonding|sctp|configfs|kvm*|vhost*|virtio*|cifs|udp_tunnel|stp|llc) return 0 ;;
  esac
  for list in "/lib/modules/$(uname -r)/modules.dep" "/lib/modules/$(uname -r)/modules.builtin"; do
    [ -r "$list" ] && tr - _ < "$list" | grep -q "/$1\\.ko" && return 0
  done
  return 1
}
for name in $names; do
  if ! known "$name"; then
    [ $quiet = 1 ] || echo "modprobe: FATAL: Module $name not found in directory /lib/modules/$(uname -r)" >&2
    exit 1
  fi
  [ $dry = 0 ] || continue
  if [ $remove = 1 ]; then
    rm -rf "/sys/module/$name"
    [ ! -e /proc/modules ] || { kept=$(grep -v "^$name " /proc/modules); printf '%s\\n' "$kept" > /proc/modules; }
    continue
  fi
  [ -d "/sys/module/$name" ] && continue
  mkdir -p "/sys/module/$name/parameters" || exit 1
  echo live > "/sys/module/$name/initstate"
  echo "$name" >> /run/slipway-lab/modules
  # A kernel without loadable modules has no such file, and this host none either.
  [ ! -e /proc/modules ] || echo "$name 16384 0 - Live 0x0000000000000000" >> /proc/modules
  case $name in
    br_netfilter)
      mkdir -p /proc/sys/net/bridge
      for key in iptables ip6tables arptables; do
        [ -e /proc/sys/net/bridge/bridge-nf-call-$key ] || echo 1 > /proc/sys/net/bridge/bridge-nf-call-$key
      done ;;
    nf_conntrack)
      mkdir -p /proc/sys/net/netfilter
      [ -e /proc/sys/net/netfilter/nf_conntrack_max ] || echo 262144 > /proc/sys/net/netfilter/nf_conntrack_max ;;
  esac
done
`;

/** One script for all families and uses; it keeps the rules in a file in the form of iptables-save. */
export const iptables = `#!/bin/sh
# Slipway lab: the rules of this host are a list in a file; no packet is ever filtered by them.
name=\${0##*/}
case $name in ip6*) state=/run/slipway-lab/rules.v6 ;; *) state=/run/slipway-lab/rules.v4 ;; esac
[ -e $state ] || : > $state
# Each line of the state: TABLE<tab>what iptables-save prints.
save() {
  for table in $(cut -f1 $state | sort -u); do
    [ -z "$1" ] || [ "$1" = "$table" ] || continue
    echo "*$table"
    awk -F '\\t' -v t="$table" '$1 == t && $2 ~ /^:/ { print $2 }' $state
    awk -F '\\t' -v t="$table" '$1 == t && $2 !~ /^:/ { print $2 }' $state
    echo COMMIT
  done
}
case $name in
  *-save) [ "$1" = -t ] && save "$2" || save ''; exit 0 ;;
  *-restore)
    flush=1
    for word; do case $word in -n|--noflush) flush=0 ;; esac; done
    new=$(mktemp) && awk -v OFS='\\t' '/^\\*/ { t = substr($0, 2); next } /^(#|COMMIT|$)/ { next } { print t, $0 }' > "$new"
    if [ $flush = 1 ]; then cat "$new" > $state; else
      tab=$(printf '\\t')
      while IFS=$tab read -r table line; do
        case $line in
          :*) grep -qxF "$table$tab$line" $state || printf '%s\\t%s\\n' "$table" "$line" >> $state ;;
          *) eval "set -- $line" && "\${0%-restore}" -t "$table" "$@" || exit 1 ;;
        esac
      done < "$new"
    fi
    rm -f "$new"; exit 0 ;;
esac
table=filter verb= rest=
while [ $# -gt 0 ]; do
  case $1 in
    -t|--table) table=$2; shift ;;
    -w|--wait|-n|--numeric|-v|--verbose|--line-numbers) case $2 in [0-9]|[0-9][0-9]) shift ;; esac ;;
    -V|--version) echo "$name v1.8.9 (slipway-lab)"; exit 0 ;;
    -A|-I|-D|-C|-N|-X|-F|-S|-L|-P|-Z) verb=$1 ;;
    --append) verb=-A ;; --insert) verb=-I ;; --delete) verb=-D ;; --check) verb=-C ;; --new-chain) verb=-N ;;
    --delete-chain) verb=-X ;; --flush) verb=-F ;; --list-rules) verb=-S ;; --list) verb=-L ;; --policy) verb=-P ;;
    *) rest="$rest\${rest:+ }$1" ;;
  esac
  shift
done
chain=\${rest%% *}; rule=\${rest#"$chain"}; rule=\${rule# }
mine() { awk -F '\\t' -v t="$table" '$1 == t { print $2 }' $state; }
drop() { kept=$(awk -F '\\t' -v OFS='\\t' "$@" $state); printf '%s' "$kept\${kept:+
}" > $state; }
built_in() { case $1 in INPUT|OUTPUT|FORWARD|PREROUTING|POSTROUTING) return 0 ;; esac; return 1; }
exists() { built_in "$1" || mine | grep -q "^:$1 "; }
none() { echo "$name: No chain/target/match by that name." >&2; exit 1; }
case $verb in
  -N) exists "$chain" && { echo "$name: Chain already exists." >&2; exit 1; }; printf '%s\\t:%s - [0:0]\\n' "$table" "$chain" >> $state ;;
  -A) exists "$chain" || none; printf '%s\\t-A %s %s\\n' "$table" "$chain" "$rule" >> $state ;;
  -I)
    exists "$chain" || none
    case $rule in [0-9]*\\ *) rule=\${rule#* } ;; esac
    all=$(cat $state); printf '%s\\t-A %s %s\\n%s' "$table" "$chain" "$rule" "$all\${all:+
}" > $state ;;
  -C) mine | grep -qxF -e "-A $chain $rule" || { echo "$name: Bad rule (does a matching rule exist in that chain?)." >&2; exit 1; } ;;
  -D)
    mine | grep -qxF -e "-A $chain $rule" || { echo "$name: Bad rule (does a matching rule exist in that chain?)." >&2; exit 1; }
    line="-A $chain $rule" drop -v t="$table" '!($1 == t && $2 == ENVIRON["line"] && !done++) { print }' ;;
  -F) [ -z "$chain" ] || exists "$chain" || none
      c="$chain" drop -v t="$table" '!($1 == t && $2 ~ /^-A / && (ENVIRON["c"] == "" || index($2, "-A " ENVIRON["c"] " ") == 1)) { print }' ;;
  -X) [ -z "$chain" ] || mine | grep -q "^:$chain " || none
      c="$chain" drop -v t="$table" '!($1 == t && $2 ~ /^:/ && (ENVIRON["c"] == "" || index($2, ":" ENVIRON["c"] " ") == 1)) { print }' ;;
  -P|-Z) ;;
  -S) mine | grep '^-A' | { [ -n "$chain" ] && grep "^-A $chain " || cat; } ;;
  -L) for one in INPUT FORWARD OUTPUT; do [ -z "$chain" ] || [ "$chain" = $one ] || continue; echo "Chain $one (policy ACCEPT)"; done
      mine | grep '^-A' ;;
  *) echo "$name: no command specified" >&2; exit 2 ;;
esac
exit 0
`;
