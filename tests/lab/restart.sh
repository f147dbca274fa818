# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# What a restart of a daemon costs; sourced by the scenarios of that name.
# shellcheck source-path=SCRIPTDIR
. "$LAB/lib.sh"

# s1 to s2 in two ways at once: LAN to LAN through the hub, and tunnel address to
# tunnel address without it.
restart_mesh() {
	HOLD=600
	mesh
	up hub s1 s2
	relay
	ping_ok s1-lan 192.168.3.10
	ping_ok s1 10.0.0.3
	consistent hub s1 s2
}

deleted_neighbours() { # NODE: what the kernel told of removed entries
	grep -c '^Deleted 10\.' "$WORK/monitor-$1" || true
}

# survives NODE SIGNAL: ten seconds without its daemon, under traffic.
survives() {
	local n=$1 signal=$2 before
	before=$(cache_pairs "$n")
	on "$n" ip monitor neigh > "$WORK/monitor-$n" 2>&1 &
	ping_start relayed s1-lan 192.168.3.10 20
	ping_start direct s1 10.0.0.3 20
	stop "$n" "$signal"
	sleep 10 # without a daemon
	equal "neighbours of $n without its daemon" "$before" "$(kernel_pairs "$n")"
	start "$n"
	# Complete when it first answers, not after anybody registered again.
	equal "cache of $n right after its start" "$before" "$(cache_pairs "$n")"
	ping_end relayed
	ping_end direct
	equal "packets lost of 200 through the hub" 0 "$(ping_lost relayed)"
	equal "packets lost of 200 spoke to spoke" 0 "$(ping_lost direct)"
	equal "cache of $n at the end" "$before" "$(cache_pairs "$n")"
	equal "neighbours that $n lost on the way" 0 "$(deleted_neighbours "$n")"
	consistent hub s1 s2
}
