# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# The hub's own firewall table: what it samples and how often, over IPv4 and IPv6;
# and whose it is: repaired, left to a successor, the administrator's, removed.
. "$LAB/lib.sh"

table() { # [WORDS...]: the hub's table as nft lists it
	on hub nft "$@" list table inet nhrpd
}

samples() {
	query hub counters 'select(.name == "kernel_samples") | .value'
}

sampled() { # COUNT: so many until now
	[ "$(samples)" = "$1" ]
}

# The LANs also over IPv6, with the hub between.
lan6() { # NODE
	local n=$1 i=${index[$1]}
	ip -n "$n" addr add "fd00::$i/64" dev gre1 nodad
	ip -n "$n" addr add "fd00:$i::1/64" dev lan0 nodad
	ip -n "$n-lan" addr add "fd00:$i::10/64" dev eth0 nodad
	ip -n "$n-lan" route add default via "fd00:$i::1"
}

mesh
for n in hub s1 s2; do
	lan6 $n
	on $n sysctl -qw net.ipv6.conf.all.forwarding=1
done
hub_conf hub redirect
spoke_conf s1 'map fd00::1/64 100.64.1.1 register'
spoke_conf s2 'map fd00::1/64 100.64.1.1 register'
up hub s1 s2
wait_for 10 entry hub dynamic fd00::2 100.64.2.1
wait_for 10 entry hub dynamic fd00::3 100.64.3.1
relay
ip -n hub route add fd00:2::/64 via fd00::2 dev gre1
ip -n hub route add fd00:3::/64 via fd00::3 dev gre1
ip -n s1 route add fd00:3::/64 via fd00::1 dev gre1
ip -n s2 route add fd00:2::/64 via fd00::1 dev gre1
table -s -t > "$WORK/table"
must grep -q 'log group 77 snaplen 128' "$WORK/table"

# Of each pair of addresses the first packet, each way, in either family.
ping_ok s1-lan 192.168.3.10 10
ping_ok s1-lan fd00:3::10 10
wait_for 5 sampled 4
equal 'pairs that are remembered' 4 "$(table | grep -o 'limit rate 4/minute burst 1 packets timeout' | wc -l)"

# Somebody flushes the ruleset.
began_flush=$(now)
must on hub nft flush ruleset
wait_for 5 table
flush_ms=$(($(now) - began_flush))
table -s -t | must diff "$WORK/table" -
ping_ok s1-lan 192.168.3.10 5
wait_for 5 sampled 6

# A successor finds it; an end removes it.
stop hub USR1
table -s -t | must diff "$WORK/table" -
start hub
table -s -t | must diff "$WORK/table" -
ping_ok s1-lan 192.168.3.10 5
wait_for 5 sampled 2

# The administrator's own rule, and no other.
hub_conf hub 'redirect firewall manual nflog-group 9'
reload hub
must_not table
must on hub nft 'table inet mine { chain c { type filter hook forward priority 0;
	iifname gre1 oifname gre1 log group 9 snaplen 128; }; }'
ping_ok s1-lan 192.168.3.10 5
wait_for 5 sampled 12
hub_conf hub redirect
reload hub
must table
stop hub TERM
must_not table
must on hub nft list table inet mine
pass "there again $flush_ms ms after a flush"
