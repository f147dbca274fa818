# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# What happens to encrypted tunnels: keys renewed, everything unloaded in charon, each
# daemon killed, stopped and started again, under traffic to the hub and straight to
# the other site. What has no SA waits; nothing leaves in clear.
#
# A charon that is killed leaves its SAs in the kernel, and makes new ones beside them
# when it is back. The other end has each of those a moment earlier, and its kernel
# takes the newest for what it sends: of each flow some packets may be lost then.
. "$LAB/secure.sh"

flows() { # SECONDS
	ping_start to-hub s1-lan 192.168.1.10 "$1"
	ping_start to-site s1-lan 192.168.3.10 "$1"
}

flows_end() {
	ping_end to-hub
	ping_end to-site
}

lost() { # of both
	echo "$(ping_lost to-hub)/$(ping_lost to-site)"
}

rekeys() { # NODE NBMA COUNT
	[ "$(query "$1" peers "select(.nbma == \"$2\") | .rekeys")" -ge "$3" ]
}

unsecured() { # NODE NBMA
	! secured "$@"
}

answered() {
	on s1-lan ping -c 1 -W 1 192.168.3.10
}

secure_mesh
for n in hub s1 s2; do
	charon $n
done
up hub s1 s2
ip -n s1 route add 192.168.1.0/24 via 10.0.0.1 dev gre1 onlink
ip -n hub-lan route replace default via 192.168.1.1
burst s1-lan 192.168.3.10 100
wait_for 10 shortcut s1 192.168.3.0/24 10.0.0.3
wait_for 10 shortcut s2 192.168.2.0/24 10.0.0.2
burst_end

# New keys, of children and of IKE SAs.
flows 10
for k in 1 2 3; do
	must swan s1 --rekey --child gre
	wait_for 10 rekeys s1 100.64.1.1 $k
	wait_for 10 rekeys s1 100.64.3.1 $k
done
must swan s1 --rekey --ike dmvpn-gre1-100.64.1.1
flows_end
rekeyed=$(lost)

# Everything of ours is unloaded, then nhrpd ends on both in each way.
flows 10
must swan hub --load-all --noprompt
must swan s1 --load-all --noprompt
stop s1 KILL
start s1
stop hub USR1
start hub
wait_for 40 registered s1
flows_end
survived=$(lost)

# charon of one spoke is killed.
flows 15
charon_stop s1 KILL
charon s1
wait_for 40 secured s1 100.64.1.1
wait_for 40 secured s1 100.64.3.1
wait_for 40 registered s1
flows_end
killed=$(lost)

# A charon that ends in order takes its SAs along: all waits until it is back.
charon_stop hub TERM
wait_for 10 unsecured s1 100.64.1.1
must_not on s1-lan ping -c 3 -W 1 192.168.1.10
charon hub
began_back=$(now)
wait_for 90 registered s1
wait_for 90 registered s2
wait_for 20 answered
back_ms=$(($(now) - began_back))
consistent hub s1 s2
stop_all
# charon takes the old keys away while a packet may be on its way under them.
[ "$((${rekeyed/\//+}))" -le 2 ] || fail "packets lost over new keys, to the hub/site: $rekeyed"
equal 'packets lost over restarts of nhrpd and unloading' 0/0 "$survived"
[ "${killed%/*}" -le 3 ] && [ "${killed#*/}" -le 3 ] ||
	fail "packets lost over a killed charon, to the hub/site: $killed"
pass "lost over seven rekeys $rekeyed, over restarts of nhrpd and unloading $survived, over a killed charon $killed, back $(seconds $back_ms) s after a stopped one, clear 0"
