/*
 * What Landlock is going to refuse. The watcher looks up what the call means, as the
 * kernel will, asks the same rules in the same order, and notes what they do not grant.
 * It decides nothing: should it be wrong, or another thread quicker, the kernel still
 * refuses or grants as it would.
 *
 * Landlock grants what some rule on the file or on a directory above it grants. The
 * rights that each hook asks for are those of security/landlock/fs.c and net.c, Linux
 * 6.18; what fails before the hook is no refusal, so that is looked at, too.
 */
#include "judge.h"

#include "../compat.h"
#include "explain.h"
#include "need.h"
#include "../util.h"

#include <string.h>

/* Everything that some rule grants from the object upwards; -errno in *rc. */
static uint64_t granted(const struct grants *grants, const struct need *need, int *rc)
{
	uint64_t rights = need->has_object ? grants_rights(grants, &need->object) : 0;
	AUTO_FD dir = fcntl(need->dir, F_DUPFD_CLOEXEC, 3);
	struct stat st;

	*rc = dir < 0 ? -errno : 1;
	while (*rc == 1) {
		if (fstat(dir, &st) < 0)
			*rc = -errno;
		else
			rights |= grants_rights(grants, &st);
		if (*rc == 1)
			*rc = walk_up(&dir);
	}
	return rights;
}

/* A place that the rights would have to be on. */
static const struct place *covering(const struct grants *grants, const char *path,
				    unsigned int access)
{
	for (size_t i = 0; i < grants->n; i++) {
		const struct place *place = &grants->places.all[grants->all[i].place];
		bool is_above = strcmp(place->text, path) == 0 || place_is_beneath(path, place->text);
		if (is_above && grants->all[i].access >= access)
			return place;
	}
	return NULL;
}

/* Granted, and carved out again: by which rule? */
static const char *find_denied(const struct grants *grants, const char *path,
			       unsigned int access)
{
	const struct place *above = covering(grants, path, access);
	const char *found = "";

	for (size_t i = 0; above && i < grants->denied.n; i++) {
		const char *denied = grants->denied.all[i].text;
		if (!place_is_beneath(denied, above->text))
			continue;
		if (!*found || strcmp(path, denied) == 0 || place_is_beneath(path, denied) ||
		    place_is_beneath(denied, path))
			found = denied;
	}
	return found;
}

static void note_file(const struct call_facts *call, const struct need *need, uint64_t missing,
		      int error)
{
	const struct grants *grants = &call->run->explain->grants;
	bool writes = missing & ~landlock_rights(LANDLOCK_ABI_MAX, LANDLOCK_READ, S_IFDIR);
	const struct demi_refused what = {
		.kind = writes ? DEMI_REFUSED_WRITE : DEMI_REFUSED_READ,
		.syscall_nr = call->notif->syscall_nr, .pid = call->notif->pid, .error = error,
		.path = need->path, .family = "", .when = "",
		.grant = need->grant,
		.deny = !need->grant[0] ? ""
			: find_denied(grants, need->path, writes ? LANDLOCK_WRITE : LANDLOCK_READ),
	};

	explain_note(call->run, &what);
}

/* Landlock says EXDEV if all that is missing is the right to link across directories. */
static int errno_of(uint64_t missing)
{
	return missing == LANDLOCK_ACCESS_FS_REFER ? EXDEV : EACCES;
}

static void judge_needs(const struct call_facts *call, const struct need *needs, size_t n)
{
	const struct grants *grants = &call->run->explain->grants;
	uint64_t missing[NEEDS_MAX], all = 0, handled = grants->masks.fs;

	if (handled)	/* refused by every domain, landlock(7) */
		handled |= LANDLOCK_ACCESS_FS_REFER;
	for (size_t i = 0; i < n; i++) {
		int rc;
		missing[i] = needs[i].rights & handled & ~granted(grants, &needs[i], &rc);
		if (rc < 0)	/* what cannot be seen is not accused */
			return;
		all |= missing[i];
	}
	for (size_t i = 0; i < n; i++)
		if (missing[i])
			note_file(call, &needs[i], missing[i], errno_of(all));
}

static bool has_port(const struct access_rules *rules, unsigned int way, unsigned int port)
{
	for (size_t i = 0; i < rules->n_ports; i++)
		if (rules->ports[i].ways & way && rules->ports[i].first <= port &&
		    port <= rules->ports[i].last)
			return true;
	return false;
}

static void judge_port(const struct call_facts *call, bool binds, unsigned int port)
{
	const struct landlock_masks *masks = &call->run->explain->grants.masks;
	uint64_t right = binds ? LANDLOCK_ACCESS_NET_BIND_TCP : LANDLOCK_ACCESS_NET_CONNECT_TCP;

	if (!(masks->net & right) ||
	    has_port(&call->run->sb->access, binds ? DEMI_TCP_BIND : DEMI_TCP_CONNECT, port))
		return;
	const struct demi_refused what = {
		.kind = binds ? DEMI_REFUSED_BIND : DEMI_REFUSED_CONNECT,
		.syscall_nr = call->notif->syscall_nr, .pid = call->notif->pid, .error = EACCES,
		.port = port, .path = "", .grant = "", .deny = "", .family = "", .when = "",
	};
	explain_note(call->run, &what);
}

static int judge(void *ud, const struct demi_notif *notif, struct demi_mem *mem,
		 struct demi_action *act)
{
	struct call_facts call = { .run = mem->run, .notif = notif, .mem = mem };
	struct need needs[NEEDS_MAX] = { NEED_NONE, NEED_NONE, NEED_NONE, NEED_NONE };
	unsigned int port = 0;
	bool binds = false;

	(void)ud;
	int n = need_find(&call, needs);
	if (n > 0)
		judge_needs(&call, needs, (size_t)n);
	else if (need_port(&call, &binds, &port))
		judge_port(&call, binds, port);
	need_free(needs);
	/* CONTINUE: nothing was decided; Landlock holds the line */
	demi_action_set_continue(act);
	return 0;
}

static int make_explainer(struct demi_sandbox *sb)
{
	struct demi_handler *handler;
	int rc = demi_handler_new(judge, NULL, NULL, DEMI_EXCEPTION_CONTINUE, &handler);

	if (rc == 0)
		rc = demi_handler_set_name(handler, "explain");
	if (rc < 0) {
		demi_handler_free(handler);
		return fail(&sb->why, rc, "explain");
	}
	rc = sandbox_keep(sb, handler);
	if (rc == 0)
		sb->explainer = handler;
	return rc;
}

int judge_watch(struct demi_sandbox *sb)
{
	int rc = 0;

	if (!sb->explainer)
		rc = make_explainer(sb);
	for (int nr = 0; nr < DEMI_SYSCALL_END && rc == 0; nr++)
		if (need_is_about(sb, nr) && !demi_sandbox_denies(sb, nr))
			rc = sandbox_link(sb, nr, sb->explainer, LINK_LATE_WATCHER);
	return rc;
}
