# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# Faults made on purpose: what `explain` and `doctor` have to call them; sourced
# after lib.sh.

named=0 # faults that had their verdict

verdict_is() { # NODE ADDRESS WORD
	{ ctl "$1" -j explain "$2" || true; } | gojq -e --arg word "$3" \
		'.explain[-1] | .step == "verdict" and .verdict == $word and
			(.reason | length) > 0'
}

# names NODE ADDRESS WORD: and its exit status says whether packets pass.
names() {
	local status=0
	wait_for 20 verdict_is "$@"
	ctl "$1" explain "$2" >> "$WORK/verdicts" || status=$?
	equal "exit status of explain $2" "$(case $3 in
		ok | shortcut_refused) echo 0 ;;
		*) echo 1 ;;
		esac)" $status
	# shellcheck disable=SC2034 # for scenarios
	[ "$3" = ok ] || named=$((named + 1))
}

finding() { # NODE FAULT
	{ ctl "$1" -j doctor || true; } | grep "\"fault\":\"$2\""
}

finds() { # NODE FAULT: says what is wrong and what to do
	wait_for 20 finding "$@"
	ctl "$1" doctor >> "$WORK/verdicts" || true
}

# --- of an encrypted pair: with secure.sh ----------------------------------------

# A hub and a spoke with a charon each, registered.
secure_pair() {
	local n
	# shellcheck disable=SC2034 # of lib.sh
	KEY= # who has an SA has proved more
	core
	wan hub 1
	wan s1 2
	for n in hub s1; do
		gre $n
		charon $n
	done
	hub_conf hub
	spoke_conf s1
	secure hub
	secure s1
	up hub s1
	names s1 10.0.0.1 ok
}

# profile_with NODE SED-SCRIPT: its profile, but for this.
profile_with() {
	if [ "$1" = hub ]; then hub_conf hub; else spoke_conf s1; fi
	secure "$1"
	sed -i "$2" "$WORK/$1.conf"
	reload "$1"
}

# anew [WORDS...]: what is there is ended; whoever wants one has to make it anew.
# shellcheck disable=SC2120 # scenarios do
anew() {
	swan s1 --terminate --ike dmvpn-gre1-100.64.1.1 "$@" > "$WORK/terminate" 2>&1 || true
}

sound() {
	profile_with hub ''
	profile_with s1 ''
	names s1 10.0.0.1 ok
}

# fault NODE SED-SCRIPT WORD: one that is in the profile of a node.
fault() {
	profile_with "$1" "$2"
	anew
	names s1 10.0.0.1 "$3"
	finds s1 "$3"
	sound
}

# filter WORDS...: what the router in the middle drops.
filter() {
	on core nft -f - <<- END
		table ip filter {
			chain middle {
				type filter hook forward priority 0
				$*
			}
		}
	END
}
