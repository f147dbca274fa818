# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# Encrypted through NAT: the hub behind one-to-one NAT, s1 in public, s2 and s3 each
# behind a router of his own that masquerades. All are registered; s2 and s1 find
# their straight way from either end, two behind NAT stay on the one by the hub and
# say why; and a spoke whose router forgets it, or gets another address, is back.
. "$LAB/secure.sh"

natted_entry() { # NODE: the hub has it by its outer address, and knows its inner one
	local i=${index[$1]}
	ctl hub -j show cache | grep "\"type\":\"dynamic\",\"protocol\":\"10.0.0.$i\",.*\"nbma\":\"100.64.$i.1\",\"claimed_nbma\":\"172.16.$i.2\",\"state\":\"up\""
}

# map_by NODE TARGET: its router forgets all, and maps so from now on.
map_by() {
	on "$1-nat" nft -f - <<- END
		flush ruleset
		table ip nat {
			chain out {
				type nat hook postrouting priority srcnat;
				oifname eth0 $2
			}
		}
	END
	on "$1-nat" conntrack -F
}

both_behind_nat() { # NODE
	ctl "$1" -j show shortcuts | grep '"state":"refused","reason":"both ends are behind NAT"'
}

answers_ping() { # NODE ADDRESS
	on "$1" ping -n -c 1 -W 1 "$2"
}

# pair A B: traffic from the first packet on, until there is a straight way.
pair() {
	local a=$1 b=$2
	local i=${index[$a]} j=${index[$b]}
	ping_start "$a-$b" "$a-lan" "192.168.$j.10" 60
	wait_for 20 shortcut "$a" "192.168.$j.0/24" "10.0.0.$j"
	wait_for 20 shortcut "$b" "192.168.$i.0/24" "10.0.0.$i"
	ping_stop "$a-$b"
	lost_of_pairs=$((lost_of_pairs + $(ping_missed "$a-$b")))
}

unpair() {
	local ike
	ike=$(query s2 peers 'select(.nbma == "100.64.2.1") | .ike_id')
	must swan s2 --terminate --ike-id "$ike"
	wait_for 20 no_shortcut s1 192.168.3.0/24 10.0.0.3
	together 'hub redirect purge' 's1 flush' 's2 flush'
}

KEY=
esp
core
natted hub 1
wan s1 2
natted s2 3
natted s3 4
nat_one_to_one hub
nat_masquerade s2
nat_masquerade s3
hub_conf hub 'redirect rate 600'
for n in hub s1 s2 s3; do
	lan $n
	gre $n
	[ $n = hub ] || edge_conf $n
	secure $n
done
sites_routed hub s1 s2 s3
watch_wan hub s1 s2 s3
for n in hub s1 s2 s3; do
	charon $n
done
up hub s1 s2 s3
wait_for 10 natted_entry s2
wait_for 10 natted_entry s3
must entry hub dynamic 10.0.0.2 100.64.2.1
equal 'where s2 is seen' 100.64.3.1 "$(query s2 nhs .seen_nbma)"

# From behind NAT to the public one, and the other way about.
lost_of_pairs=0
pair s2 s1
unpair
pair s1 s2

# Neither can be called.
watch_data hub
ping_start both s2-lan 192.168.4.10 60
wait_for 20 both_behind_nat s2
ping_stop both
must no_shortcut s2 192.168.4.0/24 10.0.0.4
must ctl s2 explain 192.168.4.10
said 'both ends are behind NAT'
lost_both=$(ping_missed both)

# What s2 has goes on: its router forgets it and takes another port, then has
# another address.
ping_start moving s2-lan 192.168.1.10 300
wait_for 10 natted_entry s2
map_by s2 'meta l4proto udp snat to 100.64.3.1:20000-30000'
port_ms=$(now)
wait_for 60 answers_ping s2-lan 192.168.2.10
port_ms=$(($(now) - port_ms))
ip -n core route add 203.0.113.5 via 100.64.3.1
map_by s2 'snat to 203.0.113.5'
address_ms=$(now)
wait_for 90 entry hub dynamic 10.0.0.3 203.0.113.5
wait_for 90 registered s2
wait_for 20 answers_ping s2-lan 192.168.2.10
address_ms=$(($(now) - address_ms))
ping_stop moving

# The hub, behind NAT as it is, is called again when it comes back.
charon_stop hub TERM
charon hub
back_ms=$(now)
for n in s1 s2 s3; do
	wait_for 90 registered $n
done
back_ms=$(($(now) - back_ms))
ping_ok s1-lan 192.168.1.10 3
stop_all_of hub s1 s2 s3
pass "lost on the way to straight $lost_of_pairs, relayed between two behind NAT lost $lost_both, another port after $port_ms ms, another address $address_ms ms, longest silence $(ping_gap moving) s, hub back after $back_ms ms, clear 0"
