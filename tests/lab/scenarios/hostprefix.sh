# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# The tunnel address as a host prefix, on devices that nhrpd makes: it adds a
# host route for each binding and an on-link route for the prefix of a map.
. "$LAB/lib.sh"

sites
hub_conf hub 'tunnel source eth0 key 42 ttl 64' 'address 10.0.0.1/32'
spoke_conf s1 'tunnel source eth0 key 42 ttl 64' 'address 10.0.0.2/32'
spoke_conf s2 'tunnel source eth0 key 42 ttl 64' 'address 10.0.0.3/32'
up hub s1 s2

routes() { # NODE
	ours "$1" route | awk '{ print $1 }' | sort | tr '\n' ' '
}

have_routes() { # NODE PREFIX...
	[ "$(routes "$1")" = "$(printf '%s\n' "${@:2}" | sort | tr '\n' ' ')" ]
}

wait_for 5 have_routes hub 10.0.0.2 10.0.0.3
wait_for 5 have_routes s1 10.0.0.0/24
consistent hub s1 s2
watch_data hub
ping_ok s1 10.0.0.1
ping_ok s1 10.0.0.3
ping_ok s2 10.0.0.2
captured 'packets of s1 to the hub itself' 10 data-hub
wait_for 5 have_routes s1 10.0.0.0/24 10.0.0.3
direct
ping_ok s1-lan 192.168.3.10
relay
ping_ok s1-lan 192.168.3.10
consistent hub s1 s2
stop s1 TERM
equal 'routes of s1 after its end' '' "$(ours s1 route)"
pass 'pings 25 of 25'
