# The floor of scale-20-steps.yml: the same work as one script over one connection, in a folder of this connection.
base=$(mktemp -d) && chmod 755 "$base"
printf 'net.ipv4.ip_forward = 1\n' > "$base/a.conf"
printf 'host=%s\nmsg=hello\n' "$base" > "$base/t.conf" && chmod 600 "$base/t.conf"
grep -qx overlay "$base/line" 2>/dev/null || echo overlay >> "$base/line"
grep -qx br_netfilter "$base/line" || echo br_netfilter >> "$base/line"
id daemon > /dev/null
getent group daemon > /dev/null
true
uname -r
uname -r > "$base/kernel"
stat -c '%s %a %U' /etc/kubernetes/admin.conf 2>/dev/null
: > "$base/empty"
cat "$base/a.conf"
ln -sfn "$base/a.conf" "$base/b.conf"
for i in 1 2 3 4 5; do echo $i; done
ls "$base"
true
sed -i 's/^absent$/# absent/' "$base/line"
printf 'x=1\n' > "$base/99-k.conf"
rm -rf "$base"
