# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# The spoke's WAN address changes under traffic. With the unique bit the hub
# refuses the new place until the old one is found to be silent; without, it
# follows at once.
. "$LAB/lib.sh"

move() { # FROM TO: s1's WAN, as DHCP would
	ip -n s1 addr del "100.64.$1.1/30" dev eth0
	ip -n s1 addr add "100.64.$2.1/30" dev eth0
	ip -n s1 route replace default via "100.64.$2.2"
}

sites
record s1 100.64.12.1
ip -n core addr add 100.64.12.2/30 dev c2
hub_conf hub 'tunnel source eth0 key 42' 'address 10.0.0.1/24'
spoke_conf s2 'tunnel source eth0 key 42' 'address 10.0.0.3/24'
spoke_conf s1 'tunnel source eth0 key 42' 'address 10.0.0.2/24'
up hub s1 s2
relay
ping_ok s1-lan 192.168.3.10

ping_start unique s1-lan 192.168.3.10 40
move 2 12
wait_for 40 entry hub dynamic 10.0.0.2 100.64.12.1
wait_for 40 registered s1
must grep -E 'already registered|NAK 14' "$WORK/s1.log"
ping_end unique
must on s1 ping -n -c 1 -W 2 10.0.0.1
consistent hub s1 s2

sed -i 's/ register$/ register no-unique/' "$WORK/s1.conf"
reload s1
wait_for 20 registered s1
ping_ok s1-lan 192.168.3.10
ping_start follows s1-lan 192.168.3.10 15
move 12 2
ping_end follows
must entry hub dynamic 10.0.0.2 100.64.2.1
ping_ok s1-lan 192.168.3.10
ping_ok s1 10.0.0.3
consistent hub s1 s2
pass "traffic again after $(ping_gap unique) s with the unique bit," \
	"$(ping_gap follows) s with no-unique"
