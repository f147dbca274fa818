# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# An encrypted tunnel and nobody to encrypt: what guards it, what that has dropped, and
# another GRE tunnel that is none of its business. Sourced by scenarios.
# shellcheck source-path=SCRIPTDIR
. "$LAB/lib.sh"

GRE='ip proto 47 and ip[24:4] = 42' # with the tunnel's key

# Without its counters and comments.
guard() { # NODE
	on "$1" nft -s list table inet nhrpd_guard
}

# The other layer: policies that the daemon knows by their priority.
policies() { # NODE
	ip -n "$1" xfrm policy list priority 4294967000 | paste -sd ' \n' | sort
}

# As many as it takes for a tunnel that has an address.
blocks() { # NODE [COUNT]
	[ "$(policies "$1" | grep -c 'proto gre key .* action block')" = "${2:-2}" ]
}

guarded() { # NODE
	guard "$1" && blocks "$1"
}

no_guard() { # NODE
	! guard "$1" && blocks "$1" 0
}

dropped() { # NODE in|out
	query "$1" counters "select(.name == \"guard_dropped_$2\") | .value"
}

dropped_by() { # NODE in|out COUNT: so many at least
	[ "$(dropped "$1" "$2")" -ge "$3" ]
}

blocked() { # NODE in|out
	query "$1" counters "select(.name == \"guard_blocked_$2\") | .value"
}

blocked_by() { # NODE in|out COUNT: so many at least
	[ "$(blocked "$1" "$2")" -ge "$3" ]
}

# Each layer's, when there is no daemon to ask.
counted() { # NODE in|out
	on "$1" nft list counter inet nhrpd_guard "$2-gre1" |
		awk '$1 == "packets" { print $2 }'
}

counted_policies() { # NODE In|Out
	on "$1" grep "^Xfrm$2PolBlock" /proc/net/xfrm_stat | awk '{ print $2 }'
}

counted_policies_by() { # NODE In|Out COUNT: so many at least
	[ "$(counted_policies "$1" "$2")" -ge "$3" ]
}

profile='ipsec-profile lab
	local auth psk id lab remote auth psk
'

tunnel_conf() { # NODE [PROFILE-WORDS]: source is a device, whose address may change
	conf "$1" <<-END
		$profile
		interface gre1
			tunnel source eth0 key 42
			address 10.0.0.${index[$1]}/24
			${2:-}
	END
}

# Who is where, as the daemon would have learnt it: nothing else stops packets.
know() { # NODE ADDRESS NBMA
	must ip -n "$1" neigh replace "$2" lladdr "$3" dev gre1 nud permanent
}

lost() { # NODE ADDRESS
	must_not on "$1" ping -n -i 0.1 -W 1 -c 5 "$2"
}

# guarded_sites NODE...: each with a capture of what it sends in clear, and with
# somebody else's tunnel to the other one of hub and s1.
guarded_sites() {
	local n
	sites
	for n in "$@"; do
		tap "clear-$n" core "c${index[$n]}" -Q in "$GRE"
		ip -n "$n" link add other type gre key 43 local "100.64.${index[$n]}.1" \
			remote "100.64.$((3 - index[$n])).1"
		ip -n "$n" addr add "10.9.0.${index[$n]}/24" dev other
		ip -n "$n" link set other up
	done
}

# The other tunnel's pings, while something happens to ours.
other_goes_on() {
	ping_start other s1 10.9.0.1 600
}

other_went_on() {
	kill -INT "${ping_pid[other]}"
	ping_end other
	equal 'pings lost by the other tunnel' 0 "$(ping_lost other)"
}
