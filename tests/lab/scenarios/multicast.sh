# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# A hub and two spokes: what a routing protocol sends to a group of the link arrives,
# once at each; a stream that nobody named does not, and is counted.
. "$LAB/multicast.sh"

nodes=(hub s1 s2)
mesh
hub_conf hub 'multicast dynamic'
for n in "${nodes[@]}"; do
	groups "$n"
	[ "$n" = hub ] || spoke_conf "$n" 'multicast nhs'
done
watch_groups "${nodes[@]}"
up "${nodes[@]}"
wait_for 10 copies_to hub 100.64.2.1 100.64.3.1
wait_for 10 copies_to s1 100.64.1.1

# From a spoke to the hub and no further; from the hub to both, in either family.
for group in 224.0.0.5 ff02::5; do
	send s1 $group 5
	arrived hub $group 5
	send hub $group 5
	arrived s1 $group 5
	arrived s2 $group 5
	equal "copies of what the hub sent to $group" 10 \
		"$(multicast hub ".group == \"$group\"" copies)"
	departed hub $group 10
done
must tcpdump -n -v -r "$WORK/in-s1.pcap" dst 224.0.0.5
said 'ttl 1,'

# A datagram whose checksum the kernel had left to the device.
on hub bash -c 'for k in 1 2 3; do echo hello > /dev/udp/224.0.0.9/520; done'
arrived s1 224.0.0.9 3
must tcpdump -n -vv -r "$WORK/in-s1.pcap" dst 224.0.0.9
said 'udp sum ok'
not_said 'bad udp cksum'

# A listener on the machine that sends makes no second copy: every host listens to
# 224.0.0.1.
send hub 224.0.0.1 2
arrived s1 224.0.0.1 2

# A stream, and broadcast, are for nobody unless they are named.
send hub 239.1.1.1 20
send hub 10.0.0.255 3
send hub 255.255.255.255 3
wait_for 5 multicast_is hub '.group == "239.1.1.1"' state refused
wait_for 5 multicast_is hub '.group == null and .nbma == null' packets 26
hub_conf hub 'multicast dynamic' 'multicast-group 239.1.0.0/16 255.255.255.255'
reload hub
send hub 239.1.1.1 4
send hub 10.0.0.255 3
send hub 255.255.255.255 3
send hub 239.2.1.1 4
for n in s1 s2; do
	arrived $n 239.1.1.1 4
	arrived $n 10.0.0.255 3
	arrived $n 255.255.255.255 3
	arrived $n 239.2.1.1 0
done

# Who is gone gets none, and who comes back does.
stop s2 TERM
wait_for 5 copies_to hub 100.64.2.1
send hub 224.0.0.13 2
arrived s1 224.0.0.13 2
start s2
wait_for 20 copies_to hub 100.64.2.1 100.64.3.1
send hub 224.0.0.13 2
arrived s2 224.0.0.13 2
arrived s1 224.0.0.13 4

# The administrator's own rules.
hub_conf hub 'multicast dynamic' 'firewall manual multicast-nflog-group 9'
reload hub
must_not on hub nft list table inet nhrpd
must on hub nft 'table inet mine { chain c { type filter hook output priority 0;
	oifname gre1 ip daddr 224.0.0.0/24 log group 9 queue num 65535; }; }'
send hub 224.0.0.18 2
arrived s1 224.0.0.18 2
arrived s2 224.0.0.18 2

for n in "${nodes[@]}"; do
	end_capture "wan-$n"
done
nothing_outside "${nodes[@]}"
pass 'each packet once at each station, none outside, a stream only when named'
