# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# strongSwan, Debian's packages as they stand, one charon a node; sourced after
# lib.sh.
#
# A node's charon and swanctl see $WORK/NODE.swanctl as /etc/swanctl; the socket is
# $WORK/NODE.vici, the log $WORK/NODE.charon.log. As Debian's unit does, a start
# loads what is in the files.

declare -A charon_pid=()

# GRE on a WAN; what is in ESP has another protocol number there.
# shellcheck disable=SC2034 # for scenarios
CLEAR='ip proto 47'

# Lines for plugins{}, behind those of Debian.
PLUGINS=

# charon_conf NODE [LINES...]: its strongswan.conf; lines go into charon-systemd{}.
charon_conf() {
	local n=$1
	shift
	mkdir -p "$WORK/$n.swanctl"/{conf.d,x509,x509ca,private,ecdsa,pubkey}
	{
		echo 'charon-systemd {'
		echo ' load_modular = yes'
		printf ' %s\n' "$@"
		echo ' plugins {'
		echo '  include /etc/strongswan.d/charon/*.conf'
		echo "  vici { socket = unix://$WORK/$n.vici }"
		echo "  $PLUGINS"
		echo ' }'
		echo ' journal { default = -1 }'
		echo " filelog { $n { path = $WORK/$n.charon.log"
		echo '   default = 1'
		echo '   time_format = %T'
		echo '   flush_line = yes } }'
		echo '}'
	} > "$WORK/$n.strongswan"
}

# The first SA has the kernel load what it takes, which on a slow machine is longer
# than IKE waits for an answer.
esp() {
	ip xfrm state add src 192.0.2.1 dst 192.0.2.2 proto esp spi 0x1000 mode transport \
		aead 'rfc4106(gcm(aes))' "0x$(printf '%072d' 0)" 128
	ip xfrm state deleteall
}

# strongswan NODE PROGRAM...: becomes it, with the node's own /etc/swanctl; in the
# background, the process is the program's.
strongswan() {
	local n=$1
	shift
	# shellcheck disable=SC2016 # expanded inside
	exec ip netns exec "$n" env STRONGSWAN_CONF="$WORK/$n.strongswan" sh -c '
		mount --bind "$1" /etc/swanctl && shift && exec "$@"' - \
		"$WORK/$n.swanctl" "$@"
}

swan() { # NODE WORDS... of swanctl
	local n=$1
	shift
	(strongswan "$n" swanctl "$@" --uri "unix://$WORK/$n.vici")
}

charon_answers() { # NODE
	kill -0 "${charon_pid[$1]}" && swan "$1" --stats
}

charon() { # NODE: starts it
	local n=$1
	[ -e "$WORK/$n.strongswan" ] || charon_conf "$n"
	strongswan "$n" charon-systemd >> "$WORK/$n.charon.out" 2>&1 &
	charon_pid[$n]=$!
	wait_for 30 charon_answers "$n"
	must swan "$n" --load-all --noprompt
}

# charon_stop NODE SIGNAL: and waits until it is gone.
charon_stop() {
	kill "-$2" "${charon_pid[$1]}" || fail "charon of $1 was gone before $2"
	wait "${charon_pid[$1]}" || true
	unset "charon_pid[$1]"
}

# --- what it has ---------------------------------------------------------------

conns() { # NODE: the names of its connections
	swan "$1" --list-conns | sed -n 's/^\([^ ].*\): IKE.*/\1/p' | sort
}

has_conns() { # NODE NAMES...: these and no other
	[ "$(conns "$1" | xargs)" = "${*:2}" ]
}

says() { # PATTERN COMMAND...
	"${@:2}" | grep -e "$1"
}

# has_sas NODE COUNT: so many children are installed.
has_sas() {
	[ "$(swan "$1" --list-sas | grep -c 'INSTALLED')" = "$2" ]
}

# --- the adapter alone -----------------------------------------------------------

# pair: a hub and a spoke whose tunnels know each other, and nothing encrypts yet.
pair() {
	local n
	core
	wan hub 1
	wan s1 2
	for n in hub s1; do
		gre $n 24
	done
	ip -n hub neigh add 10.0.0.2 lladdr 100.64.2.1 dev gre1 nud permanent
	ip -n s1 neigh add 10.0.0.1 lladdr 100.64.1.1 dev gre1 nud permanent
}

# What each is told of the other when the spoke has called.
# shellcheck disable=SC2034 # for scenarios
HUB_UP='UP 100\.64\.1\.1 ike [0-9]+ child [0-9]+ old 0 id hub\.lab outer 100\.64\.1\.1 initiator' \
	S1_UP='UP 100\.64\.2\.1 ike [0-9]+ child [0-9]+ old 0 id s1\.lab outer 100\.64\.2\.1$'

# secret_profile NODE SECRET [WORDS of the child]: its configuration.
secret_profile() {
	conf "$1" <<- END
		vici $WORK/$1.vici
		ipsec-profile lab
			proposals aes256gcm16-prfsha384-x25519
			rekey_time 4h
			local auth psk id $1.lab
			remote auth psk id *.lab
			child esp_proposals aes256gcm16-x25519 ${*:3}
			psk $2
		interface gre1
			ipsec lab
	END
}

# certificates NODE...: a CA of the lab, and a certificate and a key for each.
certificates() {
	local n
	(
		cd "$WORK"
		pki --gen --type ecdsa --size 256 > ca.key
		pki --self --ca --in ca.key --type ecdsa --dn 'CN=lab' --outform pem > ca.pem
		for n in "$@"; do
			cp ca.pem "$n.swanctl/x509ca/"
			pki --gen --type ecdsa --size 256 > "$n.swanctl/ecdsa/$n.key"
			pki --pub --in "$n.swanctl/ecdsa/$n.key" --type ecdsa > "$n.pub"
			certificate "$n" "$n"
		done
	) || fail 'no certificates'
}

# certificate NODE FILE [WORDS of pki --issue]: one for its key.
certificate() {
	pki --issue --cacert "$WORK/ca.pem" --cakey "$WORK/ca.key" --in "$WORK/$1.pub" \
		--dn "CN=$1.lab" --san "$1.lab" --outform pem "${@:3}" \
		> "$WORK/$1.swanctl/x509/$2.pem" || fail "no certificate $2 for $1"
}

# cert_profile NODE: the same with certificates.
cert_profile() {
	conf "$1" <<- END
		vici $WORK/$1.vici
		ipsec-profile lab
			proposals aes256gcm16-prfsha384-ecp384
			local auth pubkey id $1.lab certs $1.pem
			remote auth pubkey id *.lab cacerts ca.pem
			child esp_proposals aes256gcm16-ecp384
		interface gre1
			ipsec lab
	END
}

has_cert_conn() { # NODE
	swan "$1" --list-conns | grep 'local public key authentication'
}

# The adapter of a node, driven by lines; what it says is in the node's log.
declare -A probe_pid=() probe_fd=()

probe() { # NODE
	local n=$1 fd
	mkfifo "$WORK/$n.commands"
	# shellcheck disable=SC2154 # of lib.sh
	ip netns exec "$n" "$BUILD/tests/lab/ikeprobe" \
		"${private[$n]:-100.64.${index[$n]}.1}" \
		< "$WORK/$n.commands" >> "$WORK/$n.log" 2>&1 &
	probe_pid[$n]=$!
	exec {fd}> "$WORK/$n.commands"
	probe_fd[$n]=$fd
	tell "$n" conf "$WORK/$n.conf"
}

# By a signal: who was started later holds its input open.
probe_end() { # NODE
	local fd=${probe_fd[$1]}
	exec {fd}>&-
	kill "${probe_pid[$1]}"
	wait "${probe_pid[$1]}" || fail "ikeprobe of $1: $?"
	rm "$WORK/$1.commands"
}

send() { # NODE WORDS...
	echo "${*:2}" >&"${probe_fd[$1]}"
}

# A fact counts from the last mark of its node on.
declare -A seen_lines=()

mark() { # NODE
	seen_lines[$1]=$(wc -l < "$WORK/$1.log")
}

tell() { # NODE WORDS...
	mark "$1"
	send "$@"
}

fact() { # NODE PATTERN
	tail -n +$((seen_lines[$1] + 1)) "$WORK/$1.log" | grep -E "^[0-9]+ $2"
}

# took NODE PATTERN: milliseconds from the last command to this fact.
took() {
	tail -n +$((seen_lines[$1] + 1)) "$WORK/$1.log" |
		awk -v fact="^[0-9]+ $2" '/^[0-9]+ >/ && !began { began = $1 }
			$0 ~ fact { print $1 - began; exit }'
}

# last_ike NODE: the number of the IKE SA in its last fact.
last_ike() {
	sed -n 's/.* ike \([0-9]*\) child .*/\1/p' "$WORK/$1.log" | tail -n 1
}

esp_only() {
	equal 'GRE packets in clear' 0 "$(packets clear)"
}
