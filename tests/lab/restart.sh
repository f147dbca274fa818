# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# What a restart of a daemon costs; sourced by the scenarios of that name.
# shellcheck source-path=SCRIPTDIR
. "$LAB/lib.sh"

# s1 to s2 in two ways at once: LAN to LAN by a shortcut; and through the hub, between
# addresses that neither of them answers for.
restart_mesh() {
	local n
	HOLD=600
	mesh
	hub_conf hub 'redirect rate 600'
	edge_conf s1
	edge_conf s2
	sites_routed hub s1 s2
	site_by s1 hub
	site_by s2 hub
	up hub s1 s2
	# Each kernel asks for its neighbours while nobody is there to answer.
	for n in hub s1 s2; do
		on $n sysctl -qw net.ipv4.neigh.gre1.base_reachable_time_ms=2000
	done
	ping_ok s1-lan 192.168.3.10
	wait_for 10 shortcut s1 192.168.3.0/24 10.0.0.3
	wait_for 10 shortcut s2 192.168.2.0/24 10.0.0.2
	consistent hub s1 s2
}

# Of what the hub relays, what lies between the LANs.
BY_LANS='ip[40:4] = 0xc0a8020a or ip[40:4] = 0xc0a8030a'

shortcuts() { # NODE
	query "$1" shortcuts 'select(.state == "up") | .prefix + " " + .via' || true
}

# survives NODE SIGNAL: without its daemon for a while, under traffic.
survives() {
	local n=$1 signal=$2 cache shortcuts m
	cache=$(cache_pairs "$n")
	shortcuts=$(shortcuts "$n")
	for m in hub s1 s2; do
		on $m ip monitor neigh route > "$WORK/monitor-$m" 2>&1 &
	done
	ping_start relayed s1 192.168.33.1 14 -I 192.168.22.1
	ping_start direct s1-lan 192.168.3.10 14
	stop "$n" "$signal"
	watch_data hub
	sleep 5 # without a daemon
	equal "neighbours of $n without its daemon" "$cache" "$(kernel_pairs "$n")"
	start "$n"
	# Complete when it first answers, not after anybody registered again.
	equal "cache of $n right after its start" "$cache" "$(cache_pairs "$n")"
	equal "shortcuts of $n right after its start" "$shortcuts" "$(shortcuts "$n")"
	ping_end relayed
	ping_end direct
	equal "packets lost of 140 through the hub" 0 "$(ping_lost relayed)"
	equal "packets lost of 140 by the shortcut" 0 "$(ping_lost direct)"
	end_capture data-hub
	must seen data-hub 100
	equal "packets that left the shortcut" 0 "$(packets data-hub "$BY_LANS")"
	equal "cache of $n at the end" "$cache" "$(cache_pairs "$n")"
	equal "shortcuts of $n at the end" "$shortcuts" "$(shortcuts "$n")"
	must_not grep -E "^Deleted (10\\.|192\\.168\\..* proto $PROTO_SHORTCUT)" "$WORK"/monitor-{hub,s1,s2}
	consistent hub s1 s2
}
