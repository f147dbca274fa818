# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# Two spokes behind one outer address, without IPsec: the first is not disturbed,
# the second is refused, and both ends say why.
. "$LAB/lib.sh"

core
wan hub 1
natted s1 2
gre hub
lan s1
gre s1
hub_conf hub
spoke_conf s1
record hub
index[s2]=3 private[s2]=172.16.2.3
behind s2 s1
gre s2
spoke_conf s2

refused() { # by the hub, and s2 knows why
	query s2 nhs 'select(.state != "up" and (.reason | test("two behind one NAT")))'
}

# A router that masquerades has one answer to both: it lets the first one's GRE
# out, and drops the second one's.
nat_masquerade s1
up hub s1
ping_start first hub 10.0.0.2 15
start s2
wait_for 20 query s2 nhs 'select(.reason | test("no answer"))'
must entry hub dynamic 10.0.0.2 100.64.2.1

# One that lets out what comes, and brings an NHRP answer to who asked: it says
# at octet 28 where that one is. Whatever else comes is for the first.
on s1-nat nft -f - <<- END
	flush ruleset
	table ip nat {
		chain before {
			type filter hook prerouting priority raw;
			meta l4proto gre notrack
			iifname eth0 @th,16,16 0x2001 @th,288,32 0xac100203 ip daddr set 172.16.2.3 accept
			iifname eth0 meta l4proto gre ip daddr set 172.16.2.2
		}
		chain after {
			type filter hook postrouting priority srcnat;
			oifname eth0 meta l4proto gre ip saddr set 100.64.2.1
		}
	}
END
let_out=$(now)
wait_for 40 refused
refused_ms=$(($(now) - let_out))
must grep 'two behind one NAT' "$WORK/s2.log"
must grep 'registration of 10.0.0.3 from 100.64.2.1 refused: another station' "$WORK/hub.log"
must ctl hub show log
said 'registration of 10.0.0.3 from 100.64.2.1 refused: .* without IPsec'
must query hub counters 'select(.name == "registrations_refused_shared_address") | .value > 0'
ping_end first
equal 'packets lost of 150 to the first' 0 "$(ping_lost first)"
must entry hub dynamic 10.0.0.2 100.64.2.1
must_not entry hub dynamic 10.0.0.3 100.64.2.1
must registered s1
equal 'where the hub has the first' 172.16.2.2 \
	"$(query hub cache 'select(.protocol == "10.0.0.2") | .claimed_nbma')"
consistent hub s1
pass "lost 0 of 150 to the first, the second refused $refused_ms ms after it was let out"
