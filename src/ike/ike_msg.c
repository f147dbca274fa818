/* SPDX-License-Identifier: MIT */
#include "ike_msg.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <nhrp/ike.h>
#include <nhrp/vici_msg.h>

/* Where swanctl keeps what a name without a folder means. */
#define SWANCTL_DIR "/etc/swanctl/"

#define PUBKEY_MAX 8192

struct ike_name ike_name(const char *ifname, const struct addr *remote)
{
	struct ike_name n;

	if (addr_is_set(remote))
		snprintf(n.s, sizeof(n.s), IKE_PREFIX "%s-%s", ifname,
			 ADDR_STR(remote));
	else
		snprintf(n.s, sizeof(n.s), IKE_PREFIX "%s", ifname);
	return n;
}

struct ike_name ike_shared_name(const struct conf_profile *p)
{
	struct ike_name n;

	snprintf(n.s, sizeof(n.s), IKE_PREFIX "%s", p->name);
	return n;
}

/* --- pieces ------------------------------------------------------------------- */

static void put_list(struct vici_out *o, const char *key, const char *value)
{
	vici_out_open_list(o, key);
	vici_out_entry(o, value, strlen(value));
	vici_out_close_list(o);
}

static bool has(const struct conf_profile *p, enum conf_section section,
		const char *key)
{
	return conf_find_setting(p, section, key) != NULL;
}

/* swanctl's folder for the files of a key, and charon's section for one of them. */
static const struct file_key {
	const char *key, *folder, *section;
} file_keys[] = {
	{ "certs", "x509", "cert" },
	{ "cacerts", "x509ca", "cacert" },
	{ "pubkeys", "pubkey", NULL }, /* none: charon wants what is in the file */
};

static const struct file_key *find_file_key(const char *key)
{
	for (size_t i = 0; i < ARRAY_SIZE(file_keys); i++) {
		if (strcmp(file_keys[i].key, key) == 0)
			return &file_keys[i];
	}
	return &file_keys[0];
}

static struct ike_path file_path(const struct file_key *k, const char *name)
{
	struct ike_path path;

	if (name[0] == '/')
		snprintf(path.s, sizeof(path.s), "%s", name);
	else
		snprintf(path.s, sizeof(path.s), SWANCTL_DIR "%s/%s", k->folder, name);
	return path;
}

void ike_each_cert(const struct conf_profile *p,
		   void (*each)(void *ctx, const char *path), void *ctx)
{
	for (size_t i = 0; i < p->setting_count; i++) {
		const struct conf_setting *s = &p->settings[i];
		const struct file_key *k = find_file_key(s->key);

		for (size_t n = 0;
		     s->kind == CONF_FILES && k->section && n < s->value_count; n++)
			each(ctx, file_path(k, s->values[n]).s);
	}
}

struct ike_path ike_msg_path(const char *key, const char *name)
{
	return file_path(find_file_key(key), name);
}

static bool put_file(struct vici_out *o, const char *path, char *err, size_t err_cap)
{
	char octets[PUBKEY_MAX];
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ssize_t n = fd < 0 ? -1 : read(fd, octets, sizeof(octets));
	int error = errno;

	if (fd >= 0)
		close(fd);
	if (n < 0 || n == sizeof(octets)) {
		snprintf(err, err_cap, "%s: %s", path,
			 n < 0 ? strerror(error) : "too long for a public key");
		return false;
	}
	vici_out_entry(o, octets, (size_t)n);
	return true;
}

static bool put_contents(struct vici_out *o, const struct conf_setting *s,
			 const struct file_key *k, char *err, size_t err_cap)
{
	bool good = true;

	vici_out_open_list(o, s->key);
	for (size_t i = 0; i < s->value_count && good; i++)
		good = put_file(o, file_path(k, s->values[i]).s, err, err_cap);
	vici_out_close_list(o);
	return good;
}

/* charon opens certificates itself: what it may read, and not what we may. */
static bool put_files(struct vici_out *o, const struct conf_setting *s, char *err,
		      size_t err_cap)
{
	const struct file_key *k = find_file_key(s->key);
	char section[sizeof("cacert") + 20];

	if (!k->section)
		return put_contents(o, s, k, err, err_cap);
	for (size_t i = 0; i < s->value_count; i++) {
		snprintf(section, sizeof(section), "%s%zu", k->section, i + 1);
		vici_out_open(o, section);
		vici_out_value(o, "file", file_path(k, s->values[i]).s);
		vici_out_close(o);
	}
	return true;
}

static bool put_setting(struct vici_out *o, const struct conf_setting *s, char *err,
			size_t err_cap)
{
	switch (s->kind) {
	case CONF_TEXT:
		vici_out_value(o, s->key, s->values[0]);
		return true;
	case CONF_LIST:
		vici_out_open_list(o, s->key);
		for (size_t i = 0; i < s->value_count; i++)
			vici_out_entry(o, s->values[i], strlen(s->values[i]));
		vici_out_close_list(o);
		return true;
	case CONF_FILES:
		return put_files(o, s, err, err_cap);
	}
	return false;
}

/* All that the profile says in this section, but the key `except`. */
static bool put_section(struct vici_out *o, const struct conf_profile *p,
			enum conf_section section, const char *except, char *err,
			size_t err_cap)
{
	for (size_t i = 0; i < p->setting_count; i++) {
		const struct conf_setting *s = &p->settings[i];

		if (s->section != section || strcmp(s->key, except) == 0)
			continue;
		if (!put_setting(o, s, err, err_cap))
			return false;
	}
	return true;
}

/* --- load-conn ---------------------------------------------------------------- */

static bool put_end(struct vici_out *o, const struct conf_profile *p,
		    enum conf_section section, char *err, size_t err_cap)
{
	bool good;

	vici_out_open(o, section == CONF_LOCAL ? "local" : "remote");
	good = put_section(o, p, section, "", err, err_cap);
	vici_out_close(o);
	return good;
}

/*
 * Transport mode: the GRE between the addresses that IKE itself uses. Tunnel mode:
 * a peer behind NAT has an address of its own inside, which who is called cannot
 * know; it proposes it and the responder narrows to that.
 */
static void put_selectors(struct vici_out *o, const struct conf_profile *p,
			  const struct ike_conn *c)
{
	const char *remote = "dynamic[gre]";

	if (p->tunnel_mode && !addr_is_set(&c->remote))
		remote = c->local.family == ADDR_IP6 ? "::/0[gre]" : "0.0.0.0/0[gre]";
	vici_out_value(o, "mode", p->tunnel_mode ? "tunnel" : "transport");
	put_list(o, "local_ts", "dynamic[gre]");
	put_list(o, "remote_ts", remote);
}

static void put_owned(struct vici_out *o, const struct conf_profile *p,
		      const struct ike_conn *c)
{
	bool any = !addr_is_set(&c->remote);

	put_list(o, "local_addrs", ADDR_STR(&c->local));
	put_list(o, "remote_addrs", any ? "%any" : ADDR_STR(&c->remote));
	if (!has(p, CONF_CONNECTION, "version"))
		vici_out_value(o, "version", "2");
	if (!has(p, CONF_CONNECTION, "dpd_delay"))
		vici_out_value(o, "dpd_delay", "10s");
	vici_out_value(o, "mobike", "no");
	vici_out_value(o, "keyingtries", "1");
	vici_out_value(o, "unique", "no");
}

size_t ike_msg_conn(void *buf, size_t cap, const struct conf_profile *p,
		    const struct ike_conn *c, char *err, size_t err_cap)
{
	struct vici_out o;
	bool good;
	size_t len;

	vici_out_begin(&o, buf, cap, VICI_CMD_REQUEST, "load-conn");
	vici_out_open(&o, c->name);
	put_owned(&o, p, c);
	good = put_section(&o, p, CONF_CONNECTION, "", err, err_cap) &&
	       put_end(&o, p, CONF_LOCAL, err, err_cap) &&
	       put_end(&o, p, CONF_REMOTE, err, err_cap);
	vici_out_open(&o, "children");
	vici_out_open(&o, IKE_CHILD);
	put_selectors(&o, p, c);
	good = good && put_section(&o, p, CONF_CHILD, "mode", err, err_cap);
	vici_out_close(&o);
	vici_out_close(&o);
	vici_out_close(&o);
	if (!good)
		return 0;
	len = vici_out_end(&o);
	if (len == 0)
		snprintf(err, err_cap, "profile %s is too long", p->name);
	return len;
}

/* --- the others --------------------------------------------------------------- */

static void put_owner(struct vici_out *o, const struct conf_profile *p,
		      enum conf_section section)
{
	const struct conf_setting *id = conf_find_setting(p, section, "id");
	const char *owner = id ? id->values[0] : "%any";

	vici_out_entry(o, owner, strlen(owner));
}

/*
 * Whose it is: other connections have better secrets of their own then. The peer's
 * too, for a caller need not say whom it calls, and charon looks for a secret of the
 * caller's alone.
 */
static void put_owners(struct vici_out *o, const struct conf_profile *p)
{
	vici_out_open_list(o, "owners");
	put_owner(o, p, CONF_LOCAL);
	put_owner(o, p, CONF_REMOTE);
	vici_out_close_list(o);
}

size_t ike_msg_shared(void *buf, size_t cap, const struct conf_profile *p)
{
	struct vici_out o;

	vici_out_begin(&o, buf, cap, VICI_CMD_REQUEST, "load-shared");
	vici_out_value(&o, "id", ike_shared_name(p).s);
	vici_out_value(&o, "type", "IKE");
	vici_out_octets(&o, "data", p->psk.bytes, p->psk.len);
	put_owners(&o, p);
	return vici_out_end(&o);
}

size_t ike_msg_initiate(void *buf, size_t cap, const char *name)
{
	struct vici_out o;

	vici_out_begin(&o, buf, cap, VICI_CMD_REQUEST, "initiate");
	vici_out_value(&o, "ike", name);
	vici_out_value(&o, "child", IKE_CHILD);
	vici_out_value(&o, "timeout", "-1");
	return vici_out_end(&o);
}

size_t ike_msg_terminate(void *buf, size_t cap, uint32_t ike, bool force)
{
	struct vici_out o;
	char id[16];

	snprintf(id, sizeof(id), "%u", ike);
	vici_out_begin(&o, buf, cap, VICI_CMD_REQUEST, "terminate");
	vici_out_value(&o, "ike-id", id);
	if (force)
		vici_out_value(&o, "force", "yes");
	vici_out_value(&o, "timeout", "-1");
	return vici_out_end(&o);
}

size_t ike_msg_certs(void *buf, size_t cap, const char *subject)
{
	struct vici_out o;

	vici_out_begin(&o, buf, cap, VICI_CMD_REQUEST, "list-certs");
	vici_out_value(&o, "type", "X509");
	vici_out_value(&o, "flag", subject ? "NONE" : "CA");
	if (subject)
		vici_out_value(&o, "subject", subject);
	return vici_out_end(&o);
}

size_t ike_msg_command(void *buf, size_t cap, const char *command, const char *key,
		       const char *value)
{
	struct vici_out o;

	vici_out_begin(&o, buf, cap, VICI_CMD_REQUEST, command);
	if (key)
		vici_out_value(&o, key, value);
	return vici_out_end(&o);
}
