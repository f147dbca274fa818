# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# A device that nhrpd makes and keeps: as configured, made anew when somebody
# deletes it, waiting for an address that is not there yet, changed by a reload.
. "$LAB/lib.sh"

sites
hub_conf hub 'tunnel source 100.64.1.1 key 7 ttl 33' 'address 10.0.0.1/24'
spoke_conf s1 'tunnel source eth0 key 7 ttl 33' 'address 10.0.0.2/24'
start hub

# The WAN address comes late, as with DHCP.
ip -n s1 addr del 100.64.2.1/30 dev eth0
start s1
must_not registered s1
ip -n s1 addr add 100.64.2.1/30 dev eth0
ip -n s1 route add default via 100.64.2.2
late=$(now)
wait_for 20 registered s1
late=$(($(now) - late))

link() { # NODE FILTER
	ip -n "$1" -d -j link show dev gre1 | gojq -er ".[0] | $2"
}
equal 'device of s1' '7 33 100.64.2.1 any' \
	"$(link s1 '.linkinfo.info_data | "\(.okey) \(.ttl) \(.local) \(.remote)"' |
		sed 's/0\.0\.0\.7/7/')"
must link s1 '.flags | index("NOARP") | not'
equal 'address of s1' 10.0.0.2/24 "$(ip -n s1 -4 -j addr show dev gre1 |
	gojq -r '.[0].addr_info[] | "\(.local)/\(.prefixlen)"')"
ping_ok s1 10.0.0.1

# Deleted by somebody.
ping_start kept s1 10.0.0.1 10
ip -n s1 link del gre1
ping_end kept
gap=$(ping_gap kept)
must on s1 ping -n -c 1 -W 2 10.0.0.1
consistent hub s1

# Another key, on both sides, by reload.
sed -i 's/key 7/key 8/' "$WORK/hub.conf" "$WORK/s1.conf"
reload hub
reload s1
wait_for 20 on s1 ping -n -c 1 -W 1 10.0.0.1
wait_for 20 registered s1
consistent hub s1
pass "registered $late ms after the address came, deleted device: $gap s without answer"
