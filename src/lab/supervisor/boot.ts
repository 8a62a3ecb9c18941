/** What a restart of a host undoes and redoes; run inside it, between two lives. */
export const BOOT = `set -u
for d in /run/* /run/.[!.]*; do
  case $d in /run/slipway-lab|/run/lock|/run/systemd) ;; *) rm -rf "$d" ;; esac
done
rm -rf /run/slipway-lab/calls/* /run/slipway-lab/units /run/slipway-lab/rules.* /tmp/* 2>/dev/null
for m in $(cat /run/slipway-lab/modules 2>/dev/null); do modprobe -r "$m"; done
rm -f /run/slipway-lab/modules
rm -rf /proc/sys/net/bridge
printf '0\\n' > /proc/sys/net/ipv4/ip_forward
printf '%s\\n' "$SLIPWAY_BOOT_ID" > /proc/sys/kernel/random/boot_id
hostname "$(cat /etc/hostname)" 2>/dev/null
head=$(sed 1q /proc/swaps); printf '%s\\n' "$head" > /proc/swaps
swapon -a
for f in /etc/modules /etc/modules-load.d/*.conf; do
  [ -r "$f" ] && sed 's/[#;].*//' "$f" | while read -r m rest; do [ -z "$m" ] || modprobe "$m"; done
done
for f in /etc/sysctl.d/*.conf /etc/sysctl.conf; do
  [ -r "$f" ] && sed 's/[#;].*//' "$f" | while IFS='= ' read -r key value; do
    p=/proc/sys/$(printf %s "\${key#-}" | tr . /)
    [ -z "$key" ] || [ ! -e "$p" ] || printf '%s\\n' "$value" > "$p"
  done
done
:
`;
