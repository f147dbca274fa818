# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# Two sites with a summary route to the hub each: traffic between them begins
# through the hub and goes straight after a moment, with no route of the other site
# configured. Twenty times there, and back under traffic: nothing is lost.
. "$LAB/shortcut.sh"

ROUNDS=20
mesh
hub_conf hub redirect
edge_conf s1
edge_conf s2
sites_routed hub s1 s2
up hub s1 s2

round() {
	must ctl hub redirect purge
	burst s1-lan 192.168.3.10 80
	wait_for 5 shortcut s1 192.168.3.0/24 10.0.0.3
	wait_for 5 shortcut s2 192.168.2.0/24 10.0.0.2
	together 's1 flush' 's2 flush'
	burst_end
}

rounds
equal 'neighbours that went before their route' 0 "$(led_astray s1 192.168.3.0/24 10.0.0.3)"
median=$(median < "$WORK/delays")
[ "$median" -lt $((100 * ${LAB_PATIENCE:-1})) ] || fail "half of the shortcuts took over $median ms"

# None goes through the hub once it is there; asked for with the other router's own
# address on its LAN, as people do.
must ctl hub redirect purge
on s1-lan ping -n -c 1 192.168.3.1 > /dev/null
wait_for 5 shortcut s1 192.168.3.0/24 10.0.0.3
wait_for 5 shortcut s2 192.168.2.0/24 10.0.0.2
watch_data hub
ping_ok s1-lan 192.168.3.10 5
equal 'packets relayed by the hub' 0 "$(packets data-hub)"
must query s1 shortcuts 'select(.protocol == "192.168.3.0" or .prefix == "192.168.3.0/24") | .state'
consistent s1 s2
pass "first packet to shortcut $(spread < "$WORK/delays") ms of $ROUNDS, lost 0 of $sent, overtaken $overtaken"
