# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# Runs contrib/recipes/NAME as it stands; sourced after lib.sh, or after secure.sh
# where the recipe encrypts.
#
# A node of a recipe has an /etc and a /run of its own, so each path that a file of
# the recipe names, and each that a program has by default, is right on every node:
#	NODE.sh          run first: what is not nhrpd's to make
#	NODE.nft         /etc/nftables.conf, loaded
#	NODE.nhrpd.conf  /etc/nhrpd/nhrpd.conf
#	NODE.hook        /etc/nhrpd/hook
#	NODE.frr.conf    /etc/frr/frr.conf: zebra, staticd and what it has words for
#	NODE.bird.conf   /etc/bird/bird.conf
# The network is the scenario's: core, wan, natted, lan.
# shellcheck source-path=SCRIPTDIR
. "$LAB/frr.sh"

RECIPES=$LAB/../../contrib/recipes
NODES=/run/nodes # in memory, as an overlay wants it
declare -A inhabitant=() # a process that holds the node's mounts

# at NODE COMMAND...: there, with its own /etc and /run. For the background there is
# at_exec: the process is the command's.
at() {
	(at_exec "$@")
}

at_exec() {
	local n=$1
	shift
	exec nsenter --target "${inhabitant[$n]}" --net --mount --root -- "$@"
}

# --- a node's files ------------------------------------------------------------

# place FILE MODE TO: of the recipe, if it has such a file.
place() {
	[ ! -e "$recipe/$1" ] || install -D -m "$2" "$recipe/$1" "$3"
}

etc() { # NODE: what the recipe has for it
	local n=$1 etc=$NODES/$1/etc
	place "$n.nhrpd.conf" 600 "$etc/nhrpd/nhrpd.conf"
	place "$n.hook" 755 "$etc/nhrpd/hook"
	place "$n.frr.conf" 644 "$etc/frr/frr.conf"
	place "$n.bird.conf" 644 "$etc/bird/bird.conf"
	place "$n.nft" 644 "$etc/nftables.conf"
	: > "$etc/hosts" # it can look up nothing
	: > "$etc/resolv.conf"
}

# inhabit NODE: it has an /etc, this machine's with the recipe's files in it, and an
# empty /run, but for where charon.sh has its charon listen.
inhabit() {
	local n=$1 of=$NODES/$1
	mkdir -p "$of"/{etc,work,run/nhrpd}
	etc "$n"
	ln -s "$of/run/nhrpd/nhrpd.sock" "$WORK/$n.sock"
	ln -s "$WORK/$n.vici" "$of/run/charon.vici"
	# shellcheck disable=SC2016 # expanded inside
	nsenter --net="/run/netns/$n" unshare --mount sh -euc '
		mount -t sysfs sysfs /sys
		mount -t overlay -o "lowerdir=/etc,upperdir=$1/etc,workdir=$1/work" etc /etc
		mount --bind "$1/run" /run
		: > "$2"
		exec sleep infinity' - "$of" "$WORK/$n.inhabited" &
	inhabitant[$n]=$!
	wait_for 20 test -e "$WORK/$n.inhabited"
}

# --- its daemons -----------------------------------------------------------------

# In place of lib.sh's: by the paths that a distribution has.
launch() {
	local n=$1
	mkdir -p "$WORK/$n.state"
	at_exec "$n" "$BUILD/nhrpd" -c /etc/nhrpd/nhrpd.conf -s /run/nhrpd/nhrpd.sock \
		-d "$WORK/$n.state" -v >> "$WORK/$n.log" 2>&1 &
	# shellcheck disable=SC2034 # of lib.sh
	pid[$n]=$!
}

declare -A routing_pid=() # of NODE-DAEMON

routing_daemon() { # NODE PROGRAM SOCKET [WORDS...]
	local n=$1 program=$2 d=${2##*/}
	at_exec "$n" "$program" "${@:4}" >> "$WORK/$n-$d.log" 2>&1 &
	routing_pid[$n-$d]=$!
	wait_for 30 test -S "$NODES/$n/run/$3"
}

# frr_daemons FILE: those that have something to do by it.
frr_daemons() {
	echo zebra
	echo staticd
	! grep -q '^ *neighbor .* bfd\|^bfd$\|ospf.* bfd' "$1" || echo bfdd
	! grep -q '^router bgp' "$1" || echo bgpd
	! grep -qx 'router ospf\( .*\)\?' "$1" || echo ospfd
	! grep -q '^router ospf6' "$1" || echo ospf6d
}

# As Debian's unit does: all of them, then the configuration.
frr_start() { # NODE
	local n=$1 d
	rm -rf "$NODES/$n/run/frr" # of one that was killed
	mkdir "$NODES/$n/run/frr"
	chown frr:frr "$NODES/$n/run/frr"
	for d in $(frr_daemons "$recipe/$n.frr.conf"); do
		routing_daemon "$n" "$FRR/$d" "frr/$d.vty" --log stdout
	done
	must at "$n" vtysh -b
	not_said '% ' # a fault is no failure to it
}

bird_start() { # NODE
	rm -rf "$NODES/$1/run/bird"
	mkdir "$NODES/$1/run/bird"
	routing_daemon "$1" bird bird/bird.ctl -f -c /etc/bird/bird.conf
}

# routing_stop NODE SIGNAL: all of that kind that it has.
routing_stop() {
	local k
	for k in "${!routing_pid[@]}"; do
		[[ $k == "$1"-* ]] || continue
		kill "-$2" "${routing_pid[$k]}" || fail "$k was gone before $2"
		wait "${routing_pid[$k]}" || true
		unset "routing_pid[$k]"
	done
}

# --- a recipe --------------------------------------------------------------------

recipe() { # NAME
	recipe=$RECIPES/$1
	[ -d "$recipe" ] || fail "no recipe $1"
}

encrypts() { # NODE
	grep -q '^[[:space:]]*ipsec ' "$recipe/$1.nhrpd.conf"
}

# prepare NODE...: all but its daemons.
prepare() {
	local n
	for n; do
		inhabit "$n"
		[ ! -e "$recipe/$n.sh" ] || must at "$n" "$recipe/$n.sh"
		[ ! -e "$recipe/$n.nft" ] || must at "$n" nft -f /etc/nftables.conf
	done
}

# serve NODE...: its daemons.
serve() {
	local n
	for n; do
		! encrypts "$n" || charon "$n"
		start "$n"
		[ ! -e "$recipe/$n.frr.conf" ] || frr_start "$n"
		[ ! -e "$recipe/$n.bird.conf" ] || bird_start "$n"
	done
}

# recipe_up NODE...: as its README has it, one after the other.
recipe_up() {
	prepare "$@"
	serve "$@"
}

# straight FROM TO SECONDS: traffic from the one's LAN to the other's, until each end
# has a shortcut.
straight() {
	local a=$1 b=$2
	local i=${index[$a]} j=${index[$b]}
	ping_start "straight-$a-$b" "$a-lan" "192.168.$j.10" 300
	wait_for "$3" shortcut "$a" "192.168.$j.0/24" "10.0.0.$j"
	wait_for "$3" shortcut "$b" "192.168.$i.0/24" "10.0.0.$i"
	ping_stop "straight-$a-$b"
}
