# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# contrib/recipes/bgp as it stands: to convergence, through the hub, then straight. For
# five holding times of traffic no session ends, no shortcut is told to anybody, and the
# routes of BGP that they are laid over stay.
. "$LAB/routing.sh"

recipe bgp
sites
recipe_up hub s1 s2
wait_for 20 registered s1
wait_for 20 registered s2
wait_for 60 route_by s1 192.168.3.0/24 10.0.0.1
wait_for 60 route_by s2 192.168.2.0/24 10.0.0.1
wait_for 20 route_by s1 192.168.1.0/24 10.0.0.1

watch_routes hub s1 s2
watch_data hub
ping_start flow s1-lan 192.168.3.10 300
wait_for 20 shortcut_by s1 192.168.3.0/24 10.0.0.3
wait_for 20 shortcut_by s2 192.168.2.0/24 10.0.0.2
wait_for 10 seen data-hub 1
relayed=$(packets data-hub)
sleep $((5 * HOLD)) # of traffic
ping_stop flow
equal 'packets lost' 0 "$(ping_missed flow)"
stayed s1 192.168.3.0/24
stayed s2 192.168.2.0/24
kept hub s1 s2
not_told hub s1 s2

# Each end's own word for it.
sessions=$(vty hub show bgp neighbors json |
	gojq -c '[to_entries[] | select(.key | startswith("10.0.0.")) | .value |
	[.bgpState, .connectionsEstablished, .connectionsDropped]]')
equal 'sessions of the hub' '[["Established",1,0],["Established",1,0]]' "$sessions"
sessions=$(vty s1 show bgp neighbors json |
	gojq -c '.["10.0.0.1"] | [.bgpState, .connectionsEstablished, .connectionsDropped]')
equal 'the session of s1' '["Established",1,0]' "$sessions"
equal 'states of s2' 'start up' \
	"$(sed -n 's/.* hub: State changed to //p' "$WORK/s2-bird.log" | paste -sd ' ')"
equal 'routes that the hub has of the LANs' 3 \
	"$(vty hub show bgp ipv4 unicast json | gojq '.routes | length')"
consistent hub s1 s2
pass "lost 0 in $((5 * HOLD)) s, $relayed by the hub before; sessions established once each"
