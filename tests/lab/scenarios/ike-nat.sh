# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# The adapter to charon, alone, and NAT: a spoke behind it, whose outer address
# changes; two behind one address in tunnel mode; and one that asks for the packets
# of all others.
. "$LAB/lib.sh"
. "$LAB/charon.sh"

core
wan hub 1
gre hub
natted s1 2
gre s1
index[s2]=3 private[s2]=172.16.2.3
behind s2 s1
gre s2

# A mapping of its router lasts a second.
nat() { # TARGET
	on s1-nat nft -f - <<- END
		flush ruleset
		table ip nat {
			chain out {
				type nat hook postrouting priority srcnat;
				oifname eth0 $1
			}
		}
	END
	on s1-nat sysctl -qw net.netfilter.nf_conntrack_udp_timeout=1 \
		net.netfilter.nf_conntrack_udp_timeout_stream=1
}
nat masquerade

# peer NODE OF-HUB NEIGHBOUR-THERE: their tunnels know each other.
peer() {
	ip -n "$1" neigh replace 10.0.0.1 lladdr 100.64.1.1 dev gre1 nud permanent
	ip -n hub neigh replace "10.0.0.${index[$1]}" lladdr "$2" dev gre1 nud permanent
}

for n in hub s1 s2; do
	charon $n
	secret_profile $n labsecret
	probe $n
	wait_for 20 fact $n 'READY'
	wait_for 20 has_conns $n dmvpn-gre1
done

# The hub knows that it cannot be called.
mark hub
tell s1 start 100.64.1.1
wait_for 40 fact s1 'UP 100\.64\.1\.1 .* initiator$'
wait_for 10 fact hub 'UP 100\.64\.2\.1 .* id s1\.lab outer 100\.64\.2\.1 natted$'
peer s1 100.64.2.1
ping_ok s1 10.0.0.1 3

# Its router gets another address; what IKE says next says so.
mark hub
ip -n core route add 203.0.113.5 via 100.64.2.1
moved=$(now)
nat 'snat to 203.0.113.5'
wait_for 40 fact hub 'MOVED 203\.0\.113\.5 .* id s1\.lab outer 203\.0\.113\.5 natted$'
moved=$(($(now) - moved))
peer s1 203.0.113.5
ping_ok s1 10.0.0.1 3
must_not fact hub 'DOWN'
tell s1 stop "$(last_ike s1)"
wait_for 20 fact hub 'DOWN 203\.0\.113\.5 '

# Two behind one address, each by its inner one.
for n in hub s1 s2; do
	secret_profile $n labsecret mode tunnel
	tell $n conf "$WORK/$n.conf"
done
wait_for 20 says 0.0.0.0/0 swan hub --list-conns
mark hub
for n in s1 s2; do
	tell $n start 100.64.1.1
	wait_for 40 fact $n 'UP 100\.64\.1\.1 .* initiator$'
	wait_for 10 fact hub "UP ${private[$n]//./\\.} .* id $n\.lab outer 203\.0\.113\.5 natted$"
	peer $n "${private[$n]}"
done
ping_start first s1 10.0.0.1 20
ping_start second s2 10.0.0.1 20

# A third asks for everybody's packets, and has none of them.
mark hub
charon_thief() {
	natted thief 4
	charon_conf thief
	mkdir -p "$WORK/thief.swanctl/conf.d"
	cat > "$WORK/thief.swanctl/swanctl.conf" <<- END
		connections { all {
			remote_addrs = 100.64.1.1
			local { auth = psk
				id = thief.lab }
			remote { auth = psk }
			children { all {
				mode = tunnel
				local_ts = 0.0.0.0/0[gre]
				remote_ts = dynamic[gre] } } } }
		secrets { ike { secret = labsecret } }
	END
	on thief-nat nft add table ip nat
	on thief-nat nft add chain ip nat out '{ type nat hook postrouting priority srcnat; }'
	on thief-nat nft add rule ip nat out oifname eth0 masquerade
	charon thief
}
charon_thief
must swan thief --initiate --child all
wait_for 20 fact hub 'warn: charon: IKE SA .* \(thief\.lab\) asks for more than the GRE of one address: ended'
wait_for 20 has_sas hub 2
must_not fact hub 'UP'
ping_end first
ping_end second
lost=$(($(ping_lost first) + $(ping_lost second)))
pass "another outer address known after $moved ms, two behind one address in tunnel mode, lost to a thief $lost of 400"
