# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# contrib/strongswan as it stands: small-ca makes the certificates, each goes where it
# says, and hub and spoke start with the samples, but for the hub's address, and for
# the socket, since two charons share this machine. Then the secret in swanctl's file.
. "$LAB/secure.sh"
samples=$LAB/../../contrib/strongswan

# sample KIND: for hub and s1.
sample() {
	local n
	for n in hub s1; do
		sed -e "1i vici $WORK/$n.vici" -e 's/203\.0\.113\.1/100.64.1.1/' \
			"$samples/$1-${n/s1/spoke}.conf" | conf $n
		chmod 600 "$WORK/$n.conf"
	done
}

# Does `show peers` of the hub have the spoke by its name, and address?
known() {
	query hub peers 'select(.identity == "spoke1.example" and .state == "up") | .nbma' |
		grep -x '"100.64.2.1"\|100.64.2.1'
}

# one KIND: from the start to the end.
one() {
	sample "$1"
	up hub s1
	must known
	ping_ok s1 10.0.0.1
	must ctl hub doctor
	stop s1 TERM
	stop hub TERM
}

core
wan hub 1
wan s1 2
for n in hub s1; do
	tap "clear-$n" core "c${index[$n]}" "$CLEAR"
	charon_conf $n
	# As Debian has it: plugins in charon{}, and last what is in strongswan.d.
	sed -i '/load_modular/d; /include/d' "$WORK/$n.strongswan"
	printf 'charon {\n load_modular = yes\n plugins { include %s }\n}\ninclude %s\n' \
		'/etc/strongswan.d/charon/*.conf' "$samples/nhrpd.conf" \
		>> "$WORK/$n.strongswan"
done
"$samples/small-ca" -d "$WORK/ca" -b 10.0.0.0/24 init > "$WORK/said"
"$samples/small-ca" -d "$WORK/ca" -b 10.0.0.1/32 issue hub >> "$WORK/said"
"$samples/small-ca" -d "$WORK/ca" -b 10.0.0.2/32 issue spoke1 >> "$WORK/said"
"$samples/small-ca" -d "$WORK/ca" -b 10.0.0.2/32 renew spoke1 >> "$WORK/said"

# Each file goes to where small-ca said.
while read -r file _ to _; do
	to=${to%,}
	to=${to#/etc/swanctl/}
	case $file in
	*/ca.pem) cp "$file" "$WORK/hub.swanctl/$to" && cp "$file" "$WORK/s1.swanctl/$to" ;;
	*/hub.*) cp "$file" "$WORK/hub.swanctl/$to" ;;
	*/spoke1.*) cp "$file" "$WORK/s1.swanctl/$to" ;;
	esac
done < <(grep -e '->' "$WORK/said")
for n in hub s1; do
	charon $n
	must swan $n --stats
	not_said addrblock
done
one cert
one psk
for n in hub s1; do
	echo 'include conf.d/*.conf' > "$WORK/$n.swanctl/swanctl.conf" # as Debian has it
	cp "$samples/secret-swanctl.conf" "$WORK/$n.swanctl/conf.d/nhrpd.conf"
	must swan $n --load-creds --noprompt
done
one secret
for n in hub s1; do
	equal "GRE packets in clear on the WAN of $n" 0 "$(packets "clear-$n")"
done
pass 'certificates, a secret in one file, a secret in two: as the samples stand'
