# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# Faults of IPsec that are in no profile: what the network drops, a charon that was
# stopped, a certificate that is over. As explain-ipsec.sh.
. "$LAB/secure.sh"
. "$LAB/verdicts.sh"

secure_pair
# What the network drops.
filter ip protocol esp drop
must ctl s1 purge
names s1 10.0.0.1 esp_blocked
finds s1 esp_blocked
on core nft flush ruleset
must ctl s1 purge
names s1 10.0.0.1 ok
filter udp dport '{ 500, 4500 }' drop
anew --force
names s1 10.0.0.1 ike_silent
finds s1 ike_silent
on core nft flush ruleset
names s1 10.0.0.1 ok

charon_stop s1 TERM
names s1 10.0.0.1 charon_gone
finds s1 charon_silent
charon s1
names s1 10.0.0.1 ok

# Another certificate than the profile's, in time and out of it.
certificates hub s1
for n in hub s1; do
	must swan $n --load-creds --noprompt
done
with_certificates="s/auth psk/auth pubkey/; /psk lab-/d
	s|local auth.*|& certs $WORK/NODE.swanctl/x509/NODE.pem|
	s|remote auth.*|& cacerts $WORK/NODE.swanctl/x509ca/ca.pem|"
profile_with hub "${with_certificates//NODE/hub}"
profile_with s1 "${with_certificates//NODE/s1}"
anew
names s1 10.0.0.1 ok
(cd "$WORK" && pki --issue --cacert ca.pem --cakey ca.key --in s1.pub --dn CN=s1.lab \
	--san s1.lab --not-before '01.01.20 00:00:00' --not-after '02.01.20 00:00:00' \
	--outform pem > s1.swanctl/x509/s1.pem) || fail 'no certificate of the past'
finds s1 certificate_expired
# Neither is to remember the other one.
for n in hub s1; do
	must swan $n --load-creds --clear --noprompt
	must swan $n --flush-certs
done
profile_with s1 "${with_certificates//NODE/s1}; s/\tproposals/\trekey_time 3h\n&/"
anew
names s1 10.0.0.1 auth_refused
cat "$WORK/verdicts"
pass "$named faults, each named by its verdict"
