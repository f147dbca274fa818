# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# contrib/recipes/ospf-bird as it stands: both families over one tunnel, to convergence,
# through the hub, then straight. For five holding times of traffic no adjacency changes
# its state, no shortcut is told to anybody, and the routes of OSPF that they are laid
# over stay.
. "$LAB/routing.sh"

recipe ospf-bird
sites
lan6 hub s1 s2
recipe_up hub s1 s2
wait_for 60 full hub 2
wait_for 20 full s1 1
wait_for 20 full s2 1
wait_for 30 route_by s1 192.168.3.0/24 10.0.0.1
wait_for 30 route_by s2 192.168.2.0/24 10.0.0.1
wait_for 30 route_by s1 2001:db8:0:3::/64 "$(link_local hub)"
wait_for 30 route_by s2 2001:db8:0:2::/64 "$(link_local hub)"

tell_changes hub s1 s2
watch_routes hub s1 s2
watch_data hub
watch_data6 hub
ping_start flow s1-lan 192.168.3.10 300
ping_start flow6 s1-lan 2001:db8:0:3::10 300
wait_for 20 shortcut_by s1 192.168.3.0/24 10.0.0.3
wait_for 20 shortcut_by s2 192.168.2.0/24 10.0.0.2
wait_for 20 shortcut_by s1 2001:db8:0:3::/64 2001:db8:ffff::3
wait_for 20 shortcut_by s2 2001:db8:0:2::/64 2001:db8:ffff::2
wait_for 10 seen data-hub 1
wait_for 10 seen data6-hub 1
relayed=$(packets data-hub)
relayed6=$(packets data6-hub)
sleep $((5 * HOLD)) # of traffic
ping_stop flow
ping_stop flow6
equal 'packets of IPv4 lost' 0 "$(ping_missed flow)"
equal 'packets of IPv6 lost' 0 "$(ping_missed flow6)"
stayed s1 192.168.3.0/24
stayed s2 192.168.2.0/24
stayed s1 2001:db8:0:3::/64
stayed s2 2001:db8:0:2::/64
kept hub s1 s2
not_told hub s1 s2
must full hub 2
for n in hub s1 s2; do
	equal "changes of state at $n" 0 "$(neighbour_changes $n)"
done
consistent hub s1 s2
pass "lost 0 and 0 in $((5 * HOLD)) s, $relayed and $relayed6 by the hub before; changes of state 0"
