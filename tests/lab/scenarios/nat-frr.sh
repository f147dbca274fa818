# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# FRR's nhrpd behind one-to-one NAT and a spoke of ours behind a router that
# masquerades: our hub and FRR have the other's two addresses, and traffic from LAN
# to LAN goes straight.
. "$LAB/lib.sh"
. "$LAB/frr.sh"

KEY= # its version 8.4 has no authentication
core
wan hub 1
natted s1 2
natted peer 3
nat_masquerade s1
nat_one_to_one peer
record hub
record s1
lan s1
lan peer
gre hub
gre s1
hub_conf hub 'redirect rate 600'
edge_conf s1
up hub s1
frr_spoke peer hub
sites_routed hub s1 peer
wait_for 30 entry hub dynamic 10.0.0.3 100.64.3.1
wait_for 10 frr_registered peer
must query hub cache 'select(.protocol == "10.0.0.3" and .claimed_nbma == "172.16.3.2")'
must vty peer show ip nhrp cache
said 'local +10\.0\.0\.3 +100\.64\.3\.1 +172\.16\.3\.2 '

ping_start there s1-lan 192.168.3.10 6
ping_start back peer-lan 192.168.2.10 6
wait_for 5 shortcut s1 192.168.3.0/24 10.0.0.3
wait_for 5 shortcut peer 192.168.2.0/24 10.0.0.2
ping_end there
ping_end back
equal 'packets lost of 60 to the LAN of FRR' 0 "$(ping_lost there)"
equal 'packets lost of 60 from there' 0 "$(ping_lost back)"
must vty peer show ip nhrp cache
said 'dynamic +10\.0\.0\.2 +100\.64\.2\.1 +172\.16\.2\.2 '
consistent hub s1
pass 'lost 0 of 60 each way, both by shortcuts'
