# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# Everybody behind a NAT of his own: the hub and spoke s1 behind one-to-one NAT,
# s2 and s3 behind routers that masquerade. All are registered by their outer
# addresses and stay reachable, and traffic from LAN to LAN goes straight.
. "$LAB/lib.sh"

HOLD=600
NAT_FORGETS=25
core
natted hub 1
natted s1 2
natted s2 3
natted s3 4
nat_one_to_one hub
nat_one_to_one s1
nat_masquerade s2
nat_masquerade s3
hub_conf hub 'redirect rate 600'
for n in hub s1 s2 s3; do
	lan $n
	gre $n
	record $n
	[ $n = hub ] || edge_conf $n
done
sites_routed hub s1 s2 s3
up hub s1 s2 s3

places() { # NODE PROTOCOL: where an entry is, and where it says that it is
	query "$1" cache "select(.protocol == \"$2\") | .nbma + \" \" + .claimed_nbma"
}

for n in s1 s2 s3; do
	i=${index[$n]}
	equal "where the hub has $n" "100.64.$i.1 172.16.$i.2" "$(places hub "10.0.0.$i")"
	equal "where $n is seen" "100.64.$i.1" "$(query $n nhs .seen_nbma)"
	ping_ok $n-lan 192.168.1.10 2
done

# Each pair from its first packet on, then straight and nothing by the hub.
for pair in "s1 s2" "s3 s2"; do
	read -r a b <<< "$pair"
	i=${index[$a]} j=${index[$b]}
	ping_start $a-$b $a-lan "192.168.$j.10" 4
	wait_for 5 shortcut $a "192.168.$j.0/24" "10.0.0.$j"
	wait_for 5 shortcut $b "192.168.$i.0/24" "10.0.0.$i"
	watch_data hub
	ping_end $a-$b
	end_capture data-hub
	equal "packets lost of 40 from $a to $b" 0 "$(ping_lost $a-$b)"
	equal "relayed of those from $a to $b" 0 "$(packets data-hub)"
	equal "where $a has $b" "100.64.$j.1 172.16.$j.2" "$(places $a "10.0.0.$j")"
done
consistent hub s1 s2 s3

# Longer than the routers remember: the hub still gets through to all, and what
# was straight is not a trap.
sleep $((NAT_FORGETS + 5)) # nobody speaks
for n in s1 s2 s3; do
	ping_ok hub-lan "192.168.${index[$n]}.10" 2
done
ping_ok s1-lan 192.168.3.10 20
ping_ok s3-lan 192.168.3.10 20
consistent hub s1 s2 s3
pass 'lost 0 of 80 in two pairs while they found their straight way'
