#!/bin/bash
# SPDX-License-Identifier: MIT
#
# hub.sh: one hub after the other under the same load, in the same network, round
# after round, so that what disturbs the machine disturbs them all alike. Run by
# tests/bench/run, as root; prints a line for each measurement and writes it into
# $OUT/$BENCH_FILE.
#
# The spokes are all in one namespace, `crowd`, at the other end of the hub's only
# link: nhrpload plays them on its packet socket. The n-th has 100.70.0.0 + n and
# 10.16.0.0 + n.
#
# shellcheck disable=SC2034 # what lib.sh and frr.sh read
if [ -z "${BENCH_ALONE:-}" ]; then
	set -eu
	BENCH=$(dirname "$(readlink -f "$0")")
	LAB=$(readlink -f "$BENCH/../lab")
	export BENCH LAB BENCH_ALONE=1 NAME=bench LIMIT=14400
	# A hub of FRR loses what is above it, and the kernel takes its time already
	# when it comes near; only the first network namespace has it.
	sysctl -qw net.ipv4.neigh.default.gc_thresh1=1000000 \
		net.ipv4.neigh.default.gc_thresh2=1000000 \
		net.ipv4.neigh.default.gc_thresh3=1000000
	# In counted time, who waits for the host to read a file sees minutes go by.
	modprobe -a ip_gre nf_tables nft_log nft_queue nfnetlink_log nfnetlink_queue
	WORK=$(mktemp -d)
	export WORK
	"$LAB/alone" "$BENCH/hub.sh" && exit
	cat "$WORK/verdict"
	find "$WORK" ! -type f ! -type d -delete
	cp -r "$WORK" "$OUT/failed"
	exit 1
fi

. "$LAB/lib.sh"
. "$LAB/frr.sh"

HUBS=${BENCH_HUBS-nhrpd frr floor nhrpd-hosts}
ROUNDS=${BENCH_ROUNDS:-1}
SPOKES=${BENCH_SPOKES:-10000}
SECONDS_EACH=${BENCH_SECONDS:-1}
MANY=${BENCH_MANY:-100000}
GROUPS_OF=${BENCH_GROUPS-10 100 1000}
NBMA=100.70.0.1
PROTO=10.16.0.1
KEY= # FRR's nhrpd knows no authentication
HOLD=7200
FRR_QUIET=1

round=0
hub=none
spokes=$SPOKES
results=${BENCH_FILE:=hub.json}
words=() # more of them, in the hub's configuration
declare -A process=() # of the hub's processes, by name

# --- the network ---------------------------------------------------------------

network() {
	local n
	for n in hub crowd; do
		ip netns add $n
		ip -n $n link set lo up
	done
	index[hub]=1
	ip link add eth0 netns hub type veth peer name eth0 netns crowd
	ip -n hub addr add 100.64.1.1/30 dev eth0
	ip -n hub link set eth0 up
	ip -n crowd link set eth0 up
	# Nobody there answers ARP, nor anything else by itself.
	ip -n hub neigh add 100.64.1.2 nud permanent dev eth0 \
		lladdr "$(on crowd cat /sys/class/net/eth0/address)"
	ip -n hub route add default via 100.64.1.2
	mac=$(on hub cat /sys/class/net/eth0/address)
}

# --- hubs ----------------------------------------------------------------------

begin_nhrpd() { # PREFIX-LENGTH
	gre hub "$1"
	rm -rf "$WORK/hub.state"
	mkdir "$WORK/hub.state"
	hub_conf hub "max-bindings 1000000" "${words[@]}"
	ip netns exec hub "$BUILD/nhrpd" -c "$WORK/hub.conf" -s "$WORK/hub.sock" \
		-d "$WORK/hub.state" >> "$WORK/hub.log" 2>&1 &
	pid[hub]=$!
	process=([nhrpd]=$!)
	wait_for 20 answers hub
}

begin_frr() {
	local d
	frr hub "${words[@]}"
	process=()
	for d in nhrpd zebra; do
		process[$d]=$(< "/run/frr/hub/$d.pid")
	done
	wait_for 20 vty hub show ip nhrp nhs
}

begin_floor() { # [neighbours]
	ip -n hub link show gre1 > /dev/null 2>&1 || gre hub 8
	ip netns exec hub "$BUILD/tests/bench/floor" gre1 $NBMA $PROTO "$@" \
		>> "$WORK/floor.log" 2>&1 &
	process=([floor]=$!)
}

begin() { # HUB
	hub=$1
	case $hub in
	nhrpd) begin_nhrpd 8 ;;
	nhrpd-hosts) begin_nhrpd 32 ;;
	frr) begin_frr ;;
	floor) begin_floor neighbours ;;
	esac
}

end_processes() {
	local p
	for p in "${process[@]}"; do
		kill -KILL "$p"
		while [ -e "/proc/$p" ]; do
			wait "$p" 2> /dev/null || sleep 0.1
		done
	done
	process=()
}

# Nothing of one hub is left for the next one.
end() {
	end_processes
	pkill -KILL -F /run/frr/hub/staticd.pid 2> /dev/null || true
	rm -rf /run/frr/hub "$WORK/hub.sock"
	unset 'pid[hub]'
	ip -n hub link del gre1
	on hub nft flush ruleset
}

# --- measuring -----------------------------------------------------------------

# {"nhrpd":MILLISECONDS,...} of processor, since each began.
used() {
	local p gap='{'
	for p in "${!process[@]}"; do
		printf '%s"%s":' "$gap" "$p"
		awk '{ ns += $1 } END { printf "%d", ns / 1000000 }' "/proc/${process[$p]}"/task/*/schedstat
		gap=,
	done
	echo '}'
}

# The same of kilobytes that each has for itself.
memory() {
	local p gap='{'
	for p in "${!process[@]}"; do
		printf '%s"%s":' "$gap" "$p"
		awk '/^Private_(Clean|Dirty):/ { kb += $2 } END { printf "%d", kb }' \
			"/proc/${process[$p]}/smaps_rollup"
		gap=,
	done
	echo '}'
}

# A line of results: whose it is, and this object.
result() { # JSON
	gojq -c --arg hub "$hub" --argjson round "$round" '{ $hub, $round } + .' <<< "$1" \
		>> "$OUT/$results"
	gojq -r --arg hub "$hub" --argjson round "$round" '
		"\($round) \($hub) \(.name): " + ([to_entries[] |
			select(.key | IN("rate", "cpu_ms", "p99_us", "max_us", "kb", "ms", "refused", "lost")) |
			"\(.key) \(.value | tostring)"] | join(", "))' <<< "$1"
}

# load NAME WHAT [OPTIONS...]: the hub under that, and what it used meanwhile.
load() {
	local name=$1 what=$2 before after line status=0
	shift 2
	before=$(used)
	line=$(on crowd "$BUILD/tests/bench/nhrpload" -m "$mac" -n "$spokes" -t $HOLD "$@" \
		"$what" 100.64.1.1 10.0.0.1 $NBMA $PROTO) || status=$?
	after=$(used)
	[ -n "$line" ] || fail "nhrpload $what: status $status"
	result "$(gojq -c --arg name "$name" --argjson before "$before" --argjson after "$after" '
		{ $name } + . + { cpu_ms: ($after | with_entries(.value -= $before[.key])) }' <<< "$line")"
}

fill() {
	local before
	before=$(memory)
	load fill register -w 16
	[ "$hub" = floor ] || result "$(gojq -nc --argjson before "$before" --argjson after "$(memory)" \
		--argjson spokes "$spokes" '{ name: "memory", $spokes,
			before_kb: $before, kb: $after }')"
}

show_all() {
	case $hub in
	frr) vty hub show ip nhrp cache 2> /dev/null ;;
	*) ctl hub show cache ;;
	esac
}

# Microseconds of the wall clock, which nobody sets here.
clock() {
	echo "${EPOCHREALTIME/[.,]/}"
}

show_table() {
	local i from rows
	for ((i = 0; i < 3; i++)); do
		from=$(clock)
		show_all > "$WORK/table"
		from=$(($(clock) - from))
		rows=$(wc -l < "$WORK/table")
		[ "$rows" -ge "$spokes" ] || fail "only $rows rows of $hub"
		result "{\"name\":\"show\",\"ms\":$((from / 1000)),\"rows\":$rows}"
	done
}

# Refreshes go on while the table is shown, again and again.
load_and_show() {
	(
		while [ ! -e "$WORK/enough" ]; do
			show_all > "$WORK/table" 2>&1
			sleep 0.2
		done
	) &
	load refresh-shown register -w 16 -d "$SECONDS_EACH"
	touch "$WORK/enough"
	wait $!
	rm "$WORK/enough"
}

loads() {
	load refresh register -w 16 -d "$SECONDS_EACH"
	load refresh-64 register -w 64 -d "$SECONDS_EACH"
	# FRR's hub answers none for its own address.
	[ "$hub" = frr ] || load resolve resolve -w 16 -d "$SECONDS_EACH"
	load forward forward -w 16 -d "$SECONDS_EACH"
}

measure() { # HUB
	begin "$1"
	fill
	case $hub in
	floor)
		end_processes
		begin_floor
		loads
		;;
	*)
		loads
		load malformed malformed -w 16 -d "$SECONDS_EACH"
		show_table
		load_and_show
		;;
	esac
	end
}

# --- multicast -------------------------------------------------------------------

# A hello of the hub's to each station, again and again: the hub's daemon, or the same
# copies by a program that does nothing else.
copies() { # group|floor
	local before after line
	before=$(used)
	line=$(on crowd "$BUILD/tests/bench/groupload" -n "$spokes" -d "$SECONDS_EACH" \
		"$1" hub $NBMA)
	after=$(used)
	result "$(gojq -c --argjson before "$before" --argjson after "$after" '
		{ name: "multicast" } + . +
		{ cpu_ms: ($after | with_entries(.value -= $before[.key])) }' <<< "$line")"
}

# The rules that FRR wants, as its manual has them, with no packet kept back.
frr_copies() {
	must on hub nft 'table inet copies { chain output {
		type filter hook output priority 0;
		oifname gre1 ip daddr 224.0.0.0/24 log group 2 queue-threshold 1 drop
	}; }'
}

measure_copies() { # HUB
	words=()
	case $1 in
	nhrpd) words=('multicast dynamic') ;;
	frr) words=('ip nhrp map multicast dynamic' 'nhrp multicast-nflog-group 2') ;;
	esac
	begin "$1"
	results=multicast.json
	load fill register -w 16
	[ "$1" != frr ] || frr_copies
	case $1 in
	floor) copies floor ;;
	*) copies group ;;
	esac
	end
}

network
: > "$OUT/$BENCH_FILE"
[ -z "$GROUPS_OF" ] || : > "$OUT/multicast.json"
result "$(gojq -nc --arg kernel "$(uname -r)" --arg cpus "$(nproc)" \
	--arg frr "$($FRR/nhrpd --version | awk 'NR == 1 { print $3 }')" \
	--arg accel "${LAB_ACCEL:-tcg}" '{ name: "machine", $kernel, $cpus, $frr, $accel }')"
for ((round = 1; round <= ROUNDS; round++)); do
	for h in $HUBS; do
		measure "$h"
	done
done
for ((round = 1; round <= ROUNDS; round++)); do
	for spokes in $GROUPS_OF; do
		for h in nhrpd frr floor; do
			measure_copies $h
		done
	done
done
spokes=$MANY
results=$BENCH_FILE
words=()
if [ "$MANY" -gt 0 ]; then
	begin nhrpd
	fill
	load refresh register -w 16 -d "$SECONDS_EACH"
	load forward forward -w 16 -d "$SECONDS_EACH"
	show_table
	end
fi
trap - ERR
exit 0
