# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# Two layers keep an encrypted tunnel from sending in clear, and each holds while the
# other is gone, be it for good or until the daemon has written it again; another GRE
# tunnel of the same addresses goes on all the while. And a device that somebody makes
# by hand, and makes anew, with an address of its own or without.
. "$LAB/guarded.sh"

# While a hundred packets a second want to leave s1, five times somebody does this.
# What leaves until the guard is whole again is counted in $left.
flushed_by() { # NAME COMMAND...
	local name=$1 n flood
	shift
	tap "$name" core c2 -Q in "$GRE"
	ip netns exec s1 ping -n -q -i 0.01 -W 1 -c 5000 10.0.0.1 > "$WORK/ping-flood" 2>&1 &
	flood=$!
	for _ in 1 2 3 4 5; do
		n=$(counted_policies s1 Out)
		must on s1 "$@"
		wait_for 5 guarded s1
		wait_for 5 counted_policies_by s1 Out $((n + 10))
	done
	kill -INT $flood
	wait $flood || true
	end_capture "$name"
	left=$(packets "$name")
}

guarded_sites s1 hub
tunnel_conf s1 'ipsec lab'
ip -n core route add 192.168.3.0/24 via 100.64.3.1
start s1
wait_for 10 guarded s1
know s1 10.0.0.1 100.64.1.1
other_goes_on

# --- each layer alone, with no daemon that would write the other again
stop s1 KILL
before=$(counted_policies s1 Out)
must on s1 nft flush ruleset
lost s1 10.0.0.1
must counted_policies_by s1 Out $((before + 5))
start s1
wait_for 5 guarded s1
stop s1 KILL
before=$(counted s1 out)
must ip -n s1 xfrm policy flush
lost s1 10.0.0.1
must [ "$(counted s1 out)" -ge $((before + 5)) ]
start s1
wait_for 5 guarded s1

# --- with it, and traffic: one layer stands while the other is written again
flushed_by ruleset nft flush ruleset
equal 'packets in clear, of a ruleset that was flushed' 0 "$left"
flushed_by policy ip xfrm policy flush
equal 'packets in clear, of policies that were flushed' 0 "$left"
end_capture clear-s1
equal 'packets in clear from s1' 0 "$(packets clear-s1)"
# Both at once is not what it is made for, and is counted apart.
flushed_by both sh -c 'nft flush ruleset & ip xfrm policy flush & wait'
tap clear-s1 core c2 -Q in "$GRE"
lost s1 10.0.0.1
end_capture clear-s1
equal 'packets in clear from s1, behind that' 0 "$(packets clear-s1)"
other_went_on

# --- a device made by hand: as it is, and as somebody remakes it
gre s2
conf s2 <<-END
	$profile
	interface gre1 ipsec lab
END
tap clear-s2 core c3 -Q in \
	'ip proto 47 and not src net 192.168.0.0/16 and (ip[24:4] = 42 or ip[24:4] = 44)'
start s2
wait_for 5 guarded s2
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

# --- and without an address of its own: it sends from any that this machine has, and
# what a host behind it sends with the same key is another's
ip -n s2 link del gre1
ip -n s2 link add gre1 type gre key 44
policy_is() { # PATTERN
	policies s2 | grep "$1"
}
wait_for 5 policy_is 'src 100.64.3.1/32 .* key 44 .*dir out'
ip -n s2 addr add 10.0.0.3/24 dev gre1
ip -n s2 link set gre1 up
know s2 10.0.0.1 100.64.1.1
before=$(counted_policies s2 Out)
lost s2 10.0.0.1
must counted_policies_by s2 Out $((before + 5))
ip -n s2 addr add 100.64.33.1/32 dev eth0
wait_for 5 policy_is 'src 100.64.33.1/32 .* key 44 .*dir out'
ip -n core link add through type gre key 44 local 100.64.3.2 remote 192.168.3.10
ip -n core addr add 10.7.0.1/24 dev through
ip -n core link set through up
ip -n s2-lan link add through type gre key 44 local 192.168.3.10 remote 100.64.3.2
ip -n s2-lan addr add 10.7.0.2/24 dev through
ip -n s2-lan link set through up
ping_ok s2-lan 10.7.0.1
end_capture clear-s2
equal 'packets in clear from s2' 0 "$(packets clear-s2)"
stop s2 TERM
must guard s2
must policy_is 'src 100.64.3.1/32 .* key 44 .*dir out'
pass "0 packets in clear while one layer is flushed; of 100 a second, $left left in 5 flushes of both"
