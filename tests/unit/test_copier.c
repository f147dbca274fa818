/* SPDX-License-Identifier: MIT */
/*
 * Multicast from a program's socket to the copies, against the running kernel: its
 * rules, its log and a packet socket, in a network namespace of the test's own. The
 * tunnel is a TUN device, from which the test reads what leaves. Skipped where the
 * system gives it none of these.
 */
#include "unit_conf.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <ev.h>
#include <linux/if_tun.h>
#include <net/if.h>

#include <nhrp/copier.h>
#include <nhrp/firewall.h>
#include <nhrp/inner.h>
#include <nhrp/loop.h>

#include "unit_nft.h"
#include "unit_os.h"

#define OWN  "10.0.0.1"
#define PORT 520

struct fixture {
	struct unit_os os;
	struct nft_ctx *nft;
	struct firewall *firewall;
	struct copier *copier;
	struct conf *conf;
	int tun, ifindex;
	struct show_sink sink; /* looks for one row */
	const char *want, *key;
	int64_t found;
};

/* --- a tunnel */

static bool set_up(const char *name)
{
	int s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct sockaddr_in *sin;
	struct ifreq r = { 0 };
	bool ok;

	strncpy(r.ifr_name, name, sizeof(r.ifr_name) - 1);
	sin = (struct sockaddr_in *)&r.ifr_addr;
	sin->sin_family = AF_INET;
	ok = inet_pton(AF_INET, OWN, &sin->sin_addr) == 1 &&
	     ioctl(s, SIOCSIFADDR, &r) == 0;
	ok = ok && inet_pton(AF_INET, "255.255.255.0", &sin->sin_addr) == 1 &&
	     ioctl(s, SIOCSIFNETMASK, &r) == 0;
	r.ifr_flags = IFF_UP | IFF_MULTICAST | IFF_BROADCAST;
	ok = ok && ioctl(s, SIOCSIFFLAGS, &r) == 0;
	close(s);
	return ok;
}

static int open_tun(const char *name)
{
	int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	struct ifreq r = { .ifr_flags = IFF_TUN | IFF_NO_PI };

	strncpy(r.ifr_name, name, sizeof(r.ifr_name) - 1);
	if (fd >= 0 && (ioctl(fd, TUNSETIFF, &r) < 0 || !set_up(name))) {
		close(fd);
		return -1;
	}
	return fd;
}

static int setup(void **state)
{
	struct fixture *fx = calloc(1, sizeof(*fx));

	*state = fx;
	fx->tun = -1;
	if (!unit_namespace())
		return 0;
	fx->nft = unit_nft_new();
	if (!unit_nft(fx->nft, "list tables"))
		return 0;
	fx->tun = open_tun("gre1");
	if (fx->tun < 0)
		return 0;
	fx->ifindex = (int)if_nametoindex("gre1");
	unit_os_begin(&fx->os);
	fx->firewall = firewall_new(loop_ev(fx->os.loop), &fx->os.log);
	fx->copier = copier_new(fx->os.loop, &fx->os.log);
	return fx->copier ? 0 : -1;
}

static int teardown(void **state)
{
	struct fixture *fx = *state;

	copier_free(fx->copier);
	firewall_free(fx->firewall);
	if (fx->nft)
		nft_ctx_free(fx->nft);
	loop_free(fx->os.loop);
	conf_free(fx->conf);
	if (fx->tun >= 0)
		close(fx->tun);
	free(fx);
	return 0;
}

static struct fixture *fixture(void **state)
{
	struct fixture *fx = *state;

	if (!fx->copier)
		skip();
	return fx;
}

static void configure(struct fixture *fx, const char *words)
{
	struct conf *was = fx->conf;

	fx->conf = unit_conf(words);
	copier_conf(fx->copier, fx->conf);
	firewall_conf(fx->firewall, fx->conf);
	conf_free(was);
	assert_null(firewall_problem(fx->firewall));
	assert_null(copier_problem(fx->copier));
}

static void copy_to(struct fixture *fx, const char *nbma, bool add)
{
	struct act_copy a = { fx->ifindex, unit_addr(nbma) };

	if (add)
		copier_add(fx->copier, &a);
	else
		copier_del(fx->copier, &a);
}

/* --- what leaves */

/*
 * A datagram of the program's, with time to live 3. Where the kernel can drop it only
 * aloud, the program is told that it may not.
 */
static bool send_to(const char *group)
{
	struct sockaddr_in dst = { .sin_family = AF_INET, .sin_port = htons(PORT) };
	const unsigned char ttl = 3;
	const int on = 1;
	struct in_addr own;
	int s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool sent;

	inet_pton(AF_INET, OWN, &own);
	inet_pton(AF_INET, group, &dst.sin_addr);
	setsockopt(s, IPPROTO_IP, IP_MULTICAST_IF, &own, sizeof(own));
	setsockopt(s, IPPROTO_IP, IP_MULTICAST_TTL, &ttl, sizeof(ttl));
	setsockopt(s, SOL_SOCKET, SO_BROADCAST, &on, sizeof(on));
	setsockopt(s, SOL_SOCKET, SO_BINDTODEVICE, "gre1", sizeof("gre1"));
	sent = sendto(s, "hello", 5, 0, (struct sockaddr *)&dst, sizeof(dst)) == 5 ||
	       errno == EPERM;
	close(s);
	return sent;
}

static uint32_t sum16(const uint8_t *p, size_t len)
{
	uint32_t sum = 0;

	for (size_t n = 0; n < len; n++)
		sum += n % 2 ? p[n] : (uint32_t)p[n] << 8;
	return sum;
}

/* RFC 768: of a datagram that is whole all ones. */
static uint16_t udp_sum(const uint8_t *p, size_t len)
{
	uint32_t sum = sum16(p + 12, len - 12) + p[9] + (uint32_t)(len - 20);

	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)sum;
}

/* How many packets to this address have left; each as it should be. */
static unsigned left(struct fixture *fx, const char *group)
{
	struct addr wanted = unit_addr(group);
	uint8_t p[2048];
	unsigned count = 0;
	struct inner in;
	ssize_t n;

	while ((n = read(fx->tun, p, sizeof(p))) > 0) {
		if (!inner_decode(&in, p, (size_t)n) || !addr_eq(&in.dst, &wanted))
			continue;
		count++;
		assert_int_equal(p[9], IPPROTO_UDP);
		assert_int_equal(udp_sum(p, (size_t)n), 0xffff);
		assert_memory_equal(p + n - 5, "hello", 5);
		if (addr_is_multicast(&wanted))
			assert_int_equal(p[8], 3);
	}
	return count;
}

static void look(struct show_sink *sink, const struct record *r)
{
	struct fixture *fx = container_of(sink, struct fixture, sink);
	const struct field *value = record_find(r, fx->key);

	for (size_t n = 0; n < r->count && value; n++)
		if (r->fields[n].kind == FIELD_TEXT &&
		    strcmp(r->fields[n].text, fx->want) == 0)
			fx->found = value->number;
}

static int64_t counter(struct fixture *fx, const char *name)
{
	fx->sink.row = look;
	fx->want = name;
	fx->key = "value";
	fx->found = -1;
	copier_show(fx->copier, &fx->sink);
	firewall_show(fx->firewall, &fx->sink);
	return fx->found;
}

static int64_t shown(struct fixture *fx, const char *ifname, const char *want,
		     const char *key)
{
	fx->sink.row = look;
	fx->want = want;
	fx->key = key;
	fx->found = -1;
	copier_show_table(fx->copier, ifname, &fx->sink);
	firewall_show_multicast(fx->firewall, ifname, &fx->sink);
	return fx->found;
}

/* --- the tests */

static void each_station_gets_one_and_nobody_else(void **state)
{
	struct fixture *fx = fixture(state);

	configure(fx, "interface gre1 multicast dynamic");
	copy_to(fx, "192.0.2.1", true);
	copy_to(fx, "192.0.2.2", true);
	copy_to(fx, "192.0.2.2", true);
	assert_true(send_to("224.0.0.9"));
	unit_os_run_ms(&fx->os, 50);
	assert_int_equal(left(fx, "224.0.0.9"), 2);
	assert_int_equal(shown(fx, "", "224.0.0.9", "packets"), 1);
	assert_int_equal(shown(fx, "gre1", "224.0.0.9", "copies"), 2);
	assert_int_equal(shown(fx, "gre1", "192.0.2.1", "copies"), 1);
	assert_int_equal(shown(fx, "gre2", "192.0.2.1", "copies"), -1);
	copy_to(fx, "192.0.2.1", false);
	assert_true(send_to("224.0.0.9"));
	unit_os_run_ms(&fx->os, 50);
	assert_int_equal(left(fx, "224.0.0.9"), 1);
	assert_int_equal(shown(fx, "", "192.0.2.1", "copies"), -1);
}

/* For them the kernel makes a copy of its own, which is not to be copied. */
static void a_listener_of_this_machine_makes_no_second_copy(void **state)
{
	struct fixture *fx = fixture(state);
	struct ip_mreq join = { 0 };
	int s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	inet_pton(AF_INET, "224.0.0.9", &join.imr_multiaddr);
	inet_pton(AF_INET, OWN, &join.imr_interface);
	assert_int_equal(setsockopt(s, IPPROTO_IP, IP_ADD_MEMBERSHIP, &join,
				    sizeof(join)),
			 0);
	configure(fx, "interface gre1 multicast dynamic");
	copy_to(fx, "192.0.2.1", true);
	assert_true(send_to("224.0.0.9"));
	unit_os_run_ms(&fx->os, 50);
	assert_int_equal(left(fx, "224.0.0.9"), 1);
	close(s);
}

static void a_stream_that_nobody_named_is_dropped_and_counted(void **state)
{
	struct fixture *fx = fixture(state);

	configure(fx, "interface gre1 multicast dynamic");
	copy_to(fx, "192.0.2.1", true);
	for (unsigned n = 0; n < 100; n++)
		assert_true(send_to("239.1.1.1"));
	unit_os_run_ms(&fx->os, 50);
	assert_int_equal(left(fx, "239.1.1.1"), 0);
	assert_int_equal(counter(fx, "multicast_not_copied"), 100);
	assert_int_equal(shown(fx, "gre1",
			       "in no group that is copied: all of them "
			       "together",
			       "packets"),
			 100);
	/* Few of them are shown to the daemon, so that it knows of the group. */
	assert_in_range(counter(fx, "multicast_filtered"), 1, 40);
	assert_true(shown(fx, "gre1", "239.1.1.1", "last") >= 0);
	configure(fx, "interface gre1 multicast dynamic multicast-group 239.1.0.0/16");
	assert_true(send_to("239.1.1.1"));
	unit_os_run_ms(&fx->os, 50);
	assert_int_equal(left(fx, "239.1.1.1"), 1);
	assert_int_equal(shown(fx, "gre1", "239.1.1.1", "packets"), 1);
}

static void broadcast_is_copied_when_it_is_named(void **state)
{
	static const char *const cases[] = { "255.255.255.255", "10.0.0.255" };
	struct fixture *fx = fixture(state);

	for (size_t n = 0; n < ARRAY_SIZE(cases); n++) {
		configure(fx, "interface gre1 multicast dynamic");
		copy_to(fx, "192.0.2.1", true);
		assert_true(send_to(cases[n]));
		unit_os_run_ms(&fx->os, 50);
		assert_int_equal(left(fx, cases[n]), 0);
		configure(fx, "interface gre1 multicast dynamic multicast-group "
			      "255.255.255.255");
		assert_true(send_to(cases[n]));
		unit_os_run_ms(&fx->os, 50);
		assert_int_equal(left(fx, cases[n]), 1);
	}
}

static void with_nobody_to_copy_to_nothing_leaves(void **state)
{
	struct fixture *fx = fixture(state);
	int64_t captured;

	configure(fx, "interface gre1 multicast dynamic");
	assert_true(send_to("224.0.0.9"));
	unit_os_run_ms(&fx->os, 50);
	assert_int_equal(left(fx, "224.0.0.9"), 0);
	/* the kernel may have sent some of its own for IPv6 */
	assert_true(counter(fx, "multicast_for_nobody") > 0);
	configure(fx, "interface gre1");
	unit_os_run_ms(&fx->os, 50);
	captured = counter(fx, "multicast_captured");
	assert_true(send_to("224.0.0.9"));
	unit_os_run_ms(&fx->os, 50);
	assert_int_equal(counter(fx, "multicast_captured"), captured);
}

/* An administrator's rules may log what they like; it is copied as configured. */
static void rules_of_an_administrator_widen_nothing(void **state)
{
	struct fixture *fx = fixture(state);

	configure(fx, "firewall manual multicast-nflog-group 9 interface gre1 "
		      "multicast dynamic");
	copy_to(fx, "192.0.2.1", true);
	assert_true(unit_nft(fx->nft, "table inet site { chain o { "
				      "type filter hook output priority 0; "
				      "ip daddr 224.0.0.0/4 log group 9; }; "
				      "chain p { type filter hook postrouting "
				      "priority 0; ip daddr 224.0.0.0/4 drop; }; }"));
	assert_true(send_to("239.1.1.1"));
	assert_true(send_to("224.0.0.9"));
	unit_os_run_ms(&fx->os, 50);
	assert_int_equal(left(fx, "224.0.0.9"), 1);
	assert_int_equal(left(fx, "239.1.1.1"), 0);
	assert_int_equal(counter(fx, "multicast_filtered"), 1);
}

static void a_device_that_is_down_refuses_and_a_gone_one_too(void **state)
{
	struct fixture *fx = fixture(state);
	struct act_copy gone = { 4711, unit_addr("192.0.2.1") };

	configure(fx, "interface gre1 multicast dynamic");
	copier_add(fx->copier, &gone);
	copier_del(fx->copier, &gone);
	copier_del(fx->copier, &gone);
	copy_to(fx, "192.0.2.1", true);
	copy_to(fx, "192.0.2.2", true);
	assert_true(send_to("224.0.0.9"));
	close(fx->tun); /* and with it the device goes, its packet is in the log */
	fx->tun = -1;
	unit_os_run_ms(&fx->os, 50);
	assert_int_equal(counter(fx, "multicast_copies"), 0);
	/* Both copies of it, and of what the kernel sends when a device comes up. */
	assert_true(counter(fx, "multicast_refused") >= 2);
	assert_int_equal(counter(fx, "multicast_refused") % 2, 0);
	copy_to(fx, "192.0.2.1", false);
	copy_to(fx, "192.0.2.2", false);
}

static void a_group_that_another_listens_to_is_told(void **state)
{
	struct fixture *fx = fixture(state);
	struct copier *other = copier_new(fx->os.loop, &fx->os.log);

	configure(fx, "interface gre1 multicast dynamic");
	copier_conf(other, fx->conf);
	unit_os_run_ms(&fx->os, 50);
	assert_null(copier_problem(fx->copier));
	assert_non_null(strstr(copier_problem(other), "no multicast is copied"));
	assert_true(unit_os_logged(&fx->os, "see multicast-nflog-group"));
	copier_free(other);
}

#define IN_NAMESPACE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_NAMESPACE(each_station_gets_one_and_nobody_else),
		IN_NAMESPACE(a_listener_of_this_machine_makes_no_second_copy),
		IN_NAMESPACE(a_stream_that_nobody_named_is_dropped_and_counted),
		IN_NAMESPACE(broadcast_is_copied_when_it_is_named),
		IN_NAMESPACE(with_nobody_to_copy_to_nothing_leaves),
		IN_NAMESPACE(rules_of_an_administrator_widen_nothing),
		IN_NAMESPACE(a_device_that_is_down_refuses_and_a_gone_one_too),
		IN_NAMESPACE(a_group_that_another_listens_to_is_told),
	};

	return cmocka_run_group_tests_name("copier", tests, NULL, NULL);
}
