# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# The adapter to charon, alone, against Debian's strongSwan: what the engine would
# be told when a spoke calls the hub, when keys are renewed, when charon ends in
# each way and when somebody unloads everything.
. "$LAB/lib.sh"
. "$LAB/charon.sh"

pair
# charon is not there yet: a reason, and no more.
for n in hub s1; do
	secret_profile $n labsecret
	probe $n
	wait_for 10 fact $n 'GONE'
	charon $n
	wait_for 20 fact $n 'READY'
	wait_for 20 has_conns $n dmvpn-gre1
done
tap clear core c2 "$CLEAR"

# The spoke calls, and both know.
mark hub
tell s1 start 100.64.1.1
wait_for 20 fact s1 "$HUB_UP"
up_ms=$(took s1 UP)
wait_for 5 fact hub "$S1_UP"
wait_for 5 has_conns s1 dmvpn-gre1
ping_ok s1 10.0.0.1 5
esp_only
child=$(fact s1 UP | sed 's/.*child \([0-9]*\) .*/\1/')
tell s1 suite "$child"
wait_for 5 fact s1 'esp_suite AES_GCM_16-256'

# The same again is the same SA.
tell s1 start 100.64.1.1
wait_for 40 fact s1 "$HUB_UP"
duplicate=$(fact s1 "$HUB_UP" | wc -l)

# New keys, with the connection long unloaded; not a packet is lost.
ping_start rekey s1 10.0.0.1 12
mark hub
mark s1
must swan s1 --rekey --child gre
wait_for 20 fact s1 "REKEYED 100\.64\.1\.1 ike [0-9]+ child [0-9]+ old $child "
wait_for 20 fact hub 'REKEYED 100\.64\.2\.1 '
old=$(fact s1 REKEYED | sed 's/.*ike \([0-9]*\) .*/\1/')
must swan s1 --rekey --ike-id "$old"
wait_for 20 fact s1 "IKE 100\.64\.1\.1 ike [0-9]+ child [0-9]+ old $old "
wait_for 20 fact hub 'IKE 100\.64\.2\.1 '
ping_end rekey
equal 'packets lost by rekeying' 0 "$(ping_lost rekey)"

# Somebody loads his own files, which unloads ours; SAs go on.
mark hub
reloaded=$(now)
must swan hub --load-all --noprompt
said '1 unloaded'
wait_for 20 has_conns hub dmvpn-gre1
reloaded=$(($(now) - reloaded))
must fact hub 'warn: charon: somebody unloaded'
ping_ok s1 10.0.0.1 3

# charon stands still, which is as if it were gone; its SAs are told when it is back.
mark hub
kill -STOP "${charon_pid[hub]}"
wait_for 60 fact hub 'GONE'
ping_ok s1 10.0.0.1 3
mark hub
kill -CONT "${charon_pid[hub]}"
wait_for 60 fact hub 'READY'
must fact hub "$S1_UP"
wait_for 20 has_conns hub dmvpn-gre1

# An end by its number, and by both sides.
ike=$(fact s1 IKE | tail -n 1 | sed 's/.*ike \([0-9]*\) .*/\1/')
mark hub
tell s1 stop "$ike"
wait_for 10 fact s1 "DOWN 100\.64\.1\.1 ike $ike "
wait_for 10 fact hub 'DOWN 100\.64\.2\.1 '
wait_for 10 has_sas hub 0
esp_only
end_capture clear

# Nobody answers there: given up in time, and nothing is left.
tell s1 start 100.64.2.2
wait_for 40 fact s1 'FAILED 100\.64\.2\.2: 100\.64\.2\.2 does not answer IKE for 20 s'
failed_ms=$(took s1 FAILED)
wait_for 10 has_conns s1 dmvpn-gre1
equal 'SAs left of it' '' "$(swan s1 --list-sas)"

# The same over IPv6.
for n in hub s1; do
	i=${index[$n]}
	probe_end $n
	ip -n core addr add "fd00:$i::2/64" dev "c$i" nodad
	ip -n $n addr add "fd00:$i::1/64" dev eth0 nodad
	ip -n $n route add default via "fd00:$i::2"
	# shellcheck disable=SC2034 # where the probe is
	private[$n]=fd00:$i::1
	probe $n
	wait_for 20 fact $n 'READY'
done
on core sysctl -qw net.ipv6.conf.all.forwarding=1
wait_for 20 says fd00:1::1 swan hub --list-conns
mark hub
tell s1 start fd00:1::1
wait_for 40 fact s1 'UP fd00:1::1 ike [0-9]+ child [0-9]+ old 0 id hub\.lab outer fd00:1::1 initiator'
wait_for 10 fact hub 'UP fd00:2::1 ike [0-9]+ child [0-9]+ old 0 id s1\.lab outer fd00:2::1$'
pass "call to SA $up_ms ms, again $duplicate, loaded again after $reloaded ms, silence $failed_ms ms"
