# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# FRR's nhrpd as the hub, with the firewall rule that its manual asks for: by its
# indications our spokes find the direct way between their LANs.
. "$LAB/shortcut.sh"
. "$LAB/frr.sh"

ROUNDS=5
KEY= # its version 8.4 has no authentication
core
wan hub 1
wan s1 2
wan s2 3
record s1
record s2
lan s1
lan s2
gre s1 24
gre s2 32
frr hub 'ip nhrp redirect' 'nhrp nflog-group 1'
frr_samples hub queue-threshold 1
edge_conf s1
edge_conf s2
sites_routed hub s1 s2
up s1 s2
wait_for 10 frr_cache hub 10.0.0.2 100.64.2.1
wait_for 10 frr_cache hub 10.0.0.3 100.64.3.1

round() {
	must on hub nft flush set inet samples pairs
	burst s1-lan 192.168.3.10 80
	wait_for 10 shortcut s1 192.168.3.0/24 10.0.0.3
	wait_for 10 shortcut s2 192.168.2.0/24 10.0.0.2
	together 's1 flush' 's2 flush'
	burst_end
}

rounds
consistent s1 s2
pass "first packet to shortcut $(spread < "$WORK/delays") ms of $ROUNDS, lost 0 of $sent, overtaken $overtaken"
