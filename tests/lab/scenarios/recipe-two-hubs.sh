# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# contrib/recipes/two-hubs as it stands: s1 is registered at one hub only, s2 at the
# other, and by what the hubs tell each other packets pass through both, and then go
# straight. The hub of s1 is killed under traffic, its daemons and its link; it is
# back, and has its place again.
. "$LAB/lib.sh"
. "$LAB/recipe.sh"

# The hub has its station itself; by the other one.
at_home() { # HUB INDEX
	ip -n "$1" route show "10.0.0.$2" | grep "dev gre1 proto $PROTO_NUMBER"
}

abroad() { # HUB INDEX OTHER-INDEX
	ip -n "$1" route get "10.0.0.$2" | grep "via 10.0.0.$3 dev gre1" &&
		ip -n "$1" route show "192.168.$2.0/24" | grep "via 10.0.0.$3 dev gre1"
}

unknown() { # HUB INDEX: that station is not registered there
	must_not query "$1" cache "select(.type == \"dynamic\" and .protocol == \"10.0.0.$2\")"
}

# Beside their LANs an address each that nobody answers for: it is always relayed. A
# hub is told of these by hand, each time its routing begins.
beside() { # HUB
	must at "$1" vtysh -c 'configure terminal' -c 'ip route 192.168.22.0/24 10.0.0.2' \
		-c 'ip route 192.168.33.0/24 10.0.0.3'
}

begin_pings() {
	ping_start relayed s1 192.168.33.1 300 -I 192.168.22.1
	ping_start straight s1-lan 192.168.3.10 300
}

# The servers that it followed, one after the other.
followed() { # NODE
	sed -n 's/^[^ ]* 192\.168\.0\.0\/16 via \([^ ]*\) .*/\1/p' "$WORK/$1.followed" |
		paste -sd ' '
}

recipe two-hubs
core
wan hub1 1
wan s1 2
wan s2 3
wan hub2 4
for n in hub1 hub2 s1 s2; do
	lan $n
	record $n
done
recipe_up hub1 hub2 s1 s2
wait_for 20 serves s1 10.0.0.1
wait_for 20 serves s2 10.0.0.4
wait_for 10 at_home hub1 2
wait_for 10 at_home hub2 3
wait_for 60 abroad hub1 3 4
wait_for 60 abroad hub2 2 1
unknown hub1 3
unknown hub2 2
ip -n s1 addr add 192.168.22.1/32 dev lo
ip -n s2 addr add 192.168.33.1/32 dev lo
beside hub1
beside hub2

# Through both, to an address without a shortcut; each packet is seen four times on
# the hubs' WANs: in and out of either.
reached 20 on s1 ping -n -c 1 -W 1 -I 192.168.22.1 192.168.33.1 || fail 'not through the hubs'
watch_data hub1
watch_data hub2
must on s1 ping -n -c 5 -i 0.1 -W 5 -I 192.168.22.1 192.168.33.1
said ' 5 received'
for n in hub1 hub2; do
	captured "of 5 packets there and back at $n" 20 data-$n
done
ping_ok s1-lan 192.168.4.10
straight s1 s2 20
tap beside core "c${index[hub1]}" "$DATA"
ping_ok s1-lan 192.168.3.10
end_capture beside
equal 'packets relayed beside the shortcut' 0 "$(packets beside)"
consistent hub1 hub2 s1 s2

for n in s1 s2 hub2; do
	ip -n $n -ts monitor route > "$WORK/$n.followed" 2>&1 &
done
begin_pings
ip -n core link set c1 down
stop hub1 KILL
routing_stop hub1 KILL
wait_for 20 serves s1 10.0.0.4
ping_stop relayed
ping_stop straight
lost=$(ping_gap relayed)
equal 'packets lost by the shortcut when the hub was lost' 0 "$(ping_missed straight)"
# Two seconds to miss it, and what the script and FRR take.
ping_gap_below relayed $((2 + ${LAB_PATIENCE:-1}))
must at_home hub2 2

# It is back: asked again within a minute or so, well for the fall-back delay, and
# by then knows from the other one where everybody is.
begin_pings
ip -n core link set c1 up
start hub1
frr_start hub1
beside hub1
wait_for 120 serves s1 10.0.0.1
wait_for 20 stands_by s1 10.0.0.4
wait_for 20 abroad hub2 2 1
must abroad hub1 3 4
sleep 3 # of no change
ping_stop relayed
ping_stop straight
equal 'packets lost by the shortcut when the hub was back' 0 "$(ping_missed straight)"
missed=$(ping_missed relayed)
equal 'hubs that s1 followed' '10.0.0.4 10.0.0.1' "$(followed s1)"
equal 'hubs that s2 followed' '' "$(followed s2)"
unknown hub2 2
consistent hub1 hub2 s1 s2
pass "hub killed with its link: nothing relayed for $lost s, 0 lost by the shortcut; back: $missed lost relayed, 0 by the shortcut"
