#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The manual is whole: nhrpd.conf.5 explains each word of the parser's table and no
# other, and names each key of a profile, the example file shows each, the page's examples load, each option and
# command that --help names is in the program's page, and mandoc finds no fault in
# any page.

set -u
src=${srcdir:-.}
conf=$src/man/nhrpd.conf.5
example=$src/nhrpd.conf.example
bad=0

fail() {
	echo "$*" >&2
	bad=1
}

# --- the words of the configuration ------------------------------------------

words=$(tests/lint/conf_tool | sort -u)
explained=$(sed -n 's/^\.It \(Ic\|Cm\) \([a-z0-9-]*\).*/\2/p' "$conf" | sort -u)
shown=$(tr -s '[:blank:]' '\n' <"$example" | sed 's/^#//; s/[.,:]$//' | sort -u)
echo "$(printf '%s\n' "$words" | grep -c .) words"
[ -n "$words" ] || fail "the parser has no words"
for w in $words; do
	printf '%s\n' "$explained" | grep -qx -e "$w" || fail "$conf: '$w' is not explained"
	printf '%s\n' "$shown" | grep -qx -e "$w" || fail "$example: '$w' is not shown"
done
for w in $explained; do
	printf '%s\n' "$words" | grep -qx -e "$w" || fail "$conf: '$w' is no word"
done

# Keys are named; what they mean is another page's matter.
keys=$(tests/lint/conf_tool -k | sort -u)
echo "$(printf '%s\n' "$keys" | grep -c .) keys"
[ -n "$keys" ] || fail "the parser has no keys"
named=$(grep '^\.\(Cm\|Po Cm\|Pq Cm\) ' "$conf" | tr -s ' ' '\n' | sort -u)
for k in $keys; do
	printf '%s\n' "$named" | grep -qx -e "$k" || fail "$conf: the key '$k' is not named"
done

# --- its examples ------------------------------------------------------------

try() { # what text
	tests/lint/conf_tool "$2" || fail "$conf: the example '$1' does not load"
}

lines=$(sed -n '/^Example:$/{n;s/^\.Dl //;s/\\(dq/"/g;p;}' "$conf")
echo "$(printf '%s\n' "$lines" | grep -c .) examples of a word"
[ -n "$lines" ] || fail "$conf: no example of a word"
while read -r line; do
	case $line in
	interface* | ipsec-profile*) try "$line" "$line" ;;
	ipsec*) try "$line" "ipsec-profile dmvpn interface gre1 $line" ;;
	authorize*) try "$line" "ipsec-profile dmvpn remote cacerts ca.pem
		interface gre1 ipsec dmvpn $line" ;;
	*) try "$line" "interface gre1 $line" ;;
	esac
done <<END
$lines
END
# Each block by itself: two of them may name one interface.
count=$(grep -c '^\.Bd -literal' "$conf")
n=0
while [ $n -lt "$count" ]; do
	n=$((n + 1))
	try "block $n" "$(awk -v n=$n '/^\.Ed/ { on = 0 } on { print }
		/^\.Bd -literal/ && ++seen == n { on = 1 }' "$conf")"
done
echo "$n examples of a file"
[ $n -gt 0 ] || fail "$conf: no example of a file"

# --- options of the programs -------------------------------------------------

for program in nhrpd nhrpctl; do
	page=$src/man/$program.8
	if ! [ -x ./$program ]; then
		echo "$program: not built, its options not looked at"
		continue
	fi
	options=$(./$program --help | sed -n 's/^ *-\([A-Za-z]\).*/\1/p')
	[ -n "$options" ] || fail "$program --help names no option"
	for o in $options; do
		grep -q "^\.It Fl $o" "$page" || fail "$page: -$o is not explained"
	done
	echo "$program: $(printf '%s\n' "$options" | grep -c .) options"
	./$program --help | sed -n 's/^  \([a-z][a-z ]*\).*/\1/p' |
		sed 's/  .*//; s/ $//' >"$program.commands"
	while read -r c; do
		grep -q "^\.It Ic $c\( \|\$\)" "$page" || fail "$page: '$c' is not explained"
	done <"$program.commands"
	echo "$program: $(grep -c . <"$program.commands") commands"
	rm -f "$program.commands"
done

# --- form --------------------------------------------------------------------

if command -v mandoc >/dev/null; then
	for page in "$src"/man/*.[58]; do
		mandoc -T lint -W warning "$page" >&2 || fail "$page: mandoc finds fault"
	done
else
	echo "not looked at without mandoc: the form of the pages"
fi
exit $bad
