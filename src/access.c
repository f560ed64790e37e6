/* The setters of files, ports and namespaces: they check and copy. */
#include "access.h"

#include "sandbox.h"
#include "util.h"

#include <errno.h>
#include <string.h>

#define PORT_MAX 65535
/* all ranges together: landlock_add_rule(2) took 3 ms for as many (Linux 6.18) */
#define PORTS_MAX 4096

void access_init(struct access_rules *rules)
{
	*rules = (struct access_rules){ 0 };
	rules->errors = (1U << DEMI_PROTECTION_END) - 1;
	rules->errors &= ~(1U << DEMI_PROTECTION_SIGNALS);
}

void access_free(struct access_rules *rules)
{
	for (size_t i = 0; i < rules->n_paths; i++)
		free(rules->paths[i].path);
	free(rules->paths);
	free(rules->ports);
	free(rules->addresses);
}

int demi_sandbox_on_missing(struct demi_sandbox *sb, unsigned int protection, int degrade)
{
	if (protection >= DEMI_PROTECTION_END)
		return fail(&sb->why, -EINVAL, "protection %u", protection);
	if (degrade)
		sb->access.errors &= ~(1U << protection);
	else
		sb->access.errors |= 1U << protection;
	return 0;
}

void demi_sandbox_confine_files(struct demi_sandbox *sb)
{
	sb->access.confines_files = true;
}

int demi_sandbox_add_path(struct demi_sandbox *sb, const char *path, unsigned int flags)
{
	struct access_rules *rules = &sb->access;
	unsigned int verb = flags & ~(unsigned int)DEMI_PATH_OPTIONAL;

	if (verb != DEMI_PATH_READ && verb != DEMI_PATH_WRITE && verb != DEMI_PATH_DENY)
		return fail(&sb->why, -EINVAL, "the flags %#x of %s", flags, path);
	if (!*path)
		return fail(&sb->why, -EINVAL, "an empty path");
	struct path_rule *all = reallocarray(rules->paths, rules->n_paths + 1, sizeof *all);
	if (!all)
		return fail(&sb->why, -ENOMEM, "%s", path);
	rules->paths = all;
	all[rules->n_paths] = (struct path_rule){ strdup(path), flags };
	if (!all[rules->n_paths].path)
		return fail(&sb->why, -ENOMEM, "%s", path);
	rules->n_paths++;
	rules->confines_files = true;
	return 0;
}

void demi_sandbox_confine_net(struct demi_sandbox *sb)
{
	sb->access.confines_net = true;
	sb->has_socket_kinds = true;	/* those of demi_sandbox_restrict_sockets() */
}

static bool is_every_port(const struct port_rule *rule)
{
	return rule->first == 0 && rule->last == PORT_MAX;
}

static size_t count_ports(const struct access_rules *rules)
{
	size_t n = 0;

	for (size_t i = 0; i < rules->n_ports; i++)
		if (!is_every_port(&rules->ports[i]))
			n += rules->ports[i].last - rules->ports[i].first + 1;
	return n;
}

int demi_sandbox_add_port(struct demi_sandbox *sb, unsigned int ways, unsigned int first,
			  unsigned int last)
{
	struct access_rules *rules = &sb->access;
	struct port_rule rule = { .ways = ways, .first = first, .last = last };
	bool connects_to_0 = ways & DEMI_TCP_CONNECT && first == 0 && !is_every_port(&rule);

	if (!ways || ways & ~(unsigned int)(DEMI_TCP_CONNECT | DEMI_TCP_BIND))
		return fail(&sb->why, -EINVAL, "ways of a port");
	if (first > last || last > PORT_MAX || connects_to_0)
		return fail(&sb->why, -EINVAL, "port %u to %u", first, last);
	if (!is_every_port(&rule) && count_ports(rules) + last - first + 1 > PORTS_MAX)
		return fail(&sb->why, -E2BIG, "port %u to %u: more than %d ports", first, last,
			    PORTS_MAX);
	struct port_rule *all = reallocarray(rules->ports, rules->n_ports + 1, sizeof *all);
	if (!all)
		return fail(&sb->why, -ENOMEM, "port %u", first);
	rules->ports = all;
	all[rules->n_ports++] = rule;
	demi_sandbox_confine_net(sb);
	return 0;
}

int demi_sandbox_connect_address(struct demi_sandbox *sb, const char *text)
{
	struct access_rules *rules = &sb->access;
	struct demi_address rule;
	char why[192];

	int rc = demi_address_parse(text, &rule, why, sizeof why);
	if (rc < 0)
		return fail(&sb->why, rc, "connect %s", why);
	struct demi_address *all =
		reallocarray(rules->addresses, rules->n_addresses + 1, sizeof *all);
	if (!all)
		return fail(&sb->why, -ENOMEM, "connect %s", text);
	rules->addresses = all;
	rc = demi_sandbox_add_port(sb, DEMI_TCP_CONNECT, rule.first_port, rule.last_port);
	if (rc < 0)
		return rc;
	rules->ports[rules->n_ports - 1].is_of_address = true;
	all[rules->n_addresses++] = rule;
	return 0;
}

int demi_sandbox_isolate(struct demi_sandbox *sb, unsigned int flags)
{
	const unsigned int known = DEMI_ISOLATE_NET | DEMI_ISOLATE_PID | DEMI_ISOLATE_IPC |
				   DEMI_ISOLATE_UTS | DEMI_ISOLATE_MOUNT | DEMI_ISOLATE_ROOT;

	if (flags & ~known)
		return fail(&sb->why, -EINVAL, "isolate %#x", flags);
	sb->access.isolated |= flags;
	return 0;
}
