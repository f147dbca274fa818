# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# $LAB_SPOKES spokes, 200, call one hub at once: how long until all are encrypted and
# registered, by one charon of the hub, as Debian configures and logs it.
#
# A spoke is a tunnel, an outer address and an identity of its own, with SAs of its
# own. Fifty of them share a machine, so one nhrpd and one charon make 50 calls; a
# daemon a spoke would measure how this machine starts 400 programs. It takes
# LAB_LIMIT=600 where the processor is emulated.
. "$LAB/secure.sh"

SPOKES=${LAB_SPOKES:-200}
EACH=50

# site K COUNT: the machine of so many spokes, 100.65.K.1 and on.
site() {
	local n=site$1 k
	wan "$n" $(($1 + 1))
	ip -n core route add "100.65.$1.0/24" via "100.64.$(($1 + 1)).1"
	for k in $(seq "$2"); do
		echo "addr add 100.65.$1.$k/32 dev lo"
	done > "$WORK/$n.addresses"
	ip -n "$n" -batch "$WORK/$n.addresses"
	{
		echo "vici $WORK/$n.vici"
		for k in $(seq "$2"); do
			spoke "$1" "$k"
		done
	} | conf "$n"
	chmod 600 "$WORK/$n.conf"
}

spoke() { # SITE K
	profile "site$1" | sed "/^vici/d; s/profile lab/profile p$2/; s/ id site[0-9]*/ id spoke$1-$2/"
	cat <<- END
		interface gre$2
			tunnel source 100.65.$1.$2 key 42
			address 10.0.$1.$2/16
			ipsec p$2
			map 10.0.0.1/16 100.64.1.1 register
			holding-time 600
	END
}

registered_all() {
	[ "$(ctl hub -j show interfaces | sed -n 's/.*"dynamic":\([0-9]*\).*/\1/p')" = "$SPOKES" ]
}

secured_all() {
	[ "$(ctl hub -j show peers | grep -c '"state":"up"')" = "$SPOKES" ]
}

KEY=
HOLD=600
esp
core
wan hub 1
ip -n hub link add gre1 type gre key 42 ttl 64 local 100.64.1.1
ip -n hub addr add 10.0.0.1/16 dev gre1
ip -n hub link set gre1 mtu 1400 up
hub_conf hub
secure hub
watch_wan hub
charon hub
start hub
sites=()
for ((left = SPOKES, k = 1; left > 0; left -= EACH, k++)); do
	site $k $((left < EACH ? left : EACH))
	sites+=("site$k")
	charon "site$k"
done

began_all=$(now)
for n in "${sites[@]}"; do
	launch "$n"
done
wait_for 120 secured_all
secured_ms=$(($(now) - began_all))
wait_for 60 registered_all
registered_ms=$(($(now) - began_all))
lost=$(query hub counters 'select(.name == "peers_lost") | .value' || echo 0)
memory=$(awk '/^VmRSS/ { print $2 }' "/proc/${charon_pid[hub]}/status")
# More than one a spoke: of calls that were given up when their answer came too late.
sas=$(swan hub --list-sas | grep -c INSTALLED)
stop_all_of hub
pass "$SPOKES spokes at once: all encrypted after $(seconds $secured_ms) s, registered $(seconds $registered_ms) s, SAs lost on the way $lost, left with the hub $sas, charon of the hub $memory KB, clear 0"
