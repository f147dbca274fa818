# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# FRR's nhrpd as a peer, Debian's package as it stands; sourced after lib.sh.
#
# What its version 8.4 wants: zebra and staticd beside it, one -N name a
# namespace, a tunnel bound to the device below it, and a /32 on the tunnel.

FRR=/usr/lib/frr

# frr NODE HUB|SPOKE-WORDS...: its tunnel and its daemons. With FRR_QUIET they keep
# to themselves what they do.
frr() {
	local n=$1 d
	shift
	gre "$n" 32 dev eth0
	mkdir -p "/run/frr/$n"
	{
		[ -n "${FRR_QUIET:-}" ] || printf '%s\n' 'log stdout informational' \
			'debug nhrp common' 'debug nhrp event' 'debug nhrp route'
		echo 'interface gre1'
		printf ' %s\n' 'ip nhrp network-id 1' \
			'ip nhrp holdtime 60' 'tunnel source eth0' "$@"
	} > "$WORK/$n.frr"
	chown -R frr:frr "/run/frr/$n"
	for d in zebra staticd nhrpd; do
		frr_daemon "$n" $d
	done
}

frr_daemon() { # NODE DAEMON
	local n=$1 d=$2 config=/dev/null
	[ "$d" != nhrpd ] || config=$WORK/$n.frr
	on "$n" $FRR/"$d" -N "$n" -f "$config" -i "/run/frr/$n/$d.pid" \
		>> "$WORK/$n-$d.log" 2>&1 &
	wait_for 30 test -S "/run/frr/$n/$d.vty"
}

# frr_spoke NODE HUB: the words that make it a spoke, with shortcuts. It answers
# nobody to whom it has no route.
frr_spoke() {
	# shellcheck disable=SC2154 # of lib.sh
	local at=${index[$2]}
	frr "$1" "ip nhrp nhs 10.0.0.$at nbma 100.64.$at.1" 'ip nhrp shortcut'
	ip -n "$1" route add 10.0.0.0/24 via "10.0.0.$at" dev gre1 onlink
}

# frr_samples NODE [WORDS...]: the rule by which it learns of traffic that turns
# round in the tunnel, as its manual has it for iptables, in nftables' words. With
# nothing more the kernel keeps samples back for up to a second, to send many at
# once; with `queue-threshold 1` it does not.
frr_samples() {
	must on "$1" nft "table inet samples {
		set pairs {
			type ipv4_addr . ipv4_addr
			size 1024
			flags dynamic,timeout
			timeout 15s
		}
		chain forward {
			type filter hook forward priority 0;
			iifname gre1 oifname gre1 update @pairs { \
				ip saddr . ip daddr limit rate 4/minute burst 1 packets \
			} log group 1 snaplen 128 ${*:2}
		}
	}"
}

vty() { # NODE COMMAND...
	on "$1" vtysh -N "$1" -d nhrpd -c "${*:2}"
}

frr_cache() { # NODE PROTOCOL NBMA: has FRR such an entry?
	vty "$1" show ip nhrp cache | grep -E "gre1 +[a-z-]+ +$2 +$3 "
}

frr_registered() { # NODE [HUB-ADDRESS]
	vty "$1" show ip nhrp nhs | grep -F " ${2:-10.0.0.1} "
}
