# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# Two spokes behind one outer address, encrypted. In transport mode their packets
# cannot be told apart: the second is refused, it says so, and the first goes on. In
# tunnel mode both are registered and reach each other by the hub.
. "$LAB/secure.sh"

shows_second() { # both ends name it
	grep "peer 100\.64\.2\.1 on gre1: 's2\.lab' came from the address of 's1\.lab'" "$WORK/hub.log"
}

refusals() {
	query hub counters 'select(.name == "sas_refused_shared_address") | .value'
}

# in_mode WORDS of the child: all of them.
in_mode() {
	hub_conf hub redirect
	edge_conf s1
	edge_conf s2
	for n in hub s1 s2; do
		secure $n "$@"
	done
}

core
esp
KEY=
wan hub 1
natted s1 2
nat_masquerade s1
index[s2]=3 private[s2]=172.16.2.3
behind s2 s1
in_mode
for n in hub s1 s2; do
	lan $n
	gre $n
done
sites_routed hub s1 s2
watch_wan hub s1
for n in hub s1 s2; do
	charon $n
done

up hub s1
ping_start first s1-lan 192.168.1.10 300
start s2
wait_for 40 shows_second
must query hub counters 'select(.name == "sas_refused_shared_address") | .value > 0'
must entry hub dynamic 10.0.0.2 100.64.2.1
# A while of it: later each time, and never as the first.
before=$(refusals)
ping_end_after=$(($(now) + 20000))
while [ "$(now)" -lt "$ping_end_after" ]; do
	sleep 0.5 # the second tries, and the first speaks
done
again=$(($(refusals) - before))
ping_stop first
must registered s1
must_not grep 'binding 10\.0\.0\.3 on gre1: dynamic' "$WORK/hub.log"
must query s2 nhs 'select(.state != "up") | .reason'
reason=$(cat "$WORK/last-check")
lost_first=$(ping_missed first)
sent_first=$(awk '/transmitted/ { print $1 }' "$WORK/ping-first")
[ "$again" -le 6 ] || fail "the second called $again times in 20 s; lost by the first $lost_first of $sent_first"
# Until the hub ends it, the kernel sends by the newest SA: a moment at each call.
[ "$lost_first" -le $(((before + again) * 3 * ${LAB_PATIENCE:-1})) ] || fail "lost by the first $lost_first of $sent_first, in $((before + again)) calls"

# Each in a tunnel of its own.
in_mode 'mode tunnel'
for n in hub s1 s2; do
	reload $n
	forsake $n
done
tunnel_ms=$(now)
wait_for 60 registered s1
wait_for 60 registered s2
tunnel_ms=$(($(now) - tunnel_ms))
wait_for 20 entry hub dynamic 10.0.0.2 172.16.2.2
wait_for 20 entry hub dynamic 10.0.0.3 172.16.2.3
ping_ok s1-lan 192.168.1.10 10
ping_ok s2-lan 192.168.1.10 10
ping_ok s1-lan 192.168.3.10 30
consistent hub
stop_all_of hub s1
pass "first lost $lost_first of $sent_first while the second was refused $before times, then $again in 20 s ($reason); tunnel mode: both after $tunnel_ms ms, by the hub to each other 0 of 30 lost, clear 0"
