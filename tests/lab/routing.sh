# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# What the recipes with a routing protocol have in common; sourced by their scenarios.
# Their times are short, and five holding times have to pass nevertheless.
# shellcheck source-path=SCRIPTDIR
LIMIT=$((LIMIT + 180))
. "$LAB/lib.sh"
. "$LAB/recipe.sh"

HOLD=30 # the recipes'

vty() { # NODE COMMAND...: what FRR says there
	at "$1" vtysh -c "${*:2}" 2> /dev/null
}

bird_says() { # NODE COMMAND...
	at "$1" birdc -r "${@:2}"
}

# --- IPv6 beside IPv4: 2001:db8:0:I::/64 is the LAN of node I ----------------------

lan6() { # NODE...
	local n i
	for n; do
		i=${index[$n]}
		ip -n "$n" addr add "2001:db8:0:$i::1/64" dev lan0 nodad
		ip -n "$n-lan" addr add "2001:db8:0:$i::10/64" dev eth0 nodad
		ip -n "$n-lan" route add default via "2001:db8:0:$i::1"
	done
}

# Pings in IPv6 in GRE with a key.
DATA6='ip proto 47 and ip[22:2] = 0x86dd and ip[34] = 58 and ip[68] >= 128 and ip[68] <= 129'

watch_data6() { # NODE
	tap "data6-$1" core "c${index[$1]}" "$DATA6"
}

# The link-local address that the kernel gives to the tunnel of node I.
link_local() { # NODE
	printf 'fe80::200:5efe:6440:%x01' "${index[$1]}"
}

# --- routes ------------------------------------------------------------------------

routes_to() { # NODE PREFIX
	local family=-4
	[[ $2 != *:* ]] || family=-6
	ip -n "$1" $family route show "$2" dev gre1
}

other_routes_to() {
	routes_to "$@" | grep -Ev " proto $PROTO_SHORTCUT "
}

route_by() { # NODE PREFIX GATEWAY: a routing daemon's
	prints "via $3 " other_routes_to "$1" "$2"
}

shortcut_by() { # NODE PREFIX STATION
	prints "via $3 .*proto $PROTO_SHORTCUT " routes_to "$1" "$2"
}

# watch_routes NODE...: every change from now on.
watch_routes() {
	local n
	for n; do
		ip -n "$n" -ts monitor route > "$WORK/routes-$n" 2>&1 &
		wait_for 20 notes "$n"
	done
}

# The program listens.
notes() { # NODE
	ip -n "$1" route replace 192.0.2.1 dev lo
	ip -n "$1" route del 192.0.2.1
	grep -q ' 192.0.2.1 ' "$WORK/routes-$1"
}

# stayed NODE PREFIX: neither the shortcut nor the route below it went for a moment.
stayed() {
	must_not grep -F "Deleted $2 " "$WORK/routes-$1"
	equal "routes of $1 to $2" 2 "$(routes_to "$1" "$2" | wc -l)"
}

# kept NODE...: nor did any route of a routing daemon.
kept() {
	local n
	for n; do
		must_not grep -E 'Deleted .* proto (bgp|bird|ospf) ' "$WORK/routes-$n"
	done
}

# not_told NODE...: no routing daemon has a route that it took from nhrpd.
not_told() {
	local n words
	for n; do
		if [ -e "$recipe/$n.bird.conf" ]; then
			must bird_says "$n" show route all
			not_said 'inherit|kernel'
			continue
		fi
		for words in 'ip route kernel' 'ip route nhrp' 'ipv6 route kernel' 'ipv6 route nhrp'; do
			must vty "$n" show "$words"
			not_said 'gre1'
		done
	done
}

# --- OSPF ----------------------------------------------------------------------------

# full NODE COUNT: so many neighbours in each family, all of them fully adjacent.
full() {
	local n=$1 count=$2 family
	for family in 4 6; do
		[ "$(adjacent "$n" $family)" = "$count" ] || return 1
	done
}

adjacent() { # NODE FAMILY
	if [ -e "$recipe/$1.bird.conf" ]; then
		bird_says "$1" show ospf neighbors "ospf$2"
	elif [ "$2" = 4 ]; then
		vty "$1" show ip ospf neighbor
	else
		vty "$1" show ipv6 ospf6 neighbor
	fi | grep -c 'Full/'
}

# From now on BIRD tells of what changes; FRR does so anyway.
tell_changes() { # NODE...
	local n
	for n; do
		must at "$n" birdc debug all '{ states, events }'
	done
}

# neighbour_changes NODE: those of the state of a neighbour that were told of.
neighbour_changes() {
	cat "$WORK/$1"-{bird,ospfd,ospf6d}.log 2> /dev/null |
		grep -cE 'AdjChg|Neighbor .* changed state' || true
}

# ospf_up RECIPE: hub, s1 and s2, with LANs in both families, as it has them; all of
# them adjacent, and IPv4 by the hub.
ospf_up() {
	recipe "$1"
	sites
	lan6 hub s1 s2
	recipe_up hub s1 s2
	wait_for 90 full hub 2
	wait_for 20 full s1 1
	wait_for 20 full s2 1
	wait_for 30 route_by s1 192.168.3.0/24 10.0.0.1
	wait_for 30 route_by s2 192.168.2.0/24 10.0.0.1
}

# Both families from LAN to LAN; in IPv4 by the hub, then by shortcuts.
flows_begin() {
	watch_routes hub s1 s2
	watch_data hub
	watch_data6 hub
	ping_start flow s1-lan 192.168.3.10 300
	ping_start flow6 s1-lan 2001:db8:0:3::10 300
	wait_for 20 shortcut_by s1 192.168.3.0/24 10.0.0.3
	wait_for 20 shortcut_by s2 192.168.2.0/24 10.0.0.2
	wait_for 10 seen data-hub 1
}

# Five holding times later: nothing was lost, no route went, none was told, and all
# are adjacent as before.
flows_stay() {
	sleep $((5 * HOLD)) # of traffic
	ping_stop flow
	ping_stop flow6
	equal 'packets of IPv4 lost' 0 "$(ping_missed flow)"
	equal 'packets of IPv6 lost' 0 "$(ping_missed flow6)"
	stayed s1 192.168.3.0/24
	stayed s2 192.168.2.0/24
	kept hub s1 s2
	not_told hub s1 s2
	must full hub 2
}
