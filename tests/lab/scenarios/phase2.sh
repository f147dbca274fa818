# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# A hub and two spokes in one subnet, over devices made by hand: registered,
# through the hub where the route says so, spoke to spoke where it says that.
. "$LAB/lib.sh"

mesh
up hub
began_up=$(now)
up s1 s2
registered_ms=$(($(now) - began_up))
for s in "s1 2" "s2 3"; do
	read -r n i <<< "$s"
	must entry hub dynamic "10.0.0.$i" "100.64.$i.1"
	must entry "$n" nhs 10.0.0.1 100.64.1.1
	must entry "$n" local "10.0.0.$i" "100.64.$i.1"
done
consistent hub s1 s2
watch_data hub

# Each ping and each answer enters the hub and leaves it.
relay
ping_ok s1-lan 192.168.3.10 5
ping_ok s2-lan 192.168.2.10 5
wait_for 5 seen data-hub 40
captured 'packets relayed by the hub' 40 data-hub

# The first packet waits for the answer; none takes the way through the hub.
must_not entry s1 cached 10.0.0.3 100.64.3.1
ping_ok s1 10.0.0.3 5
must entry s1 cached 10.0.0.3 100.64.3.1
direct
ping_ok s1-lan 192.168.3.10 5
ping_ok s2-lan 192.168.2.10 5
ping_ok s2 10.0.0.2 5
must entry s2 cached 10.0.0.2 100.64.2.1
captured 'packets relayed by the hub, spoke to spoke' 40 data-hub
consistent hub s1 s2

# An address that nobody has is refused, and known to be.
must_not on s1 ping -n -c 1 -W 10 10.0.0.77
wait_for 5 query s1 cache 'select(.type == "negative" and .protocol == "10.0.0.77")'
pass "both registered after $registered_ms ms, pings 25 of 25, relayed when direct 0"
