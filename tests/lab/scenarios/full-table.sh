# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# A hundred thousand routes elsewhere in the spoke's main table cost its daemon
# nothing: not under traffic, and not when they come and go; nor do its shortcuts
# notice.
. "$LAB/lib.sh"

# What a sanitizer keeps of freed memory is not the daemon's.
export ASAN_OPTIONS="${ASAN_OPTIONS:-}:quarantine_size_mb=0:thread_local_quarantine_size_kb=0"
COUNT=100000
HOLD=20
mesh
hub_conf hub 'redirect rate 600'
edge_conf s1
edge_conf s2
sites_routed hub s1 s2

# Milliseconds of processor that the daemon of s1 has used; kilobytes that it has for
# itself: what it shares depends on who else runs the same program.
used() {
	awk '{ printf "%d\n", $1 / 1000000 }' "/proc/${pid[s1]}/schedstat"
}

memory() {
	awk '$1 == "Anonymous:" { print $2 }' "/proc/${pid[s1]}/smaps_rollup"
}

counter() { # NAME
	query s1 counters "select(.name == \"$1\") | .value" || echo 0
}

routes() { # add|del|replace GATEWAY
	must on s1 "$BUILD/tests/lab/fulltable" "$1" $COUNT eth0 "$2"
}

straight() {
	shortcut s1 192.168.3.0/24 10.0.0.3 && shortcut s2 192.168.2.0/24 10.0.0.2
}

# A new daemon, until its shortcut stands, and then twenty seconds of traffic. What
# it used and has is in start_ms, flow_ms and kb.
measure() {
	local before
	up s1
	on s1-lan ping -n -i 0.1 -c 5 192.168.3.10 > /dev/null
	wait_for 10 straight
	start_ms=$(used)
	ping_start flow s1-lan 192.168.3.10 20
	before=$(used)
	ping_end flow
	flow_ms=$(($(used) - before))
	kb=$(memory)
	equal 'packets lost of 200' 0 "$(ping_lost flow)"
}

up hub s2
up s1 # so that its program is in memory
stop s1 TERM
measure
figures="few: start $start_ms ms, traffic $flow_ms ms, $kb KB"
few_ms=$flow_ms few_kb=$kb
stop s1 TERM
routes add 100.64.2.2
measure
figures+="; many: start $start_ms ms, traffic $flow_ms ms, $kb KB"
# Kept, they take 44 MB. With huge pages under it, a daemon itself has some megabytes
# more or less from start to start.
[ "$kb" -le $((few_kb + 12000)) ] || fail "$figures"
[ "$flow_ms" -le $((few_ms * 3 + 200)) ] || fail "$figures"

# They go, come again, and lead elsewhere, as when a BGP session flaps.
on s1 ip monitor route > "$WORK/monitor" 2>&1 &
ping_start flap s1-lan 192.168.3.10 200
began_notices=$(counter kernel_route_notices)
began_ms=$(used)
routes del 100.64.2.2
routes add 100.64.2.2
routes replace 100.64.99.1
flap_ms=$(($(used) - began_ms))
kill -INT "${ping_pid[flap]}"
ping_end flap
equal 'packets lost meanwhile' 0 "$(ping_lost flap)"
must straight
must_not grep -E "Deleted 192.168.* proto $PROTO_SHORTCUT" "$WORK/monitor"
figures+="; 300000 changes: $flap_ms ms, $(memory) KB"
notices=$(($(counter kernel_route_notices) - began_notices))
[ "$notices" -le 100 ] || fail "$notices notices; $figures"
[ "$flap_ms" -le 1000 ] || fail "$figures"
[ "$(memory)" -le $((few_kb + 12000)) ] || fail "$figures"

# What replaces the route below a shortcut is heard of; and so is, with the next dump,
# what replaces one that nobody had heard of before.
ip -n s1 route replace 192.168.0.0/16 via 100.64.2.2 dev eth0
wait_for 5 no_shortcut s1 192.168.3.0/24 10.0.0.3
dumps=$(counter kernel_route_dumps)
read_again() {
	[ "$(counter kernel_route_dumps)" -gt "$dumps" ]
}
known() { # PREFIX
	query s1 routes "select(.prefix == \"$1\")"
}
ip -n s1 -batch - <<- END
	route add 172.30.0.0/16 via 10.0.0.1 dev gre1 onlink
	route add 172.31.0.0/16 via 10.0.0.1 dev gre1 onlink
	route replace 172.30.0.0/16 via 100.64.2.2 dev eth0
END
wait_for 20 read_again
wait_for 5 known 172.31.0.0/16
must_not known 172.30.0.0/16
pass "$figures, $notices notices"
