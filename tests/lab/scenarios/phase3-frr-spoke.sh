# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# FRR's nhrpd as a spoke of our hub, with a host prefix on its tunnel, and a spoke
# of ours: by our indications both find the direct way to the other's LAN.
. "$LAB/shortcut.sh"
. "$LAB/frr.sh"

KEY= # its version 8.4 has no authentication
core
wan hub 1
wan s1 2
wan peer 3
record hub
record s1
lan s1
lan peer
gre hub
gre s1
hub_conf hub redirect
edge_conf s1
up hub s1
frr_spoke peer hub
sites_routed hub s1 peer
wait_for 30 entry hub dynamic 10.0.0.3 100.64.3.1
wait_for 10 frr_registered peer
clock s1
clock peer

both_have_it() {
	shortcut s1 192.168.3.0/24 10.0.0.3 && shortcut peer 192.168.2.0/24 10.0.0.2
}

# round NODE ADDRESS: begun from that side.
round() {
	must ctl hub redirect purge
	burst "$1-lan" "$2" 60
	wait_for 10 both_have_it
	burst_end
	must ctl s1 flush
	must vty peer clear ip nhrp shortcut
}

for _ in 1 2; do
	round s1 192.168.3.10
	round peer 192.168.2.10
done
shortcut_delays s1 192.168.3.0/24 10.0.0.3 > "$WORK/ours"
shortcut_delays peer 192.168.2.0/24 10.0.0.2 > "$WORK/theirs"
reached 5 none_lost s1 || true
read -r sent lost overtaken < <(pings s1)
equal "packets lost of $sent" 0 "$lost"
consistent hub s1
pass "first packet to shortcut $(spread < "$WORK/ours") ms, $(spread < "$WORK/theirs") ms to FRR's; lost 0 of $sent, overtaken $overtaken"
