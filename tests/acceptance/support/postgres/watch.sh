#!/usr/bin/env bash
# Runs a server as long as it is needed: `watch.sh FILE DATA USER PROGRAM ARGUMENTS…`. Whoever needs it has FILE locked; its data goes with it.
set -uo pipefail
in_use=$1 data=$2 user=$3
shift 3
as_its_user=()
if [ -n "$user" ]; then
    as_its_user=(--reuid="$user" --regid="$user" --clear-groups)
fi
# However this ends, the server ends with it.
setpriv "${as_its_user[@]}" --pdeathsig=KILL -- "$@" -D "$data" &
server=$!
exec 9<"$in_use"
# Between two tests nobody has it locked for a moment, and while the next ones are compiled for longer.
idle=0
while kill -0 "$server" 2>/dev/null; do
    sleep 1
    if ! flock --nonblock --exclusive 9; then
        idle=0
        continue
    fi
    idle=$((idle + 1))
    if [ "$idle" -ge 20 ]; then
        # Still locked: whoever comes now waits until it is gone, and starts another one.
        kill -QUIT "$server"
        wait "$server"
        rm -rf "$data"
        exit
    fi
    flock --unlock 9
done
wait "$server"
