# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# FRR's nhrpd as the hub of our spokes, one with a subnet on its tunnel and one
# with a host prefix: they register and resolve each other through it.
. "$LAB/lib.sh"
. "$LAB/frr.sh"

KEY= # its version 8.4 has no authentication
core
wan hub 1
wan s1 2
wan s2 3
record s1
record s2
frr hub
gre s1 24
gre s2 32
spoke_conf s1
spoke_conf s2
began_up=$(now)
up s1 s2
registered_ms=$(($(now) - began_up))
wait_for 10 frr_cache hub 10.0.0.2 100.64.2.1
wait_for 10 frr_cache hub 10.0.0.3 100.64.3.1
ping_ok s1 10.0.0.1
ping_ok s2 10.0.0.1

watch_data hub
ping_ok s1 10.0.0.3
must entry s1 cached 10.0.0.3 100.64.3.1
ping_ok s2 10.0.0.2
must entry s2 cached 10.0.0.2 100.64.2.1
equal 'packets relayed by the hub' 0 "$(packets data-hub)"
consistent s1 s2
pass "both registered after $registered_ms ms, resolved both ways, relayed 0"
