# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# contrib/recipes/ospf as it stands: FRR and BIRD, both families over one tunnel, with
# hellos to groups that nhrpd copies. In IPv4, point-to-multipoint, packets go through the
# hub and then by a shortcut; in IPv6, a broadcast network, to the other spoke at once.
# For five holding times of traffic no adjacency changes its state.
. "$LAB/routing.sh"

ospf_up ospf
wait_for 30 route_by s1 2001:db8:0:3::/64 "$(link_local s2)"
wait_for 30 route_by s2 2001:db8:0:2::/64 "$(link_local s1)"

tell_changes s2
declare -A changes=()
for n in hub s1 s2; do
	changes[$n]=$(neighbour_changes $n)
done
flows_begin
wait_for 20 entry s1 cached "$(link_local s2)" 100.64.3.1
wait_for 20 entry s2 cached "$(link_local s1)" 100.64.2.1
relayed=$(packets data-hub)
flows_stay
equal 'packets of IPv6 that went by the hub' 0 "$(packets data6-hub)"
for n in hub s1 s2; do
	equal "changes of state at $n" "${changes[$n]}" "$(neighbour_changes $n)"
done
must ctl hub show multicast
said ' 224.0.0.5 .* copied '
said ' ff02::5 .* copied '
consistent hub s1 s2
pass "lost 0 and 0 in $((5 * HOLD)) s, $relayed and 0 by the hub before; changes of state 0"
