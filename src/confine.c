/*
 * Which calls the kernel refuses by itself: the default list, less what was allowed
 * by name, and what was denied on top. The setters check; nothing here can loosen a
 * run that was started.
 */
#include "confine.h"

#include "denied.h"
#include "denylist.h"
#include "filter.h"
#include "util.h"

#include <errno.h>
#include <seccomp.h>
#include <string.h>

static bool is_allowed(const struct demi_sandbox *sb, const struct denial *denial)
{
	for (size_t i = 0; i < sb->n_allowed; i++)
		if (strcmp(sb->allowed[i], denial->call) == 0 ||
		    strcmp(sb->allowed[i], denial->family) == 0)
			return true;
	return false;
}

static bool is_in_force(const struct demi_sandbox *sb, const struct socket_denial *socket)
{
	return sb->has_socket_kinds && !(socket->unless & sb->socket_kinds);
}

/*
 * The next entry of the two lists that is in force; *at starts as 0. NULL after the
 * last. What demi_sandbox_deny_syscall() added is not among them.
 */
static const struct denial *next_denial(const struct demi_sandbox *sb, size_t *at)
{
	while (*at < denylist_len) {
		const struct denial *denial = &denylist[(*at)++];
		if (!is_allowed(sb, denial))
			return denial;
	}
	while (*at < denylist_len + socket_denylist_len) {
		const struct socket_denial *socket = &socket_denylist[(*at)++ - denylist_len];
		if (is_in_force(sb, socket))
			return &socket->denial;
	}
	return NULL;
}

/* Is nr denied whatever its arguments are? */
static bool is_denied_whole(const struct demi_sandbox *sb, int nr)
{
	const struct denial *denial;
	size_t at = 0;

	while ((denial = next_denial(sb, &at)))
		if (!denial->when && demi_syscall_number(denial->call) == nr)
			return true;
	return sb->is_denied[nr];
}

/* Is what the build assembled good for the libseccomp that we run with? */
static bool is_assembled(void)
{
	const struct scmp_version *version = seccomp_version();

	return denied_default.len && version->major == denied_default.major &&
	       version->minor == denied_default.minor && version->micro == denied_default.micro;
}

int confine_unknown_from(void)
{
	int newest = demi_syscall_number(denylist_newest), last = DEMI_SYSCALL_END - 1;

	if (is_assembled())
		return denied_default.unknown_from;
	while (last > 0 && !demi_syscall_name(last))
		last--;
	return (newest >= 0 && newest < last ? newest : last) + 1;
}

int demi_sandbox_denies(const struct demi_sandbox *sb, int nr)
{
	return 0 <= nr && nr < confine_unknown_from() ? is_denied_whole(sb, nr) : 1;
}

/* Does whatever meets the rule meet this condition, too? */
static bool implies(const struct rule *rule, const struct refusal_arg *arg)
{
	uint64_t known = rule->mask[arg->arg] & arg->mask;
	uint64_t other = (rule->value[arg->arg] ^ arg->value) & known;

	return arg->differs ? other != 0 : known == arg->mask && other == 0;
}

/* The entry that refuses every call that the rule is about, or NULL */
static const struct denial *find_denial(const struct demi_sandbox *sb, int nr,
					const struct rule *rule)
{
	const struct denial *denial;
	size_t at = 0;

	while ((denial = next_denial(sb, &at))) {
		bool is_met = demi_syscall_number(denial->call) == nr;
		for (size_t i = 0; is_met && i < REFUSAL_ARGS && denial->args[i].mask; i++)
			is_met = implies(rule, &denial->args[i]);
		if (is_met)
			return denial;
	}
	return NULL;
}

/* A condition that only calls meet which are refused by their arguments. */
static int check_rules(struct demi_sandbox *sb, int nr, const struct demi_handler *handler)
{
	const struct denial *denial = NULL;

	for (size_t i = 0; i < handler->n_rules; i++) {
		denial = find_denial(sb, nr, &handler->rules[i]);
		if (!denial)
			return 0;
	}
	return denial ? fail(&sb->why, -EPERM, "the static filter denies %s %s, and the handler's "
			     "condition asks for nothing else: it could never run; allow it with "
			     "syscalls = { allow = { \"%s\" } }", denial->call, denial->when,
			     denial->family) : 0;
}

int confine_check(struct demi_sandbox *sb, int nr, const struct demi_handler *handler)
{
	const char *name = demi_syscall_name(nr);

	if (sb->is_denied[nr])
		return fail(&sb->why, -EPERM,
			    "the sandbox denies %s: the handler could never run; "
			    "take it out of syscalls = { deny = ... }", name);
	if (is_denied_whole(sb, nr))
		return fail(&sb->why, -EPERM,
			    "the static filter denies %s: the handler could never run; "
			    "allow it with syscalls = { allow = { \"%s\" } }", name, name);
	if (nr >= confine_unknown_from())
		return fail(&sb->why, -ENOSYS, "%s is newer than the static filter knows: "
			    "the handler could never run", name);
	return check_rules(sb, nr, handler);
}

static bool is_family(const char *name)
{
	for (size_t i = 0; i < denylist_len; i++)
		if (strcmp(denylist[i].family, name) == 0)
			return true;
	return false;
}

int demi_sandbox_allow_syscall(struct demi_sandbox *sb, const char *name)
{
	if (*name == '%' && !is_family(name))
		return fail(&sb->why, -EINVAL, "no family of denied system calls \"%s\"", name);
	if (*name != '%' && demi_syscall_number(name) < 0)
		return fail(&sb->why, -EINVAL, "unknown system call \"%s\"", name);
	char **allowed = reallocarray(sb->allowed, sb->n_allowed + 1, sizeof *allowed);
	if (!allowed)
		return fail(&sb->why, -ENOMEM, "allow %s", name);
	sb->allowed = allowed;
	allowed[sb->n_allowed] = strdup(name);
	if (!allowed[sb->n_allowed])
		return fail(&sb->why, -ENOMEM, "allow %s", name);
	sb->n_allowed++;
	return 0;
}

int demi_sandbox_deny_syscall(struct demi_sandbox *sb, const char *name)
{
	int nr = demi_syscall_number(name);

	if (nr < 0)
		return fail(&sb->why, -EINVAL, "unknown system call \"%s\"", name);
	if (sb->chains[nr].n)
		return fail(&sb->why, -EINVAL, "deny %s: a handler is bound to it, which "
			    "could never run", name);
	sb->is_denied[nr] = true;
	return 0;
}

int demi_sandbox_restrict_sockets(struct demi_sandbox *sb, unsigned int kinds)
{
	const unsigned int known = DEMI_SOCKET_UDP | DEMI_SOCKET_ICMP | DEMI_SOCKET_RAW |
				   DEMI_SOCKET_NETLINK;

	if (kinds & ~known)
		return fail(&sb->why, -EINVAL, "kinds of sockets 0x%x", kinds);
	sb->has_socket_kinds = true;
	sb->socket_kinds = kinds;
	return kinds & DEMI_SOCKET_RAW ? demi_sandbox_allow_syscall(sb, "%raw") : 0;
}

static void describe(const struct denial *denial, struct demi_denial *out)
{
	*out = (struct demi_denial){
		.syscall = denial->call, .family = denial->family,
		.when = denial->when ? denial->when : "", .reason = denial->reason,
		.error = denial->error, .syscall_nr = demi_syscall_number(denial->call),
	};
}

/* The lists, then the calls that were denied by name. */
int demi_sandbox_denial(const struct demi_sandbox *sb, size_t i, struct demi_denial *out)
{
	const struct denial *denial;
	size_t at = 0;

	*out = (struct demi_denial){ .syscall_nr = -1 };
	while ((denial = next_denial(sb, &at)))
		if (i-- == 0) {
			describe(denial, out);
			return 0;
		}
	for (int nr = 0; nr < DEMI_SYSCALL_END; nr++)
		if (sb->is_denied[nr] && i-- == 0) {
			*out = (struct demi_denial){
				.syscall = demi_syscall_name(nr), .family = "", .when = "",
				.reason = "the sandbox denies it", .error = EPERM,
				.syscall_nr = nr,
			};
			return 0;
		}
	return -ENOENT;
}

/*
 * Adds the entries that stand for a whole call, or those with a condition; whole
 * says of which calls the former are, which need no condition any more.
 */
static size_t collect(const struct demi_sandbox *sb, bool conditional, bool *whole,
		      struct refusal *refusals)
{
	const struct denial *denial;
	size_t n = 0, at = 0;

	while ((denial = next_denial(sb, &at))) {
		if (conditional != (denial->when != NULL))
			continue;
		int nr = demi_syscall_number(denial->call);
		if (nr < 0 || whole[nr])	/* no such call here, or ENOSYS: unknown */
			continue;
		whole[nr] = !conditional;
		refusals[n] = (struct refusal){
			.nr = nr, .error = denial->error, .entry = denial,
		};
		memcpy(refusals[n++].args, denial->args, sizeof denial->args);
	}
	return n;
}

int confine_refusals(struct demi_sandbox *sb, struct refusal **out, size_t *n)
{
	size_t most = denylist_len + socket_denylist_len + DEMI_SYSCALL_END;
	struct refusal *refusals = calloc(most, sizeof *refusals);
	bool whole[DEMI_SYSCALL_END];

	*out = refusals;
	*n = 0;
	if (!refusals)
		return fail(&sb->why, -ENOMEM, "filter");
	memcpy(whole, sb->is_denied, sizeof whole);
	for (int nr = 0; nr < DEMI_SYSCALL_END; nr++)
		if (whole[nr])
			refusals[(*n)++] = (struct refusal){ .nr = nr, .error = EPERM };
	*n += collect(sb, false, whole, refusals + *n);
	*n += collect(sb, true, whole, refusals + *n);
	return 0;
}

static int assemble(struct demi_sandbox *sb, struct filter_sink out)
{
	AUTO_FREE struct refusal *refusals = NULL;
	size_t n = 0;
	int rc = sb->explains ? 0 : confine_refusals(sb, &refusals, &n);

	return rc < 0 ? rc : filter_deny(refusals, n, confine_unknown_from(), out, &sb->why);
}

int confine_filter(struct demi_sandbox *sb, struct filter_sink out)
{
	bool is_default = !sb->explains && !sb->n_allowed && !sb->has_socket_kinds &&
			  !memchr(sb->is_denied, 1, sizeof sb->is_denied);

	filter_clear(out);
	/* what the build assembled is code only; it was made from the same list */
	if (!is_default || !is_assembled() || out.text)
		return assemble(sb, out);
	size_t bytes = denied_default.len * sizeof *out.program->filter;
	out.program->filter = malloc(bytes);
	if (!out.program->filter)
		return fail(&sb->why, -ENOMEM, "filter");
	memcpy(out.program->filter, denied_default.filter, bytes);
	out.program->len = denied_default.len;
	return 0;
}

void confine_free(struct demi_sandbox *sb)
{
	for (size_t i = 0; i < sb->n_allowed; i++)
		free(sb->allowed[i]);
	free(sb->allowed);
}
