# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# What contrib/demo shows; runs where a scenario does.
. "$LAB/lib.sh"

verdict() {
	echo "demo: $*"
}

title() {
	printf '\n=== %s\n' "$1"
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
mesh
hub_conf hub redirect
for n in s1 s2; do
	spoke_conf $n shortcut
	printf 'interface lan0\n\tshortcut-destination\n' >> "$WORK/$n.conf"
	ip -n $n route add 192.168.0.0/16 via 10.0.0.1 dev gre1
done
up hub
up s1 s2
ip -n hub route add 192.168.2.0/24 via 10.0.0.2 dev gre1
ip -n hub route add 192.168.3.0/24 via 10.0.0.3 dev gre1
watch_data hub

title 'A spoke knows its hub, and nothing else' \
	'Its whole configuration, and the server it registered with:'
echo 's1# cat /etc/nhrpd/nhrpd.conf'
cat "$WORK/s1.conf"
echo
show s1 nhrpctl show nhs

title 'The hub learnt the spokes from their registrations' \
	'Its cache, and what the kernel sends by:'
show hub nhrpctl show cache
show hub ip neigh show dev gre1

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
title 'The end' 'A stop withdraws what was registered, and leaves nothing in the kernel:'
for n in s1 s2 hub; do
	stop $n TERM
	equal "entries of $n" '' "$(ours $n neigh)"
	show $n ip neigh show dev gre1
done
