# The floor with plain OpenSSH: one script over one connection to each host, all hosts at once.
# Usage: floor-ssh.sh SCRIPT USER KEY KNOWN_HOSTS COMMAND ADDRESS:PORT...
script=$1 user=$2 key=$3 known=$4 command=$5
shift 5
pids=
for host; do
  ssh -F none -o BatchMode=yes -o IdentitiesOnly=yes -o UserKnownHostsFile="$known" -i "$key" -p "${host##*:}" \
    "$user@${host%:*}" "$command" < "$script" > /dev/null &
  pids="$pids $!"
done
failed=0
for pid in $pids; do wait "$pid" || failed=1; done
exit $failed
