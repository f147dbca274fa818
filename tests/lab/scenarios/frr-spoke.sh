# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# FRR's nhrpd as a spoke of our hub, beside a spoke of ours: it registers, each
# resolves the other, and traffic takes the direct way. FRR asks only when it
# is told of a shorter way, so it is told.
. "$LAB/lib.sh"
. "$LAB/frr.sh"

KEY= # its version 8.4 has no authentication
core
wan hub 1
wan s1 2
wan peer 3
record hub
record s1
gre hub
gre s1
hub_conf hub
spoke_conf s1
up hub s1
frr_spoke peer hub
wait_for 30 entry hub dynamic 10.0.0.3 100.64.3.1
wait_for 10 frr_registered peer
ping_ok peer 10.0.0.1

watch_data hub
ping_ok s1 10.0.0.3 3
must entry s1 cached 10.0.0.3 100.64.3.1

forgotten() { # NODE PROTOCOL NBMA
	! frr_cache "$@"
}

# FRR learnt us from our request; it has to ask by itself as well.
must vty peer clear ip nhrp cache
wait_for 10 forgotten peer 10.0.0.2 100.64.2.1
wait_for 20 frr_registered peer
tap peer core c3 -Q in "$NHRP and ip[45] = 1"
must on hub "$BUILD/tests/lab/nhrpgen" indicate 100.64.3.1 100.64.1.1 10.0.0.1 10.0.0.3 10.0.0.2
wait_for 10 seen peer 1
wait_for 10 frr_cache peer 10.0.0.2 100.64.2.1
captured "resolution requests of FRR's spoke" 1 peer
ping_ok peer 10.0.0.2
consistent hub s1
pass 'registered, resolved both ways'
