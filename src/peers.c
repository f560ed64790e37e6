/* Rules about addresses, held by handlers of ours. */
#include "peers.h"

#include "perform/gather.h"
#include "run.h"
#include "util.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

/* Which address an entry of ai_addr has, as a rule of all its bits. */
static bool set_address(const struct sockaddr *address, struct demi_address *out)
{
	const struct sockaddr_in *v4 = (const void *)address;
	const struct sockaddr_in6 *v6 = (const void *)address;

	out->len = address->sa_family == AF_INET ? 4 : address->sa_family == AF_INET6 ? 16 : 0;
	out->bits = (uint8_t)(8 * out->len);
	if (out->len == 4)
		memcpy(out->bytes, &v4->sin_addr, 4);
	else if (out->len == 16 && IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr)) {
		memcpy(out->bytes, (const char *)&v6->sin6_addr + 12, 4);
		out->len = 4;
		out->bits = 32;
	} else if (out->len == 16)
		memcpy(out->bytes, &v6->sin6_addr, 16);
	out->name[0] = 0;
	return out->len;
}

static int append(struct peers *peers, const struct demi_address *rule)
{
	struct demi_address *all = reallocarray(peers->rules, peers->n + 1, sizeof *all);

	if (!all)
		return -ENOMEM;
	peers->rules = all;
	all[peers->n++] = *rule;
	return 0;
}

static void free_list(struct addrinfo **list)
{
	if (*list)
		freeaddrinfo(*list);
}

static int look_up(struct demi_run *run, const struct demi_address *rule)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	__attribute__((cleanup(free_list))) struct addrinfo *list = NULL;
	struct why *why = &run->sb->why;
	int rc = getaddrinfo(rule->name, NULL, &hints, &list);

	if (rc != 0) {
		int error = rc == EAI_SYSTEM ? errno : EHOSTUNREACH;
		snprintf(why->text, sizeof why->text, "connect to %.100s: it cannot be looked up: %s",
			 rule->name, rc == EAI_SYSTEM ? strerror(error) : gai_strerror(rc));
		return -error;
	}
	for (const struct addrinfo *one = list; one; one = one->ai_next) {
		struct demi_address address = *rule;
		if (set_address(one->ai_addr, &address) && append(&run->peers, &address) < 0)
			return fail(why, -ENOMEM, "the addresses of %s", rule->name);
	}
	return 0;
}

/* A port that was granted by itself is one of every address. */
static int add_ports(struct demi_run *run)
{
	const struct access_rules *rules = &run->sb->access;

	for (size_t i = 0; i < rules->n_ports; i++) {
		const struct port_rule *port = &rules->ports[i];
		const struct demi_address every = {
			.first_port = (uint16_t)port->first, .last_port = (uint16_t)port->last,
		};
		if (port->ways & DEMI_TCP_CONNECT && !port->is_of_address &&
		    append(&run->peers, &every) < 0)
			return fail(&run->sb->why, -ENOMEM, "the rules about addresses");
	}
	return 0;
}

int peers_look_up(struct demi_run *run)
{
	const struct access_rules *rules = &run->sb->access;
	int rc = rules->n_addresses ? add_ports(run) : 0;

	for (size_t i = 0; i < rules->n_addresses && rc == 0; i++) {
		const struct demi_address *rule = &rules->addresses[i];
		if (rule->name[0])
			rc = look_up(run, rule);
		else if (append(&run->peers, rule) < 0)
			rc = fail(&run->sb->why, -ENOMEM, "the rules about addresses");
	}
	return rc;
}

int peers_judge(const struct demi_run *run, const struct sockaddr_storage *address,
		size_t len, bool is_sent)
{
	if (!run->sb->access.n_addresses)
		return 0;
	return demi_address_judge(run->peers.rules, run->peers.n, address, len, is_sent);
}

/* Before the handlers of the user: what is refused is no matter of theirs. */
static int judge(void *ud, const struct demi_notif *notif, struct demi_mem *mem,
		 struct demi_action *act)
{
	struct sockaddr_storage address = { 0 };
	uint32_t len = 0;
	int rc = gather_peer(mem->call, &address, &len);

	(void)ud;
	if (rc == 0)
		rc = peers_judge(mem->run, &address, len,
				 notif->syscall_nr != demi_syscall_number("connect"));
	if (rc < 0)
		return demi_action_set_errno(act, -rc);
	/* CONTINUE: to perform(), below, which takes the bytes that were judged */
	demi_action_set_continue(act);
	return 0;
}

static int perform(void *ud, const struct demi_notif *notif, struct demi_mem *mem,
		   struct demi_action *act)
{
	(void)ud, (void)notif, (void)mem;
	return demi_action_set_perform(act, NULL, NULL, NULL, NULL);
}

/* sendmmsg(2) can neither be judged without a race nor performed. Programs have send. */
static int refuse(void *ud, const struct demi_notif *notif, struct demi_mem *mem,
		  struct demi_action *act)
{
	(void)ud, (void)notif, (void)mem;
	return demi_action_set_errno(act, ENOSYS);
}

/* An address of sendto(2) may be NULL: then it is send(2), and the filter lets it pass. */
static const struct demi_condition has_address = {
	.arg = 4, .op = DEMI_OP_NE, .type = DEMI_TYPE_ADDRESS, .mask = UINT64_MAX,
};

static const struct {
	const char *call;
	demi_handle_fn fn;
	enum link_rank rank;
	const struct demi_condition *when;
	bool is_sent;
} ours[] = {
	{ "connect", judge, LINK_FIRST, NULL, false },
	{ "sendto", judge, LINK_FIRST, &has_address, true },
	{ "sendmsg", judge, LINK_FIRST, NULL, true },
	{ "sendmmsg", refuse, LINK_FIRST, NULL, true },
	{ "connect", perform, LINK_LAST, NULL, false },
	{ "sendto", perform, LINK_LAST, &has_address, true },
	{ "sendmsg", perform, LINK_LAST, NULL, true },
};

static int bind_one(struct demi_sandbox *sb, size_t i)
{
	int nr = demi_syscall_number(ours[i].call);
	struct demi_handler *handler;

	if (demi_sandbox_denies(sb, nr))	/* nobody is to be asked */
		return 0;
	int rc = demi_handler_new(ours[i].fn, NULL, NULL, DEMI_EXCEPTION_DENY_EPERM, &handler);
	if (rc < 0)
		return rc;
	rc = demi_handler_set_name(handler, "rules about addresses");
	if (rc == 0 && ours[i].when)
		rc = demi_handler_when(handler, ours[i].when, 1);
	if (rc < 0) {
		demi_handler_free(handler);
		return rc;
	}
	rc = sandbox_keep(sb, handler);
	return rc < 0 ? rc : sandbox_link(sb, nr, handler, ours[i].rank);
}

int peers_bind(struct demi_sandbox *sb)
{
	/* kinds of sockets that send to an address without a connection */
	const unsigned int sending = DEMI_SOCKET_UDP | DEMI_SOCKET_ICMP | DEMI_SOCKET_RAW;
	bool sends = sb->socket_kinds & sending;

	if (!sb->access.n_addresses)
		return 0;
	for (size_t i = 0; i < sizeof ours / sizeof *ours; i++) {
		if (sb->has_peers >> i & 1 || (ours[i].is_sent && !sends))
			continue;
		int rc = bind_one(sb, i);
		if (rc < 0)
			return fail(&sb->why, rc, "the rules about addresses");
		sb->has_peers |= 1U << i;
	}
	return 0;
}
