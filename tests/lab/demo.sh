# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# What contrib/demo shows; runs where a scenario does. DEMO_CLEAR=1: without encryption.
. "$LAB/secure.sh"

verdict() {
	echo "demo: $*"
}

title() {
	printf '=== %s\n' "$1"
	shift
	printf '%s\n' "$@" ''
}

# show NODE COMMAND...: with the prompt that a person there would have.
show() {
	local n=$1
	shift
	printf '%s# %s\n' "$n" "$*"
	case $1 in
	nhrpctl) ctl "$n" "${@:2}" ;;
	*) on "$n" "$@" ;;
	esac
	echo
}

encrypted() {
	[ -z "${DEMO_CLEAR:-}" ]
}

# network: three nodes that know what is configured, and captures on every WAN.
network() {
	local n
	if encrypted; then
		secure_mesh
		tap wan-s1 core c2 ip
		return
	fi
	mesh
	hub_conf hub redirect
	for n in s1 s2; do
		edge_conf $n
	done
	sites_routed hub s1 s2
}

# What the hub forwards from the tunnel into the tunnel, encrypted or not outside.
watch_hub() {
	tap data-hub hub gre1 icmp
}

# The last lines of a capture on the WAN of s1, as somebody on the way reads them.
wire() { # COUNT FILTER
	printf "router# tcpdump -n -r wan-of-s1.pcap '%s' | tail -n %d\n" "$2" "$1"
	tcpdump -n -r "$WORK/wan-s1.pcap" "$2" 2> /dev/null | tail -n "$1"
	echo
}

clear_count() {
	local n count=0
	for n in hub s1 s2; do
		count=$((count + $(packets "clear-$n")))
	done
	echo "GRE in clear: $count"
	equal 'GRE in clear' 0 $count
}

cat <<'PICTURE'

                     hub  10.0.0.1 on the tunnel
                      |
                 100.64.1.1
                      |
                 [ internet ]
                  |        |
          100.64.2.1      100.64.3.1
              |                |
    10.0.0.2  s1              s2  10.0.0.3
              |                |
     192.168.2.0/24       192.168.3.0/24

Every node has one GRE device, gre1, which knows no peer by itself, and a LAN.
PICTURE
network
if encrypted; then
	echo "Beside each nhrpd runs the distribution's strongSwan, with no file of its own:"
	echo 'nhrpd tells it what it needs.'
	for n in hub s1 s2; do
		charon $n
	done
fi
echo
up hub s1 s2
watch_hub

title 'A spoke knows its hub, and nothing else' \
	'Its whole configuration, and the server it registered with:'
echo 's1# cat /etc/nhrpd/nhrpd.conf'
# Three charons on one machine have a socket each.
sed 's/^vici .*/# (a line for this demo left out: which of three charons is its own)/' \
	"$WORK/s1.conf"
echo
show s1 nhrpctl show nhs

title 'The hub learnt the spokes from their registrations' \
	'Its cache, and what the kernel sends by:'
show hub nhrpctl show cache
show hub ip neigh show dev gre1
if encrypted; then
	title 'Each spoke brought an SA along' \
		'Before there is one, nothing goes to a peer, not even NHRP. Whose it is, was proved:'
	show hub nhrpctl show peers
fi

title 'From LAN to LAN' \
	'No spoke has a route to the other LAN, only one to the hub for all of them. The' \
	'first packet goes through the hub, which tells s1 that there is a shorter way; s1' \
	'asks where 192.168.3.10 is, and from then on packets go straight:'
show s1 ip route show 192.168.0.0/16
show s1-lan ping -n -c 5 192.168.3.10
echo "Packets that the hub saw, of 5 there and 5 back, each twice: $(packets data-hub)"
echo
show s1 nhrpctl show shortcuts
show s1 ip route show dev gre1
show s1 nhrpctl explain 192.168.3.10

title 'What the spokes learnt' \
	'Each now has the other in its cache and in the kernel. An entry that is not used' \
	'ends with its holding time. The last answer is for programs:'
for n in s1 s2; do
	show $n nhrpctl show cache
	show $n ip neigh show dev gre1
done
show s1 nhrpctl -j show cache

if encrypted; then
	title 'The shortcut has an SA of its own' \
		'What goes straight is encrypted straight: the hub cannot read it.'
	show s1 nhrpctl show peers
	title 'What somebody on the way can see' \
		'The router in the middle, on the line of s1: ESP, and not even which protocol is in it.'
	wire 6 'esp and host 100.64.3.1'
fi
title 'The end' 'A stop withdraws what was registered, and leaves nothing in the kernel:'
for n in s1 s2 hub; do
	stop $n TERM
	equal "entries of $n" '' "$(ours $n neigh)"
	show $n ip neigh show dev gre1
done
if encrypted; then
	title 'On the lines of all three, from before the start until now' \
		'No packet of the tunnel was ever to be read:'
	clear_count
fi
