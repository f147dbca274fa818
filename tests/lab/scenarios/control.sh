# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# nhrpctl as scripts use it: exit codes, flush, purge, resolve; a faulty
# configuration is refused whole, and the running one goes on.
. "$LAB/lib.sh"

status() { # WANTED COMMAND...
	local got=0
	"${@:2}" > "$WORK/last-check" 2>&1 || got=$?
	equal "exit status of ${*:2}" "$1" $got
}

mesh
up hub s1 s2
status 3 "$BUILD/nhrpctl" -s "$WORK/nobody.sock" show cache
status 2 ctl s1 show nonsense
status 2 ctl s1
status 0 ctl s1 show cache
status 0 ctl s1 resolve 10.0.0.3
must entry s1 cached 10.0.0.3 100.64.3.1
status 1 ctl s1 resolve 10.0.0.77
status 0 ctl s1 flush protocol 10.0.0.3
must_not entry s1 cached 10.0.0.3 100.64.3.1
ping_ok s1 10.0.0.3
must entry s1 cached 10.0.0.3 100.64.3.1
status 0 ctl s1 purge
wait_for 10 registered s1
ping_ok s1 10.0.0.3
consistent hub s1 s2

cp "$WORK/s1.conf" "$WORK/good.conf"
printf '\tholding-tim 5\n\tmap 10.0.0.9/24\n' >> "$WORK/s1.conf"
status 1 "$BUILD/nhrpd" -n -c "$WORK/s1.conf"
said 's1.conf:[0-9]+:[0-9]+:'
ping_start during s1 10.0.0.3 5
status 1 ctl s1 reload
kill -HUP "${pid[s1]}"
wait_for 5 registered s1
cp "$WORK/good.conf" "$WORK/s1.conf"
status 0 "$BUILD/nhrpd" -n -c "$WORK/s1.conf"
reload s1
ping_end during
equal 'packets lost of 50' 0 "$(ping_lost during)"
pass 'exit codes 0 1 2 3, lost 0 of 50 over refused and good reloads'
