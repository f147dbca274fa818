# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# contrib/recipes/ospf-bird as it stands: both families over one tunnel, to convergence,
# through the hub, then straight. For five holding times of traffic no adjacency changes
# its state, no shortcut is told to anybody, and the routes of OSPF that they are laid
# over stay.
. "$LAB/routing.sh"

ospf_up ospf-bird
wait_for 30 route_by s1 2001:db8:0:3::/64 "$(link_local hub)"
wait_for 30 route_by s2 2001:db8:0:2::/64 "$(link_local hub)"

tell_changes hub s1 s2
flows_begin
wait_for 20 shortcut_by s1 2001:db8:0:3::/64 2001:db8:ffff::3
wait_for 20 shortcut_by s2 2001:db8:0:2::/64 2001:db8:ffff::2
wait_for 10 seen data6-hub 1
relayed=$(packets data-hub)
relayed6=$(packets data6-hub)
flows_stay
stayed s1 2001:db8:0:3::/64
stayed s2 2001:db8:0:2::/64
for n in hub s1 s2; do
	equal "changes of state at $n" 0 "$(neighbour_changes $n)"
done
consistent hub s1 s2
pass "lost 0 and 0 in $((5 * HOLD)) s, $relayed and $relayed6 by the hub before; changes of state 0"
