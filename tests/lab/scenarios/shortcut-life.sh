# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# A shortcut lives as long as it is used, through renewals that nobody notices,
# and not longer than its holding time after that.
. "$LAB/lib.sh"

HOLD=20
mesh
hub_conf hub 'redirect rate 600'
edge_conf s1
edge_conf s2
sites_routed hub s1 s2
up hub s1 s2

straight() {
	shortcut s1 192.168.3.0/24 10.0.0.3 && shortcut s2 192.168.2.0/24 10.0.0.2
}

renewals() { # NODE
	query "$1" counters 'select(.name == "resolutions_learnt") | .value'
}

# The kernel notices some time after a packet that the entry is in use, and an answer
# to that is a renewal. The flow ends there, at the worst of times.
noticing() {
	ip -n s1 neigh show 10.0.0.3 dev gre1 | grep DELAY
}

ping_start flow s1-lan 192.168.3.10 90
wait_for 5 straight
for n in s1 s2; do
	on $n ip -ts monitor route neigh > "$WORK/monitor-$n" 2>&1 &
done
watch_data hub
began_renewals=$(($(renewals s1) + $(renewals s2)))
sleep 60 # of traffic
renewed=$(($(renewals s1) + $(renewals s2) - began_renewals))
must_not grep -E "Deleted.* proto $PROTO_SHORTCUT" "$WORK/monitor-s1" "$WORK/monitor-s2"
must straight
wait_for 30 noticing
kill -INT "${ping_pid[flow]}"
ping_end flow
equal 'packets lost in 60 s' 0 "$(ping_lost flow)"
equal 'packets relayed by the hub' 0 "$(packets data-hub)"
[ "$renewed" -ge 4 ] || fail "renewed $renewed times in 60 s"

# Nobody uses it any more: the route goes, and the neighbour with it.
gone() { # NODE PREFIX VIA
	no_shortcut "$@" && ! prints "^$3 " ours "$1" neigh
}

# Milliseconds from the last packet to the end of an entry.
lived() { # NODE WHAT
	local last end
	last=$(sed -n 's/^\[\([0-9]*\)\.\([0-9]\{3\}\).*bytes from.*/\1\2/p' "$WORK/ping-flow" | tail -n 1)
	end=$(awk -v what="$2" '$2 == "Deleted" && $3 == what { t = $1 } END { print t }' \
		"$WORK/monitor-$1" | tr -d '[]')
	echo $(($(date -d "${end/T/ }" +%s%3N) - last))
}

wait_for 30 gone s1 192.168.3.0/24 10.0.0.3
wait_for 30 gone s2 192.168.2.0/24 10.0.0.2
lives="$(lived s1 192.168.3.0/24) $(lived s1 10.0.0.3) $(lived s2 192.168.2.0/24) $(lived s2 10.0.0.2)"
for ms in $lives; do
	[ "$ms" -le $(((HOLD + 2) * 1000)) ] || fail "gone after $ms ms"
done
consistent s1 s2
pass "lost 0 of $(grep -c 'bytes from' "$WORK/ping-flow") with $renewed renewals, gone after $lives ms"
