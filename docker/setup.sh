#!/bin/sh
# Makes a Debian root into a node; run once, while the image is built. Installs only what is missing, so that a base
# that has it all needs no network.
set -eu
export DEBIAN_FRONTEND=noninteractive

wanted='systemd systemd-sysv dbus openssh-server sudo gnupg iproute2 iptables kmod procps cron curl ca-certificates xz-utils unzip python3-minimal'
missing=
for package in $wanted; do
  # Python is for comparing with tools that need it; a base without it will do.
  [ "$package" = python3-minimal ] && [ -z "$missing" ] && continue
  dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q '^install ok installed$' || missing="$missing $package"
done
if [ -n "$missing" ]; then
  apt-get update
  # shellcheck disable=SC2086
  apt-get install -y --no-install-recommends $missing
  apt-get clean
fi

# What a container has no hardware or right for; without this the node would count as degraded.
systemctl mask -- systemd-udevd.service systemd-udev-trigger.service systemd-udev-settle.service \
  systemd-modules-load.service systemd-remount-fs.service getty.target console-getty.service systemd-logind.service \
  dev-hugepages.mount sys-fs-fuse-connections.mount sys-kernel-config.mount sys-kernel-debug.mount \
  sys-kernel-tracing.mount proc-sys-fs-binfmt_misc.automount systemd-timesyncd.service \
  apt-daily.timer apt-daily-upgrade.timer >/dev/null 2>&1 || :

# Docker gives /proc/sys read-only. The parameters of the node's own network namespace are its own to set; the others
# are the machine's and stay as they are.
cat > /usr/local/sbin/own-network-parameters <<'END'
#!/bin/sh
set -e
[ -w /proc/sys/net/ipv4/ip_forward ] && touch -c /proc/sys/net/ipv4/ip_forward 2>/dev/null && exit 0
mkdir -p /run/own-proc
mount -t proc proc /run/own-proc
mount --bind /run/own-proc/sys/net /proc/sys/net
umount /run/own-proc
END
chmod 755 /usr/local/sbin/own-network-parameters
cat > /etc/systemd/system/own-network-parameters.service <<'END'
[Unit]
Description=The parameters of the node's own network can be set
DefaultDependencies=no
Before=systemd-sysctl.service sysinit.target

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/local/sbin/own-network-parameters

[Install]
WantedBy=sysinit.target
END
systemctl enable own-network-parameters >/dev/null 2>&1

cat > /etc/ssh/sshd_config.d/slipway-node.conf <<'END'
PermitRootLogin prohibit-password
UseDNS no
MaxStartups 200:30:400
END
mkdir -p -m 700 /root/.ssh
# Each node gets keys and an identity of its own.
rm -f /etc/ssh/ssh_host_* /usr/sbin/policy-rc.d
: > /etc/machine-id
# systemd would take that of D-Bus, which is the same in every node, before it makes one.
if [ -d /var/lib/dbus ]; then ln -sf /etc/machine-id /var/lib/dbus/machine-id; fi
mkdir -p /etc/systemd/system/ssh.service.d
printf '[Service]\nExecStartPre=\nExecStartPre=/usr/bin/ssh-keygen -A\nExecStartPre=/usr/sbin/sshd -t\n' > /etc/systemd/system/ssh.service.d/slipway-node.conf
systemctl enable ssh >/dev/null 2>&1
