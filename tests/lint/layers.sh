#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The layers hold: nobody includes upward, and what is pure stays pure - core and
# engine call nothing that reads a clock, a file, the environment or a socket,
# allocate in mem.c alone and keep no state of their own. Run by make check in the
# top build directory; says what it looked at and fails when that was nothing.

set -u
src=${srcdir:-.}
bad=0
includes=0
files=0

fail() {
	echo "$*" >&2
	bad=1
}

# The layer a header <nhrp/NAME.h> belongs to: that of the .c file it is for.
layer_of() {
	case $1 in
	buf | defs | hash | mono | rfc2332) echo core; return ;;
	action | event | sa) echo facts; return ;;
	engine) echo engine; return ;;
	event_sink) echo os; return ;;
	esac
	for layer in core engine os ike; do
		for c in "$src/src/$layer/$1.c" "$src/src/$layer/$1"_*.c; do
			[ -f "$c" ] && { echo $layer; return; }
		done
	done
	echo nowhere
}

# What a file of a layer may include of <nhrp/...>.
may_include() {
	case $1 in
	core) echo core ;;
	facts) echo core facts ;;
	engine) echo core facts engine ;;
	os) echo core facts os ;;
	ike) echo core facts os ike ;;
	*) echo core facts engine os ike ;;
	esac
}

# System headers that hold values and no system.
value_headers=' arpa/inet.h assert.h ctype.h errno.h inttypes.h limits.h stdalign.h
	stdarg.h stdbool.h stddef.h stdint.h stdio.h stdlib.h string.h strings.h
	utlist.h '

check_own() { # file layer name: <nhrp/name.h>
	to=$(layer_of "$3")
	case " $(may_include "$2") " in
	*" $to "*) ;;
	*) fail "$1: <nhrp/$3.h> is of layer '$to', which $2 may not include" ;;
	esac
}

check_system() { # file layer header
	case $2 in
	core | facts | engine) ;;
	*) return ;;
	esac
	case "$1:$3" in
	*/src/core/auth.c:openssl/crypto.h) return ;; # CRYPTO_memcmp
	*/src/core/digest.c:openssl/sha.h) return ;; # SHA256
	*/include/nhrp/hash.h:uthash.h) return ;; # and nobody else
	esac
	case $value_headers in
	*[[:space:]]"$3"[[:space:]]*) ;;
	*) fail "$1: <$3> is no header of values" ;;
	esac
}

check_file() { # file layer
	files=$((files + 1))
	for inc in $(sed -n 's/^#[ ]*include[ ]*\([<"][^>"]*[>"]\).*/\1/p' "$1"); do
		includes=$((includes + 1))
		case $inc in
		'<nhrp/'*) inc=${inc#<nhrp/}; check_own "$1" "$2" "${inc%.h>}" ;;
		'<'*) inc=${inc#<}; check_system "$1" "$2" "${inc%>}" ;;
		*)
			inc=${inc#\"}; inc=${inc%\"}
			case $inc in
			config.h) continue ;;
			esac
			[ -f "$(dirname "$1")/$inc" ] && [ "$inc" = "${inc##*/}" ] ||
				fail "$1: \"$inc\" does not lie beside it"
			;;
		esac
	done
}

for f in "$src"/include/nhrp/*.h; do
	layer=$(layer_of "$(basename "$f" .h)")
	[ "$layer" = nowhere ] && fail "$f: no layer has a .c file for it"
	check_file "$f" "$layer"
done
for dir in "$src"/src/*/; do
	layer=$(basename "$dir")
	for f in "$dir"*.[ch]; do
		check_file "$f" "$layer"
	done
done
echo "includes: $includes in $files files"
[ $includes -gt 0 ] || fail "no include was looked at"

# --- symbols -----------------------------------------------------------------

# As extended regular expressions, on names without __, _chk, 64 and versions.
clock='time|times|gettimeofday|clock|clock_gettime|clock_nanosleep|timespec_get|ftime'
clock="$clock|localtime|localtime_r|gmtime|gmtime_r|mktime|strftime|nanosleep|u?sleep"
chance='rand|rand_r|srand|random|srandom|[a-z]rand48|getrandom|getentropy|arc4random.*'
file='(f|fd|re|fre)?open|openat|creat|p?read|p?write|readv|writev|close|closedir|readdir'
file="$file|stat|lstat|fstat|access|unlink|rename|mkdir|remove|tmpfile|mkstemp"
file="$file|f(close|read|write|puts|putc|gets|getc|flush|printf|scanf)|vf?printf|printf"
file="$file|puts|putchar|perror|getline|stdin|stdout|stderr|popen|dprintf|syslog"
env='getenv|secure_getenv|setenv|unsetenv|putenv|environ|getuid|geteuid|getpid|gethostname'
env="$env|fork|exec.*|system|kill|signal|sigaction|pthread_.*|sysconf"
socket='socket|bind|connect|accept4?|listen|send|sendto|sendm?msg|recv|recvfrom|recvm?msg'
socket="$socket|poll|ppoll|p?select|epoll_.*|ioctl|getaddrinfo|gethostby.*|if_nameto.*"
socket="$socket|if_indexto.*|get[a-z]*opt|setsockopt"
memory='malloc|calloc|realloc|reallocarray|aligned_alloc|posix_memalign|strn?dup|v?asprintf'
memory="$memory|open_memstream|mmap"
denied="^($clock|$chance|$file|$env|$socket|$memory)\$"

# mem.c is where memory comes from, and says so when there is none.
allowed='mem.o (malloc|calloc|realloc|fwrite|fputs|stderr)$'

check_symbols() { # library
	objects=$(ar t "$1" | wc -l)
	symbols=$(nm -A -u "$1" | sed 's/^[^:]*:\([^:]*\):.* \([^ ]*\)$/\1 \2/')
	count=$(printf '%s\n' "$symbols" | grep -c .)
	echo "$1: $count undefined symbols in $objects objects"
	[ "$count" -gt 0 ] || fail "$1: no symbol was looked at"
	found=$(printf '%s\n' "$symbols" | awk -v denied="$denied" '{
		name = $2
		sub(/@.*/, "", name); sub(/^__(isoc[0-9]*_)?/, "", name)
		sub(/_chk$/, "", name); sub(/64$/, "", name)
		if (name ~ denied) print $1, $2
	}' | grep -Ev "$allowed")
	[ -z "$found" ] || fail "$1: not pure:
$found"
}

# What a sanitizer adds to a library is not ours.
check_state() { # library
	objects=$(objdump -t "$1" | awk '$1 ~ /^[0-9a-f]+$/ && / O /' | wc -l)
	echo "$1: $objects data objects"
	[ "$objects" -gt 0 ] || fail "$1: no data object was looked at"
	found=$(objdump -t "$1" | awk '
		/:     file format/ { file = $1 }
		/ O / && $(NF - 2) ~ /^(\.t?(data|bss)|\*COM)/ &&
			$(NF - 2) !~ /^\.data\.rel\.ro/ { print file, $NF }' |
		grep -Ev ' (__odr_asan|__asan_|__sanc|__sancov|\.L)')
	[ -z "$found" ] || fail "$1: state that is not in a struct of the caller:
$found"
}

for layer in core engine; do
	[ -d "$src/src/$layer" ] || continue
	[ -f "lib$layer.a" ] || { fail "lib$layer.a: not here to be looked at"; continue; }
	check_symbols "lib$layer.a"
	check_state "lib$layer.a"
done
exit $bad
