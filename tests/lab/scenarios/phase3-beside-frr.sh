# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# A hub and two spokes of ours beside a hub and two spokes of FRR's, in turn: from
# the first packet between two LANs to the route in the kernel. FRR's hub has the
# firewall rule of its manual first, then one that sends each sample at once.
. "$LAB/shortcut.sh"
. "$LAB/frr.sh"

ROUNDS=3
mesh
hub_conf hub redirect
edge_conf s1
edge_conf s2
sites_routed hub s1 s2
wan fhub 4
wan f1 5
wan f2 6
lan f1
lan f2
frr_spoke f1 fhub &
starting=$!
frr_spoke f2 fhub &
starting+=" $!"
frr fhub 'ip nhrp redirect' 'nhrp nflog-group 1'
frr_samples fhub
# shellcheck disable=SC2086 # a list
wait $starting
sites_routed fhub f1 f2
up hub s1 s2
wait_for 30 frr_registered f1 10.0.0.4
wait_for 30 frr_registered f2 10.0.0.4
clock s1
clock f1

ours() {
	must ctl hub redirect purge
	burst s1-lan 192.168.3.10 50
	wait_for 10 shortcut s1 192.168.3.0/24 10.0.0.3
	wait_for 10 shortcut s2 192.168.2.0/24 10.0.0.2
	burst_end
	together 's1 flush' 's2 flush'
}

theirs() {
	must on fhub nft flush set inet samples pairs
	burst f1-lan 192.168.6.10 50
	wait_for 10 shortcut f1 192.168.6.0/24 10.0.0.6
	wait_for 10 shortcut f2 192.168.5.0/24 10.0.0.5
	burst_end
	must vty f1 clear ip nhrp shortcut
	must vty f2 clear ip nhrp shortcut
}

rounds() {
	for _ in $(seq $ROUNDS); do
		ours
		theirs
	done
}

rounds
on fhub nft delete table inet samples
frr_samples fhub queue-threshold 1
rounds
shortcut_delays s1 192.168.3.0/24 10.0.0.3 > "$WORK/ours"
shortcut_delays f1 192.168.6.0/24 10.0.0.6 > "$WORK/theirs"
head -n $ROUNDS "$WORK/theirs" > "$WORK/theirs.manual"
tail -n $ROUNDS "$WORK/theirs" > "$WORK/theirs.at-once"

times() { # FILE: as many as our median
	awk -v "ours=$(median < "$WORK/ours")" '{ printf "%.1f", $1 / ours }' <(median < "$1")
}

equal "rounds" "$((ROUNDS * 2)) $((ROUNDS * 2))" "$(grep -c '[0-9]' "$WORK/ours") $(grep -c '[0-9]' "$WORK/theirs")"
[ "$(median < "$WORK/ours")" -lt "$(median < "$WORK/theirs.manual")" ] || fail 'slower than FRR'
pass "first packet to shortcut: ours $(spread < "$WORK/ours") ms," \
	"FRR $(spread < "$WORK/theirs.manual") ms, $(times "$WORK/theirs.manual") times that;" \
	"its samples sent at once $(spread < "$WORK/theirs.at-once") ms, $(times "$WORK/theirs.at-once") times"
