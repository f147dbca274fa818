# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# limit: 240
# An encrypted tunnel and nobody to encrypt: not one of its packets leaves in clear or
# is taken, from before the daemon's start to after its end, while another GRE tunnel
# of the same addresses goes on. With SAs, made by hand, they pass.
# And packets to networks behind the tunnel do not go round it when its route is gone.
. "$LAB/lib.sh"

GRE='ip proto 47 and ip[24:4] = 42' # with the tunnel's key

OVERLAY='icmp and src net 192.168.0.0/16' # as it is on a LAN

# A packet of s1's LAN to a network that no route leads to.
astray() {
	must_not on s1-lan ping -n -i 0.1 -W 1 -c 3 192.168.3.10
}

unreachable() {
	ip -n s1 route show 192.168.0.0/16 | grep "^unreachable .* metric 4294967000"
}

# Without its counters and comments.
guard() { # NODE
	on "$1" nft -s list table inet nhrpd_guard
}

no_guard() { # NODE
	! guard "$1"
}

dropped() { # NODE in|out
	query "$1" counters "select(.name == \"guard_dropped_$2\") | .value"
}

dropped_by() { # NODE in|out COUNT: so many at least
	[ "$(dropped "$1" "$2")" -ge "$3" ]
}

# The same, when there is no daemon to ask.
counted() { # NODE in|out
	on "$1" nft list counter inet nhrpd_guard "$2-gre1" |
		awk '$1 == "packets" { print $2 }'
}

profile='ipsec-profile lab
	local auth psk id lab remote auth psk
'

tunnel_conf() { # NODE [PROFILE-WORDS]: source is a device, whose address may change
	conf "$1" <<-END
		$profile
		interface gre1
			tunnel source eth0 key 42
			address 10.0.0.${index[$1]}/24
			${2:-}
	END
}

device_is_up() { # NODE
	ip -n "$1" link show dev gre1 up | grep gre1
}

# Who is where, as the daemon would have learnt it: nothing else stops packets.
know() { # NODE ADDRESS NBMA
	must ip -n "$1" neigh replace "$2" lladdr "$3" dev gre1 nud permanent
}

lost() { # NODE ADDRESS
	must_not on "$1" ping -n -i 0.1 -W 1 -c 5 "$2"
}

# SAs as charon would install them, for GRE alone.
encrypt() {
	local n a=100.64.1.1 b=100.64.2.1 key
	key=0x$(printf '%040d' 7)
	for n in hub s1; do
		ip -n $n xfrm state add src $a dst $b proto esp spi 0x11 reqid 1 \
			mode transport aead 'rfc4106(gcm(aes))' "$key" 128
		ip -n $n xfrm state add src $b dst $a proto esp spi 0x22 reqid 1 \
			mode transport aead 'rfc4106(gcm(aes))' "$key" 128
	done
	for n in "hub out in" "s1 in out"; do
		# shellcheck disable=SC2086 # words
		set -- $n
		ip -n "$1" xfrm policy add src $a/32 dst $b/32 proto gre dir "$2" \
			tmpl src $a dst $b proto esp reqid 1 mode transport
		ip -n "$1" xfrm policy add src $b/32 dst $a/32 proto gre dir "$3" \
			tmpl src $b dst $a proto esp reqid 1 mode transport
	done
}

in_clear_again() {
	local n
	for n in hub s1; do
		ip -n $n xfrm state flush
		ip -n $n xfrm policy flush
	done
}

# The other tunnel's pings, while something happens to ours.
other_goes_on() {
	ping_start other s1 10.9.0.1 100
}

other_went_on() {
	kill -INT "${ping_pid[other]}"
	ping_end other
	equal 'pings lost by the other tunnel' 0 "$(ping_lost other)"
}

sites
# Of nodes that guard, nothing may leave; s2 is one that does not, and sends.
for n in hub s1; do
	tap "clear-$n" core "c${index[$n]}" -Q in "$GRE"
	tap "esp-$n" core "c${index[$n]}" -Q in 'ip proto 50'
	# Somebody else's tunnel between the same addresses.
	ip -n $n link add other type gre key 43 local "100.64.${index[$n]}.1" \
		remote "100.64.$((3 - index[$n])).1"
	ip -n $n addr add "10.9.0.${index[$n]}/24" dev other
	ip -n $n link set other up
	tunnel_conf $n 'ipsec lab guard 192.168.0.0/16'
done
tap overlay core c2 -Q in "$OVERLAY"
other_goes_on

# --- from the start
start hub
start s1
for n in hub s1; do
	wait_for 10 device_is_up $n
	must guard $n
done
know hub 10.0.0.2 100.64.2.1
know hub 10.0.0.3 100.64.3.1
know s1 10.0.0.1 100.64.1.1
lost s1 10.0.0.1
lost hub 10.0.0.2
must dropped_by s1 out 5
must dropped_by hub out 5
equal 'clear packets taken by the hub' 0 "$(dropped hub in)"
must_not ctl s1 doctor
said 'packets that IPsec does not cover were not sent'

wait_for 5 unreachable
astray

# Somebody who sends in clear is not heard, and not answered.
gre s2
know s2 10.0.0.1 100.64.1.1
lost s2 10.0.0.1
wait_for 5 dropped_by hub in 5

# --- with SAs; they cover all GRE between the two addresses
other_went_on
before=$(dropped s1 out)
encrypt
ping_ok s1 10.0.0.1
ping_ok hub 10.0.0.2
equal 'packets dropped while encrypted' "$before" "$(dropped s1 out)"
wait_for 5 seen esp-s1 10
must_not on s2 ping -n -i 0.1 -W 1 -c 5 10.0.0.1

# --- stopped, killed, restarted: it stays, and encrypted traffic goes on
guard hub > "$WORK/table"
before=$(counted hub out)
stop hub TERM
stop s1 KILL
ping_ok s1 10.0.0.1
must unreachable
astray
in_clear_again
other_goes_on
lost s1 10.0.0.1
lost hub 10.0.0.2
must [ "$(counted hub out)" -gt "$before" ]
guard hub | must diff "$WORK/table" -
start hub
start s1
wait_for 5 guard s1
guard hub | must diff "$WORK/table" -
must dropped_by hub out "$((before + 5))"
stop hub USR1
guard hub | must diff "$WORK/table" -
start hub
lost s1 10.0.0.1

# --- somebody flushes the ruleset, while a hundred packets a second want to leave;
# what leaves until the guard is there again is counted apart
end_capture clear-s1
equal 'packets in clear from s1' 0 "$(packets clear-s1)"
tap flushed-s1 core c2 -Q in "$GRE"
ip netns exec s1 ping -n -q -i 0.01 -W 1 -c 1000 10.0.0.1 > "$WORK/ping-flood" 2>&1 &
flood=$!
for n in 1 2 3 4 5; do
	must on s1 nft flush ruleset
	wait_for 5 guard s1
	must dropped_by s1 out 10
done
kill -INT $flood
wait $flood || true
end_capture flushed-s1
flushed=$(packets flushed-s1)
tap clear-s1 core c2 -Q in "$GRE"
lost s1 10.0.0.1

# --- the underlay's address changes: guarded before the tunnel has it
other_went_on
ip -n core addr add 100.64.12.2/30 dev c2
ip -n s1 addr add 100.64.12.1/30 dev eth0
ip -n s1 addr del 100.64.2.1/30 dev eth0
ip -n s1 route replace default via 100.64.12.2
moved() {
	ip -n s1 -d link show dev gre1 | grep 'local 100.64.12.1'
}
wait_for 10 moved
know s1 10.0.0.1 100.64.1.1
lost s1 10.0.0.1
guard s1 | must grep 'saddr 100.64.12.1'

# --- a device made by hand: as it is, and as somebody remakes it
conf s2 <<-END
	$profile
	interface gre1 ipsec lab
END
tap clear-s2 core c3 -Q in 'ip proto 47 and (ip[24:4] = 42 or ip[24:4] = 44)'
start s2
wait_for 5 guard s2
know s2 10.0.0.1 100.64.1.1
lost s2 10.0.0.1
ip -n s2 link del gre1
must guard s2
ip -n s2 link add gre1 type gre key 44 csum local 100.64.3.1
remade() {
	guard s2 | grep '0x2c'
}
wait_for 5 remade
ip -n s2 addr add 10.0.0.3/24 dev gre1
ip -n s2 link set gre1 up
know s2 10.0.0.1 100.64.1.1
lost s2 10.0.0.1

# --- only the configuration takes it away
for n in hub s1 s2; do
	end_capture clear-$n
	equal "packets in clear from $n" 0 "$(packets clear-$n)"
done
tunnel_conf hub
reload hub
wait_for 5 no_guard hub
tunnel_conf s1
end_capture overlay
equal 'packets that went round the tunnel' 0 "$(packets overlay)"
reload s1
wait_for 5 no_guard s1
must_not unreachable
tap overlay core c2 -Q in "$OVERLAY"
astray
wait_for 5 seen overlay 3
know hub 10.0.0.2 100.64.12.1
ping_ok s1 10.0.0.1
stop s2 TERM
must guard s2
pass "0 packets in clear, $(packets esp-s1) encrypted; of 100 a second, $flushed left during 5 flushes"
