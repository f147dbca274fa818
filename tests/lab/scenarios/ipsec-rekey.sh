# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# New keys every ten seconds, of the children and of the IKE SAs, to the hub and
# straight to another site, under traffic both ways for $LAB_REKEY_SECONDS: nothing
# is lost, and no neighbour is written for it.
. "$LAB/secure.sh"

SECONDS_LONG=${LAB_REKEY_SECONDS:-60}
HOLD=7200
# A hard end far off, so that a slow charon has its time.
CONNECTION=('rekey_time 15s' 'rand_time 2s' 'over_time 120s')

written() { # NODE: its neighbours, by the daemon
	query "$1" counters 'select(.name == "kernel_neighbour_changes") | .value'
}

rekeys() { # NODE NBMA
	query "$1" peers "select(.nbma == \"$2\") | .rekeys"
}

# Each peer has one child, which is one of charon's.
follows() { # NODE
	swan "$1" --list-sas > "$WORK/$1.sas"
	query "$1" peers 'select(.state == "up") | "\(.sas) \(.child_id)"' > "$WORK/$1.peers"
	local sas child
	while read -r sas child; do
		[ "$sas" = 1 ] && grep -q "gre: #$child, .*INSTALLED" "$WORK/$1.sas" || return 1
	done < "$WORK/$1.peers"
}

lost() {
	local name sum=0
	for name in to-hub to-site from-site; do
		sum=$((sum + $(ping_lost $name)))
	done
	echo $sum
}

secure_mesh 'rekey_time 10s' 'rand_time 2s' 'life_time 120s'
for n in hub s1 s2; do
	charon $n
done
up hub s1 s2
# The kernel does not ask whether a neighbour that is in use is still there.
for n in hub s1 s2; do
	on $n sysctl -qw net.ipv4.neigh.gre1.base_reachable_time_ms=3600000
done
burst s1-lan 192.168.3.10 100
wait_for 20 shortcut s1 192.168.3.0/24 10.0.0.3
wait_for 20 shortcut s2 192.168.2.0/24 10.0.0.2
burst_end
wait_for 20 has_one_sa s1 100.64.3.1

neighbours=$(written hub)/$(written s1)/$(written s2)
hub_rekeys=$(rekeys s1 100.64.1.1) site_rekeys=$(rekeys s1 100.64.3.1)
ping_start to-hub s1-lan 192.168.1.10 "$SECONDS_LONG"
ping_start to-site s1-lan 192.168.3.10 "$SECONDS_LONG"
ping_start from-site s2-lan 192.168.2.10 "$SECONDS_LONG"
for name in to-hub to-site from-site; do
	ping_end $name
done
hub_rekeys=$(($(rekeys s1 100.64.1.1) - hub_rekeys))
site_rekeys=$(($(rekeys s1 100.64.3.1) - site_rekeys))
ike_rekeys=$(grep -c 'IKE_SA .* rekeyed between' "$WORK/s1.charon.log" || true)
met=$(cat "$WORK"/{hub,s1,s2}.charon.log | grep -c 'detected CHILD_REKEY collision with CHILD_REKEY' || true)
[ "$hub_rekeys" -ge $((SECONDS_LONG / 15)) ] || fail "only $hub_rekeys rekeys with the hub"
[ "$site_rekeys" -ge $((SECONDS_LONG / 15)) ] || fail "only $site_rekeys rekeys with the site"
[ "$ike_rekeys" -ge 2 ] || fail "only $ike_rekeys IKE rekeys"
equal 'neighbours written' "$neighbours" "$(written hub)/$(written s1)/$(written s2)"
equal "packets lost of $((SECONDS_LONG * 30))" 0 "$(lost)"
for n in hub s1 s2; do
	wait_for 20 follows $n
done
consistent hub s1 s2
stop_all
pass "$SECONDS_LONG s, rekeys with the hub $hub_rekeys, with the site $site_rekeys, of IKE SAs $ike_rekeys, begun by both ends at once $met, lost 0 of $((SECONDS_LONG * 30)), neighbours written 0, clear 0"
