# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# Two sites speak to each other at the same instant, again and again from nothing:
# one of them calls the other, or on a slow machine each, and one SA remains.
# $LAB_ROUNDS times.
. "$LAB/secure.sh"

ROUNDS=${LAB_ROUNDS:-20}
EACH=50 # packets a round from each site

# Both pings wait at the gate, and it opens once.
at_once() {
	local pids=() pair gate
	mkfifo "$WORK/gate"
	exec {gate}<> "$WORK/gate"
	for pair in 's1 192.168.3.10' 's2 192.168.2.10'; do
		# shellcheck disable=SC2016 # expanded inside
		ip netns exec "${pair% *}-lan" sh -c 'exec 3< "$1"
			: > "$2"
			read -r _ <&3
			exec ping -n -q -i 0.02 -c "$3" "$4"' - "$WORK/gate" \
			"$WORK/at-gate-${pair% *}" $EACH "${pair#* }" > /dev/null 2>&1 {gate}<&- &
		pids+=($!)
	done
	for pair in s1 s2; do
		wait_for 20 test -e "$WORK/at-gate-$pair"
	done
	rm "$WORK/gate" "$WORK"/at-gate-*
	exec {gate}>&-
	wait_for 20 shortcut s1 192.168.3.0/24 10.0.0.3
	wait_for 20 shortcut s2 192.168.2.0/24 10.0.0.2
	wait "${pids[@]}" || true
}

# One each, and it is the same: one end began it.
one_sa() {
	has_one_sa s1 100.64.3.1 | grep -o '"initiator":[a-z]*' > "$WORK/s1-began" &&
		has_one_sa s2 100.64.2.1 | grep -o '"initiator":[a-z]*' > "$WORK/s2-began" &&
		! cmp -s "$WORK/s1-began" "$WORK/s2-began"
}

calls() { # NODE NBMA: so often it was called from there
	grep -c "$2 is initiating an IKE_SA" "$WORK/$1.charon.log" || true
}

unsecured() { # NODE NBMA
	! secured "$@"
}

forget() {
	local ike
	ike=$(ctl s1 -j show peers | sed -n 's/.*"nbma":"100.64.3.1",.*"ike_id":\([0-9]*\).*/\1/p')
	must swan s1 --terminate --ike-id "$ike"
	wait_for 20 unsecured s1 100.64.3.1
	wait_for 20 unsecured s2 100.64.2.1
	together 'hub redirect purge' 's1 flush' 's2 flush'
}

secure_mesh
for n in hub s1 s2; do
	charon $n
done
up hub s1 s2
clock s1
clock s2
for k in $(seq "$ROUNDS"); do
	at_once
	wait_for 30 one_sa
	[ "$k" = "$ROUNDS" ] || forget
done
# charon itself has the one with the hub, and this.
wait_for 20 has_sas s1 2
wait_for 20 has_sas s2 2
shortcut_delays s1 192.168.3.0/24 10.0.0.3 192.168.3.10 > "$WORK/delays"
shortcut_delays s2 192.168.2.0/24 10.0.0.2 192.168.2.10 >> "$WORK/delays"
equal 'shortcuts' $((2 * ROUNDS)) "$(grep -c '[0-9]' "$WORK/delays")"
reached 5 none_lost s1 || true
read -r sent lost overtaken < <(pings s1)
# charon sends by the newest SA, which who called may not have yet: nobody can help
# that but by calling once.
both=$(($(calls s1 100.64.3.1) + $(calls s2 100.64.2.1) - ROUNDS))
[ "$lost" -le $((3 * both)) ] || fail "$lost of $sent packets lost, both called in $both rounds"
stop_all
pass "$ROUNDS rounds, both called in $both, one SA in the end in all, first packet to shortcut $(spread < "$WORK/delays") ms, sent/lost/overtaken $sent/$lost/$overtaken, clear 0"
