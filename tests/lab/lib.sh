# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# What a scenario stands on; sourced by each of them.
#
# A scenario runs alone in its own mount, network and process namespaces, so
# names are its own and nothing of it outlives it. Given from outside: NAME,
# WORK (a directory of its own), BUILD (where the programs are), LAB (here).
#
# The network: a core router; nodes, each behind a /30 of its own; a LAN and one
# host on it behind each node. Node I has
#	eth0 100.64.I.1/30   gre1 10.0.0.I key 42   lan0 192.168.I.1/24 (host .10)
# and its configuration is $WORK/NODE.conf, its log $WORK/NODE.log.
set -Eeuo pipefail
: "${NAME:?}" "${WORK:?}" "${BUILD:?}" "${LAB:?}" "${LIMIT:?}"

# The daemon's number in the kernel's tables, and that of its shortcuts, which
# iproute2 has a name for where FRR is installed.
PROTO_NUMBER=77
PROTO_SHORTCUT='(191|nhrp)'

declare -A index=() pid=() capture_pid=()
declare -A private=() # its address, of a node behind a NAT router
began=0

# --- time and verdicts -------------------------------------------------------

# Milliseconds since boot. The wall clock may jump; this one does not.
now() {
	local up
	read -r up _ < /proc/uptime
	up=${up/./}
	echo $((10#$up * 10))
}

seconds() { # MILLISECONDS
	printf '%d.%d' $(($1 / 1000)) $(($1 % 1000 / 100))
}

# The first one counts.
verdict() {
	[ -s "$WORK/verdict" ] || printf '%s\n' "$*" > "$WORK/verdict"
}

fail() {
	trap - ERR
	verdict "FAIL $NAME $*"
	dump_everything > /dev/null 2>&1 || true
	end_captures > /dev/null 2>&1 || true
	exit 1
}

# The last line of a scenario: daemons end without a complaint, then it is ok.
pass() { # FIGURES...
	local n
	for n in "${!pid[@]}"; do
		stop "$n" TERM
	done
	end_captures
	healthy
	verdict "ok $NAME ($(seconds $(($(now) - began)))) $*"
	exit 0
}

# wait_for SECONDS COMMAND...: until it succeeds; fails the scenario otherwise.
wait_for() {
	local limit=$1
	shift
	reached "$limit" "$@" || fail "not within $limit s: $*"
}

# reached SECONDS COMMAND...: the same as a question. Where a processor is
# emulated, $LAB_PATIENCE times the seconds. To ask costs the daemons processor time:
# it is done ten times in as long as the wait has lasted, after the first second.
reached() {
	local began end pause
	began=$(now)
	end=$((began + $1 * 1000 * ${LAB_PATIENCE:-1}))
	shift
	until "$@" > "$WORK/last-check" 2>&1; do
		pause=$(($(now) - began))
		[ $((began + pause)) -lt "$end" ] || return 1
		pause=$((pause < 1000 ? 100 : pause < 5000 ? pause / 10 : 500))
		sleep "0.$(printf '%03d' $pause)"
	done
}

must() { # COMMAND...: succeeds, or the scenario fails and says which
	"$@" > "$WORK/last-check" 2>&1 || fail "failed: $*"
}

must_not() {
	! "$@" > "$WORK/last-check" 2>&1 || fail "should have failed: $*"
}

# prints PATTERN COMMAND...: a line like it, as a question. A `grep -q` at the end of a
# pipe goes at the first such line, and who still has something to say to it has failed.
prints() {
	local text
	text=$("${@:2}") && grep -qE -- "$1" <<< "$text"
}

# What the last of them printed has a line like PATTERN, or has none.
said() {
	grep -qE "$1" "$WORK/last-check" || fail "it did not say '$1'"
}

not_said() {
	! grep -qE "$1" "$WORK/last-check" || fail "it said '$1'"
}

equal() { # WHAT WANTED GOT
	[ "$2" = "$3" ] || fail "$1: wanted '$2', got '$3'"
}

# --- the network -------------------------------------------------------------

# Not for the background: the process would be the shell's, not the command's.
on() { # NODE COMMAND...
	local n=$1
	shift
	ip netns exec "$n" "$@"
}

# set_up NODE < LINES: ip's words, one process for all of them.
set_up() {
	ip -n "$1" -batch -
}

core() {
	ip netns add core
	ip -n core link set lo up
	on core sysctl -qw net.ipv4.ip_forward=1
}

# wan NODE INDEX: the namespace and its uplink alone.
wan() {
	local n=$1 i=$2
	index[$n]=$i
	ip netns add "$n"
	ip link add "c$i" netns core type veth peer name eth0 netns "$n"
	set_up core <<- END
		addr add 100.64.$i.2/30 dev c$i
		link set c$i up
	END
	set_up "$n" <<- END
		link set lo up
		addr add 100.64.$i.1/30 dev eth0
		link set eth0 up
		route add default via 100.64.$i.2
	END
	on "$n" sysctl -qw net.ipv4.ip_forward=1
}

# natted NODE INDEX: the same behind a router of its own, NODE-nat, which has the
# WAN address and translates; the node itself has 172.16.INDEX.2.
natted() {
	local n=$1 i=$2
	wan "$n-nat" "$i"
	index[$n]=$i
	private[$n]=172.16.$i.2
	ip netns add "$n"
	ip link add in0 netns "$n-nat" type veth peer name eth0 netns "$n"
	set_up "$n-nat" <<- END
		addr add 172.16.$i.1/24 dev in0
		link set in0 up
	END
	set_up "$n" <<- END
		link set lo up
		addr add 172.16.$i.2/24 dev eth0
		link set eth0 up
		route add default via 172.16.$i.1
	END
	on "$n" sysctl -qw net.ipv4.ip_forward=1
}

# behind NODE OTHER: it is the second one at OTHER's router. Its index and where it
# is, ${private[NODE]}, are given.
behind() {
	local n=$1 router=$2-nat near=172.16.${index[$2]}
	ip netns add "$n"
	ip link add in1 netns "$router" type veth peer name eth0 netns "$n"
	set_up "$router" <<- END
		link add lan type bridge
		addr flush dev in0
		addr add $near.1/24 dev lan
		link set in0 master lan up
		link set in1 master lan up
		link set lan up
	END
	set_up "$n" <<- END
		link set lo up
		addr add ${private[$n]}/24 dev eth0
		link set eth0 up
		route add default via $near.1
	END
	on "$n" sysctl -qw net.ipv4.ip_forward=1
}

# nat_one_to_one NODE: whatever comes to the outer address is for the node.
nat_one_to_one() {
	local i=${index[$1]}
	on "$1-nat" nft -f - <<- END
		table ip nat {
			chain in {
				type nat hook prerouting priority dstnat;
				iifname eth0 dnat to 172.16.$i.2
			}
			chain out {
				type nat hook postrouting priority srcnat;
				oifname eth0 snat to 100.64.$i.1
			}
		}
	END
}

# nat_masquerade NODE: as at home: out as it likes, in what answers that. What is
# not used is forgotten after so many seconds.
NAT_FORGETS=30
nat_masquerade() {
	on "$1-nat" nft -f - <<- END
		table ip nat {
			chain out {
				type nat hook postrouting priority srcnat;
				oifname eth0 masquerade
			}
			chain to_it {
				type filter hook input priority 0;
				iifname eth0 ct state new counter drop
			}
			chain through {
				type filter hook forward priority 0;
				iifname eth0 ct state new counter drop
			}
		}
	END
	on "$1-nat" sysctl -qw "net.netfilter.nf_conntrack_gre_timeout=$NAT_FORGETS" \
		"net.netfilter.nf_conntrack_gre_timeout_stream=$NAT_FORGETS"
}

lan() { # NODE
	local n=$1 i=${index[$1]}
	ip netns add "$n-lan"
	ip link add lan0 netns "$n" type veth peer name eth0 netns "$n-lan"
	set_up "$n" <<- END
		addr add 192.168.$i.1/24 dev lan0
		link set lan0 up
	END
	set_up "$n-lan" <<- END
		link set lo up
		addr add 192.168.$i.10/24 dev eth0
		link set eth0 up
		route add default via 192.168.$i.1
	END
}

# gre NODE [PREFIX-LENGTH [WORDS...]]: its tunnel device, made by hand.
gre() {
	local n=$1 plen=${2:-24} i=${index[$1]}
	shift $(($# < 2 ? $# : 2))
	set_up "$n" <<- END
		link add gre1 type gre key 42 ttl 64 local ${private[$n]:-100.64.$i.1} $*
		addr add 10.0.0.$i/$plen dev gre1
		link set gre1 mtu 1400 up
	END
}

# sites: core, a hub and spokes s1 and s2, each with a LAN; no tunnel yet.
sites() {
	local n
	core
	wan hub 1
	wan s1 2
	wan s2 3
	for n in hub s1 s2; do
		lan $n
		record $n
	done
}

# mesh: sites, each with a gre1 made by hand, all in one subnet.
mesh() {
	local n
	sites
	for n in hub s1 s2; do
		gre $n
	done
	hub_conf hub
	spoke_conf s1
	spoke_conf s2
}

# relay: the spokes' LANs reach each other through the hub.
relay() {
	ip -n hub route replace 192.168.2.0/24 via 10.0.0.2 dev gre1 onlink
	ip -n hub route replace 192.168.3.0/24 via 10.0.0.3 dev gre1 onlink
	ip -n s1 route replace 192.168.3.0/24 via 10.0.0.1 dev gre1 onlink
	ip -n s2 route replace 192.168.2.0/24 via 10.0.0.1 dev gre1 onlink
}

# direct: the same without the hub.
direct() {
	ip -n s1 route replace 192.168.3.0/24 via 10.0.0.3 dev gre1 onlink
	ip -n s2 route replace 192.168.2.0/24 via 10.0.0.2 dev gre1 onlink
}

# sites_routed HUB SPOKE...: the hub knows the LAN behind each spoke, a spoke has
# one summary route for all of them.
sites_routed() {
	local hub=$1 n
	shift
	for n in "$@"; do
		ip -n "$hub" route replace "192.168.${index[$n]}.0/24" \
			via "10.0.0.${index[$n]}" dev gre1 onlink
		ip -n "$n" route replace 192.168.0.0/16 \
			via "10.0.0.${index[$hub]}" dev gre1 onlink
	done
}

# site_by NODE HUB...: the hubs know its LAN, and beside it an address of it that it
# answers nobody for: what goes there is relayed.
site_by() {
	local i=${index[$1]} hub lan
	ip -n "$1" addr add "192.168.$i$i.1/32" dev lo
	for hub in "${@:2}"; do
		for lan in "192.168.$i.0/24" "192.168.$i$i.0/24"; do
			ip -n "$hub" route replace "$lan" via "10.0.0.$i" dev gre1 onlink
		done
	done
}

# --- daemons -----------------------------------------------------------------

# In every configuration that the functions below write.
KEY=labkey
HOLD=60

conf() { # NODE < TEXT
	cat > "$WORK/$1.conf"
}

hub_conf() { # NODE [WORDS...]
	local n=$1
	shift
	{
		echo 'interface gre1'
		[ -z "$KEY" ] || set -- "authentication $KEY" "$@"
		printf '\t%s\n' "holding-time $HOLD" "$@"
	} | conf "$n"
}

spoke_conf() { # NODE [WORDS...]
	hub_conf "$1" 'map 10.0.0.1/24 100.64.1.1 register' "${@:2}"
}

# edge_conf NODE [WORDS...]: a spoke that takes shortcuts and answers for its LAN.
edge_conf() {
	spoke_conf "$1" shortcut "${@:2}"
	printf 'interface lan0\n\tshortcut-destination\n' >> "$WORK/$1.conf"
}

# launch NODE: its daemon. What it can look up is $WORK/NODE.hosts and nothing else.
launch() {
	local n=$1
	mkdir -p "$WORK/$n.state"
	touch "$WORK/$n.hosts"
	# shellcheck disable=SC2016 # expanded inside
	ip netns exec "$n" sh -c 'for f in /etc/hosts /etc/resolv.conf; do
			[ -e $f ] || touch $f
		done
		mount --bind "$1" /etc/hosts && mount --bind /dev/null /etc/resolv.conf &&
		shift && exec "$@"' - "$WORK/$n.hosts" \
		"$BUILD/nhrpd" -c "$WORK/$n.conf" -s "$WORK/$n.sock" \
		-d "$WORK/$n.state" -v >> "$WORK/$n.log" 2>&1 &
	pid[$n]=$!
}

start() { # NODE: and it answers
	launch "$1"
	wait_for 20 answers "$1"
}

answers() { # NODE
	kill -0 "${pid[$1]}" && ctl "$1" show interfaces
}

# stop NODE SIGNAL: and waits until it is gone; it ends as that signal means.
stop() {
	local n=$1 status=0
	kill "-$2" "${pid[$n]}" 2> /dev/null || fail "nhrpd of $n was gone before $2"
	wait "${pid[$n]}" || status=$?
	unset "pid[$n]"
	case $2 in
	KILL) equal "exit status of $n" 137 $status ;;
	*) equal "exit status of $n after $2" 0 $status ;;
	esac
}

reload() { # NODE: as nhrpctl does it
	must ctl "$1" reload
}

# No sanitizer had a word to say, in any log.
healthy() {
	local found
	found=$(grep -lE 'Sanitizer|runtime error:|Assertion' "$WORK"/*.log || true)
	[ -z "$found" ] || fail "sanitizer report in ${found##*/}"
}

# In most scenarios the daemon is asked all the time, and a client with sanitizers
# takes four times as long to start: one without may do the asking.
ctl() { # NODE WORDS...
	local n=$1
	shift
	"${LAB_NHRPCTL:-$BUILD/nhrpctl}" -s "$WORK/$n.sock" "$@"
}

# query NODE TABLE FILTER...: what jq's language makes of the rows of `show TABLE`.
query() {
	local n=$1 table=$2
	shift 2
	ctl "$n" -j show "$table" | gojq -er ".${table}[] | $*"
}

# The two that are asked again and again do without. A row is a line.
registered() { # NODE [HUB-ADDRESS]
	ctl "$1" -j show nhs | grep "\"protocol\":\"${2:-10.0.0.1}\".*\"state\":\"up\""
}

# Of a group of servers: has this one its place, or none?
serves() { # NODE ADDRESS
	ctl "$1" -j show nhs | grep -E "\"protocol\":\"$2\".*\"state\":\"(up|refreshing)\""
}

stands_by() { # NODE ADDRESS
	ctl "$1" -j show nhs | grep "\"protocol\":\"$2\".*\"role\":\"standby\".*\"state\":\"standby\""
}

# entry NODE TYPE PROTOCOL NBMA: is there such an entry, and is it up?
entry() {
	ctl "$1" -j show cache | grep "\"type\":\"$2\",\"protocol\":\"$3\",.*\"nbma\":\"$4\",.*\"state\":\"up\""
}

up() { # NODE...: all daemons run and the spokes are registered with the hub
	local n
	for n in "$@"; do
		start "$n"
	done
	for n in "$@"; do
		[ "$n" = hub ] || wait_for 20 registered "$n"
	done
}

# shortcut NODE PREFIX VIA: the kernel has it, whoever wrote it.
shortcut() {
	prints "via $3 dev gre1" ip -n "$1" route show "$2"
}

no_shortcut() {
	! shortcut "$@"
}

# What the cache of a node and the kernel's neighbours have to agree on.
cache_pairs() { # NODE
	query "$1" cache 'select(.nbma and .state == "up" and
		(.type | IN("static", "nhs", "dynamic", "cached"))) |
		.protocol + " " + .nbma' | sort
}

kernel_pairs() { # NODE
	ip -n "$1" neigh show dev gre1 |
		awk '$2 == "lladdr" && !/FAILED/ { print $1, $3 }' | sort
}

agree() { # NODE
	local pairs
	pairs=$(cache_pairs "$1") && [ "$pairs" = "$(kernel_pairs "$1")" ]
}

# The daemon's own entries and routes are marked with its protocol number.
ours() { # NODE neigh|route
	ip -n "$1" "$2" show dev gre1 | awk "/ proto ($PROTO_NUMBER|$PROTO_SHORTCUT)( |\$)/" | sort
}

# shaped NODE: `show cache` is what other people's scripts rely on.
shaped() {
	ctl "$1" -j show cache | gojq -e '
	def text: type == "string" and . != "";
	def number: type == "number" and . >= 0;
	.schema == 1 and (keys - ["cache", "schema"] == []) and (.cache | all(
		(.interface | text) and (.protocol | text) and
		(.state | text) and (.reason | text) and
		(.type | IN("local", "static", "nhs", "dynamic", "cached",
			"incomplete", "negative")) and
		(.prefix | number) and (.since | fromdate | number) and
		(if has("nbma") then .nbma | text else true end) and
		(if has("claimed_nbma") then .claimed_nbma | text else true end) and
		(if has("expires_s") then .expires_s | number else true end) and
		(if has("used") then .used | type == "boolean" else true end)))'
}

# consistent NODE...: the cache has its form and the kernel agrees.
consistent() {
	local n
	for n in "$@"; do
		must shaped "$n"
		wait_for 5 agree "$n"
	done
}

# --- packets -----------------------------------------------------------------

# tcpdump ends its start by saying that it listens.
listens() { # FILE
	grep -q 'listening on' "$1"
}

tap() { # NAME NODE DEVICE FILTER...
	local name=$1 n=$2
	ip netns exec "$n" tcpdump -Z root -U -n -i "$3" -w "$WORK/$name.pcap" "${@:4}" \
		2> "$WORK/$name.tcpdump" &
	capture_pid[$name]=$!
	wait_for 20 listens "$WORK/$name.tcpdump"
}

NHRP='ip proto 47 and ip[22:2] = 0x2001'
# ICMP in IPv4 in GRE with a key
DATA='ip proto 47 and ip[22:2] = 0x0800 and ip[37] = 1'

# record NODE [ADDRESS]: every NHRP packet it sends, from its first address or
# this one, for the wire check after all scenarios.
record() {
	local from=${2:-100.64.${index[$1]}.1}
	tap "sent-$1-$from" core "c${index[$1]}" -Q in "$NHRP and src $from"
}

# watch_data NODE: the encapsulated pings on its WAN, both ways.
watch_data() {
	tap "data-$1" core "c${index[$1]}" "$DATA"
}

end_capture() { # NAME
	kill -TERM "${capture_pid[$1]}"
	wait "${capture_pid[$1]}" || true
	unset "capture_pid[$1]"
}

end_captures() {
	local name
	for name in "${!capture_pid[@]}"; do
		end_capture "$name"
	done
}

packets() { # NAME [FILTER...]: how many a finished or running capture holds
	tcpdump -n -r "$WORK/$1.pcap" "${@:2}" 2> /dev/null | wc -l
}

seen() { # NAME COUNT [FILTER...]: a running capture holds so many by now
	[ "$(packets "$1" "${@:3}")" -ge "$2" ]
}

# captured WHAT COUNT NAME [FILTER...]: so many, as soon as it has written them, and not
# more.
captured() {
	wait_for 5 seen "$3" "$2" "${@:4}"
	equal "$1" "$2" "$(packets "${@:3}")"
}

# ping_ok NODE ADDRESS [COUNT]: no packet lost, the first one included.
ping_ok() {
	local n=$1 count=${3:-5}
	must on "$n" ping -n -i 0.1 -W 5 -c "$count" "$2"
	grep -q " $count received" "$WORK/last-check" ||
		fail "ping from $n to $2: $(grep received "$WORK/last-check")"
}

# ping_start NAME NODE ADDRESS SECONDS [WORDS...]: ten a second, in the background;
# returns when it has its first answer.
declare -A ping_pid=()
ping_start() {
	ip netns exec "$2" ping -n -D -i 0.1 -c $(($4 * 10)) "${@:5}" "$3" > "$WORK/ping-$1" 2>&1 &
	ping_pid[$1]=$!
	wait_for 5 grep -q 'bytes from' "$WORK/ping-$1"
}

ping_end() { # NAME: waits for it
	wait "${ping_pid[$1]}" || true
	unset "ping_pid[$1]"
}

# ping_stop NAME: once it has one more answer.
ping_stop() {
	local had
	had=$(grep -c 'bytes from' "$WORK/ping-$1")
	wait_for 20 ping_answers "$1" $((had + 1))
	kill -INT "${ping_pid[$1]}"
	ping_end "$1"
}

ping_answers() { # NAME COUNT: it has so many
	[ "$(grep -c 'bytes from' "$WORK/ping-$1")" -ge "$2" ]
}

# What came before the last answer and has none: of one that was stopped.
ping_missed() { # NAME
	awk -F 'icmp_seq=| ttl' '/bytes from/ && !($2 in seen) {
		seen[$2]
		answers++
		if ($2 + 0 > last) last = $2 + 0
	} END { print last - answers }' "$WORK/ping-$1"
}

ping_lost() { # NAME
	awk '/transmitted/ { print $1 - $4 }' "$WORK/ping-$1"
}

# The longest time without an answer, in seconds.
ping_gap() { # NAME
	awk -F '[][]' '/bytes from/ {
		if (last && $2 - last > gap) gap = $2 - last
		last = $2
	} END { printf "%.1f\n", gap }' "$WORK/ping-$1"
}

ping_gap_below() { # NAME SECONDS
	local gap
	gap=$(ping_gap "$1")
	awk "BEGIN { exit !($gap < $2) }" || fail "ping $1 had no answer for $gap s"
}

# --- when something went wrong -----------------------------------------------

# One file a namespace: what the kernel and the daemon think.
dump_everything() {
	local n table
	for n in $(ip netns list | awk '{ print $1 }'); do
		{
			ip -n "$n" -d addr
			ip -n "$n" -d neigh
			ip -n "$n" route show table all
			ip netns exec "$n" nft list ruleset
			[ ! -S "$WORK/$n.sock" ] || for table in cache nhs peers shortcuts interfaces counters log; do
				echo "--- nhrpctl show $table"
				timeout 10 "$BUILD/nhrpctl" -s "$WORK/$n.sock" show $table
			done
		} > "$WORK/$n.dump" 2>&1 || true
	done
}

began=$(now)
trap 'fail "line ${BASH_LINENO[0]}: $BASH_COMMAND"' ERR
trap 'fail "took longer than $LIMIT s"' ALRM
(
	sleep "$LIMIT"
	kill -ALRM $$
) > /dev/null 2>&1 &
