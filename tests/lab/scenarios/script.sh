# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# The site's script, run by real daemons: every event of a hub and of a spoke with
# its whole environment, as opennhrp had them, compared with what it should be. The
# hub's refuses one spoke, which gets no entry; a script that cannot be run refuses
# everybody; one that hangs does not hold up a stop. It runs with two capabilities.
. "$LAB/lib.sh"

HOLD=20

# hook NODE REFUSED-ADDRESS: writes a line for each run.
hook() {
	cat > "$WORK/$1.hook" <<END
#!/bin/sh
{
	echo "\$*"
	tr '\\0' '\\n' < /proc/\$\$/environ
	sed -n 's/^CapEff:.0*/CapEff=/p' /proc/\$\$/status
} | paste -sd ' ' >> "$WORK/$1.events"
[ "\$1 \$NHRP_DESTADDR" != 'peer-register $2' ]
END
	chmod 755 "$WORK/$1.hook"
	: > "$WORK/$1.events"
}

# ran NODE TEXT: there was such a run.
ran() {
	grep -q -- "$2" "$WORK/$1.events"
}

# What all runs of a node have in common is left out, and so are repetitions.
compare() { # NODE OWN-ADDRESS OWN-NBMA < EXPECTED
	local first="PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
	equal "runs of $1 without the path first" 0 \
		"$(grep -cv "^[a-z-]* $first NHRP_TYPE=" "$WORK/$1.events" || true)"
	sed -e "s|$first ||" -e 's/NHRP_//g' -e 's/ CapEff=3000$//' \
		-e "s/INTERFACE=gre1 GRE_KEY=42 SRCADDR=$2 SRCNBMA=$3/OWN/" \
		"$WORK/$1.events" | sort -u > "$WORK/$1.got"
	sort > "$WORK/$1.wanted"
	diff "$WORK/$1.wanted" "$WORK/$1.got" > "$WORK/$1.diff" ||
		fail "events of $1: $(tr '\n' ' ' < "$WORK/$1.diff")"
}

refused() { # NODE
	query "$1" nhs 'select(.state == "refused" and
		(.reason | test("prohibited"))) | .state'
}

mesh
wan s3 4
record s3
gre s3
hook hub 10.0.0.4
hook s1 none
hub_conf hub 'redirect rate 600'
spoke_conf s1 shortcut
spoke_conf s2 shortcut
spoke_conf s3
echo "script $WORK/hub.hook" >> "$WORK/hub.conf"
echo "script $WORK/s1.hook" >> "$WORK/s1.conf"
for n in s1 s2; do
	printf 'interface lan0\n\tshortcut-destination\n' >> "$WORK/$n.conf"
	ip -n $n route add 192.168.0.0/16 via 10.0.0.1 dev gre1 onlink
done
relay
ip -n s1 route del 192.168.3.0/24
ip -n s2 route del 192.168.2.0/24
up hub s1 s2

# One that the hub's script does not want.
start s3
wait_for 20 refused s3
must_not entry hub dynamic 10.0.0.4 100.64.4.1
equal 'neighbours of the refused' '' "$(ip -n hub neigh show 10.0.0.4 dev gre1 proto $PROTO_NUMBER)"
stop s3 TERM

# A shortcut begins after its peer, and ends before it.
must on s1-lan ping -n -c 3 -W 2 192.168.3.10
wait_for 10 shortcut s1 192.168.3.0/24 10.0.0.3
ping_ok s1-lan 192.168.3.10
must ctl s1 flush
wait_for 10 ran s1 'peer-down .*DESTADDR=10.0.0.3'
grep -n 'DESTADDR=10.0.0.3 \|NEXTHOP=10.0.0.3' "$WORK/s1.events" |
	sed 's/^[0-9]*:\([a-z-]*\) .*/\1/' > "$WORK/order"
equal 'order of its events' 'peer-up route-up route-down peer-down' \
	"$(head -4 "$WORK/order" | paste -sd ' ')"

# Each reason of an end: command, layer below, time.
must ctl hub lowerdown protocol 10.0.0.2
wait_for 10 ran hub 'peer-down .*DESTADDR=10.0.0.2 .*REASON=lower-down'
wait_for 20 entry hub dynamic 10.0.0.2 100.64.2.1
must ctl hub flush protocol 10.0.0.2
wait_for 10 ran hub 'peer-down .*DESTADDR=10.0.0.2 .*REASON=user-request'
must on s1-lan ping -n -c 3 -W 2 192.168.3.10
wait_for 10 entry s1 cached 10.0.0.3 100.64.3.1
stop s2 KILL
wait_for 40 ran hub 'peer-down .*DESTADDR=10.0.0.3 .*REASON=expired'
wait_for 40 ran s1 'peer-down .*DESTADDR=10.0.0.3 .*REASON=expired'

# A stop tells of all that ends; who withdraws is told without a reason.
wait_for 20 entry hub dynamic 10.0.0.2 100.64.2.1
stop s1 TERM
wait_for 10 ran hub 'peer-down .*DESTADDR=10.0.0.2 .*DESTMTU=1400 CapEff'

# A script that cannot be run refuses, and the doctor knows.
chmod 644 "$WORK/hub.hook"
must_not ctl hub doctor
said 'script_unusable|cannot be run'
start s2
wait_for 20 refused s2
must_not entry hub dynamic 10.0.0.3 100.64.3.1
must query hub counters 'select(.name == "script_failures" and .value > 0) | .name'
chmod 755 "$WORK/hub.hook"
wait_for 30 registered s2
consistent hub s2

stop hub TERM

compare hub 10.0.0.1 100.64.1.1 <<'END'
interface-up TYPE=interface OWN
peer-register TYPE=dynamic OWN DESTADDR=10.0.0.2 DESTPREFIX=32 DESTNBMA=100.64.2.1 DESTMTU=1400
peer-register TYPE=dynamic OWN DESTADDR=10.0.0.3 DESTPREFIX=32 DESTNBMA=100.64.3.1 DESTMTU=1400
peer-register TYPE=dynamic OWN DESTADDR=10.0.0.4 DESTPREFIX=32 DESTNBMA=100.64.4.1 DESTMTU=1400
peer-up TYPE=dynamic OWN DESTADDR=10.0.0.2 DESTPREFIX=32 DESTNBMA=100.64.2.1 DESTMTU=1400
peer-up TYPE=dynamic OWN DESTADDR=10.0.0.3 DESTPREFIX=32 DESTNBMA=100.64.3.1 DESTMTU=1400
peer-down TYPE=dynamic OWN DESTADDR=10.0.0.2 DESTPREFIX=32 DESTNBMA=100.64.2.1 DESTMTU=1400
peer-down TYPE=dynamic OWN DESTADDR=10.0.0.2 DESTPREFIX=32 DESTNBMA=100.64.2.1 DESTMTU=1400 PEER_DOWN_REASON=lower-down
peer-down TYPE=dynamic OWN DESTADDR=10.0.0.2 DESTPREFIX=32 DESTNBMA=100.64.2.1 DESTMTU=1400 PEER_DOWN_REASON=user-request
peer-down TYPE=dynamic OWN DESTADDR=10.0.0.3 DESTPREFIX=32 DESTNBMA=100.64.3.1 DESTMTU=1400 PEER_DOWN_REASON=expired
peer-down TYPE=dynamic OWN DESTADDR=10.0.0.3 DESTPREFIX=32 DESTNBMA=100.64.3.1 DESTMTU=1400 PEER_DOWN_REASON=user-request
END
compare s1 10.0.0.2 100.64.2.1 <<'END'
interface-up TYPE=interface OWN
interface-up TYPE=interface INTERFACE=lan0 GRE_KEY=0 SRCADDR=192.168.2.1
peer-up TYPE=static OWN DESTADDR=10.0.0.1 DESTPREFIX=24 DESTNBMA=100.64.1.1
nhs-up TYPE=static OWN DESTADDR=10.0.0.1 DESTPREFIX=24 DESTNBMA=100.64.1.1
peer-up TYPE=cached OWN DESTADDR=10.0.0.3 DESTPREFIX=32 DESTNBMA=100.64.3.1 DESTMTU=1400
route-up TYPE=route OWN DESTADDR=192.168.3.0 DESTPREFIX=24 NEXTHOP=10.0.0.3
route-down TYPE=route OWN DESTADDR=192.168.3.0 DESTPREFIX=24 NEXTHOP=10.0.0.3
peer-down TYPE=cached OWN DESTADDR=10.0.0.3 DESTPREFIX=32 DESTNBMA=100.64.3.1 DESTMTU=1400 PEER_DOWN_REASON=user-request
peer-down TYPE=cached OWN DESTADDR=10.0.0.3 DESTPREFIX=32 DESTNBMA=100.64.3.1 DESTMTU=1400 PEER_DOWN_REASON=expired
nhs-down TYPE=static OWN DESTADDR=10.0.0.1 DESTPREFIX=24 DESTNBMA=100.64.1.1
peer-down TYPE=static OWN DESTADDR=10.0.0.1 DESTPREFIX=24 DESTNBMA=100.64.1.1 PEER_DOWN_REASON=user-request
END

# A stop does not wait for ever; whatever still runs is gone with the daemon.
printf '#!/bin/sh\n[ "$1" != peer-down ] || exec sleep 4711\n' > "$WORK/hub.hook"
start hub
wait_for 40 entry hub dynamic 10.0.0.3 100.64.3.1
began_stop=$(now)
stop hub TERM
stop_ms=$(($(now) - began_stop))
must grep -q 'stop: 1 runs of the script were cut short or left out' "$WORK/hub.log"
must_not pgrep -f 'sleep 4711'
[ "$stop_ms" -lt $((10000 * ${LAB_PATIENCE:-1})) ] || fail "the stop took $stop_ms ms"
pass "$(wc -l < "$WORK/hub.events") runs by the hub, $(wc -l < "$WORK/s1.events") by a spoke, stop with a script that hangs: $stop_ms ms"
