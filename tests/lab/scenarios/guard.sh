# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# An encrypted tunnel and nobody to encrypt: not one of its packets leaves in clear or
# is taken, from before the daemon's start to after its end, while another GRE tunnel
# of the same addresses goes on. With SAs, made by hand, they pass.
# And packets to networks behind the tunnel do not go round it when its route is gone.
. "$LAB/guarded.sh"

OVERLAY='icmp and src net 192.168.0.0/16' # as it is on a LAN

# A packet of s1's LAN to a network that no route leads to.
astray() {
	must_not on s1-lan ping -n -i 0.1 -W 1 -c 3 192.168.3.10
}

unreachable() {
	ip -n s1 route show 192.168.0.0/16 | grep "^unreachable .* metric 4294967000"
}

device_is_up() { # NODE
	ip -n "$1" link show dev gre1 up | grep gre1
}

CHARON=366975 # the priority of its policies for an SA between two addresses

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
			priority $CHARON tmpl src $a dst $b proto esp reqid 1 mode transport
		ip -n "$1" xfrm policy add src $b/32 dst $a/32 proto gre dir "$3" \
			priority $CHARON tmpl src $b dst $a proto esp reqid 1 mode transport
	done
}

in_clear_again() {
	local n
	for n in hub s1; do
		ip -n $n xfrm state flush
		ip -n $n xfrm policy deleteall priority $CHARON
	done
}

# Of nodes that guard, nothing may leave; s2 is one that does not, and sends.
guarded_sites hub s1
for n in hub s1; do
	tap "esp-$n" core "c${index[$n]}" -Q in 'ip proto 50'
	tunnel_conf $n 'ipsec lab guard 192.168.0.0/16'
done
tap overlay core c2 -Q in "$OVERLAY"
other_goes_on

# --- from the start
start hub
start s1
for n in hub s1; do
	wait_for 10 device_is_up $n
	must guarded $n
done
know hub 10.0.0.2 100.64.2.1
know hub 10.0.0.3 100.64.3.1
know s1 10.0.0.1 100.64.1.1
lost s1 10.0.0.1
lost hub 10.0.0.2
must blocked_by s1 out 5
must blocked_by hub out 5
equal 'clear packets that came to the hub' '0 0' "$(dropped hub in) $(blocked hub in)"
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
before="$(dropped s1 out) $(blocked s1 out)"
encrypt
ping_ok s1 10.0.0.1
ping_ok hub 10.0.0.2
equal 'packets dropped while encrypted' "$before" "$(dropped s1 out) $(blocked s1 out)"
wait_for 5 seen esp-s1 10
must_not on s2 ping -n -i 0.1 -W 1 -c 5 10.0.0.1

# --- stopped, killed, restarted: it stays, and encrypted traffic goes on
guard hub > "$WORK/table"
policies hub > "$WORK/policies"
before=$(counted_policies hub Out)
ip netns exec hub ip xfrm monitor policy > "$WORK/monitor" 2>&1 &
monitor=$!
stop hub TERM
stop s1 KILL
ping_ok s1 10.0.0.1
must unreachable
astray
in_clear_again
other_goes_on
lost s1 10.0.0.1
lost hub 10.0.0.2
must counted_policies_by hub Out $((before + 5))
guard hub | must diff "$WORK/table" -
start hub
start s1
wait_for 5 guarded s1
guard hub | must diff "$WORK/table" -
policies hub | must diff "$WORK/policies" -
must blocked_by hub out $((before + 5))
stop hub USR1
guard hub | must diff "$WORK/table" -
policies hub | must diff "$WORK/policies" -
start hub
lost s1 10.0.0.1
kill $monitor
wait $monitor || true
must grep '^Updated .*dst 100.64.1.1/32 proto gre key 42' "$WORK/monitor"
must_not grep '^Deleted .* key 42' "$WORK/monitor"

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
policies s1 | must grep 'src 100.64.12.1/32 .* key 42 .*dir out'

# --- only the configuration takes it away
for n in hub s1; do
	end_capture clear-$n
	equal "packets in clear from $n" 0 "$(packets clear-$n)"
done
ip -n hub xfrm policy add src 192.0.2.1/32 dst 0.0.0.0/0 proto gre key 42 dir out \
	priority 4294966999 action block
tunnel_conf hub
reload hub
wait_for 5 no_guard hub
equal 'policies of others' 1 "$(ip -n hub xfrm policy | grep -c 'src 192.0.2.1/32')"
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
pass "0 packets in clear, $(packets esp-s1) encrypted"
