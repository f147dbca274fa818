# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# The unit under systemd, with all that confines it: ready when it says so; a
# faulty reload fails; a restart, a reload and a crash lose no packet and leave the
# firewall's table; a stop withdraws. The site's script is run in the same confinement.
# s1 is a machine of its own, as far as its systemd can see.
. "$LAB/lib.sh"

root=$WORK/s1.root # of what is s1's alone
unit=/run/systemd/system/nhrpd.service

# In the place of a machine's own directories; the host's stay as they are.
private_directories() {
	mkdir -p "$root"
	mount -t tmpfs layer "$root"
	local d
	for d in /etc /var; do
		mkdir -p "$root$d" "$root/work$d"
		mount -t overlay -o "lowerdir=$d,upperdir=$root$d,workdir=$root/work$d" s1 "$d"
	done
	mount -t tmpfs s1 /run
	mount -t tmpfs s1 /mnt
	mount -t cgroup2 s1 /sys/fs/cgroup
}

install_unit() {
	mkdir -p /etc/nhrpd "${unit%/*}"
	cp "$BUILD/nhrpd" "$BUILD/nhrpctl" /mnt
	cp "$WORK/s1.conf" /etc/nhrpd/nhrpd.conf
	cp "$WORK/s1.hook" /etc/nhrpd/hook
	chmod 755 /etc/nhrpd/hook
	# No other unit is started; what the programs print is kept.
	sed -e 's|^\(Exec[A-Za-z]*=\).*/\(nhrp[a-z]*\)|\1/mnt/\2|' \
		-e 's|^\[Unit\]|&\nDefaultDependencies=no|' \
		-e "s|^\[Service\]|&\nStandardError=append:$WORK/s1.log|" \
		-e 's|^\[Service\]|&\nEnvironment=ASAN_OPTIONS=detect_leaks=0|' \
		"$BUILD/contrib/nhrpd.service" > "$unit"
}

# The process becomes systemd, the first of a process namespace.
become_systemd() {
	private_directories
	install_unit
	exec env container=other /lib/systemd/systemd --system --unit=nhrpd.service \
		--log-target=console --show-status=no
}

boot_s1() {
	export -f private_directories install_unit become_systemd
	export root unit
	ip netns exec s1 unshare --mount --pid --cgroup --fork --kill-child --mount-proc \
		bash -ec become_systemd > "$WORK/s1.systemd" 2>&1 < /dev/null &
	systemd=$!
}

inside() { # COMMAND...
	nsenter -t "$(pgrep -P "$systemd")" -m -r -w -p -n "$@"
}

ctl() { # as in lib.sh, for the node that has another socket
	local n=$1
	shift
	case $n in
	s1) inside /mnt/nhrpctl "$@" ;;
	*) "$BUILD/nhrpctl" -s "$WORK/$n.sock" "$@" ;;
	esac
}

active() {
	inside systemctl is-active -q nhrpd
}

main_pid() {
	inside systemctl show -P MainPID nhrpd
}

another() { # PID: the daemon runs, and it is not this one
	active && [ "$(main_pid)" != "$1" ]
}

# Replies between the first and the last that did not come.
missing() {
	awk -F '[ =]' '/icmp_seq/ { got++; last = $6 } END { print last - got }' "$WORK/ping"
}

table() {
	on s1 nft list table inet nhrpd
}

mesh
spoke_conf s1 redirect
echo 'script /etc/nhrpd/hook' >> "$WORK/s1.conf"
cat > "$WORK/s1.hook" <<'END'
#!/bin/sh
nft list table inet nhrpd > /dev/null || echo "no nft"
ip neigh show dev "$NHRP_INTERFACE" > /dev/null || echo "no ip"
sed -n "s/^CapEff:.0*/$1 /p" /proc/$$/status >> /run/nhrpd/ran
END
up hub s2
boot_s1
wait_for 60 active
wait_for 20 registered s1
must grep -q ' runs$' "$WORK/s1.log"
# Two capabilities, as the daemon, and what ip and nft need is not forbidden.
must inside grep -qx 'peer-up 3000' /run/nhrpd/ran
must_not grep 'script .* says' "$WORK/s1.log"
must table
ping_ok s1 10.0.0.3

ip netns exec s1 ip monitor neigh > "$WORK/monitor" 2>&1 &
ip netns exec s1 ping -n -i 0.1 10.0.0.3 > "$WORK/ping" 2>&1 &
pinging=$!
inside sh -c 'echo "map 10.0.0.9" >> /etc/nhrpd/nhrpd.conf'
must_not inside systemctl reload nhrpd
inside sed -i '$d' /etc/nhrpd/nhrpd.conf
must inside systemctl reload nhrpd

daemon=$(main_pid)
must inside systemctl restart nhrpd
must another "$daemon"
must entry s1 cached 10.0.0.3 100.64.3.1

daemon=$(main_pid)
inside kill -KILL "$daemon"
must table
wait_for 20 another "$daemon"
must entry s1 cached 10.0.0.3 100.64.3.1
kill -INT $pinging
wait $pinging
equal 'packets lost' 0 "$(missing)"
equal 'neighbours deleted' 0 "$(grep -c '^Deleted 10\.' "$WORK/monitor" || true)"

must inside systemctl stop nhrpd
equal 'neighbours after the stop' '' "$(ours s1 neigh)"
must_not table
kill -KILL "$systemd"
pass 'no packet lost over reload, restart and crash'
