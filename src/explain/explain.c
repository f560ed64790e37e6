/*
 * What the static layer refused in a run. Only a run that asks for it pays: in any
 * other the kernel refuses, and nobody hears of it.
 */
#include "explain.h"

#include "../confine.h"
#include "../denylist.h"
#include "../guard.h"
#include "judge.h"
#include "../notify.h"
#include "../util.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* A program that tries a new name each time must not fill the memory. */
#define DISTINCT_MAX 256

void demi_sandbox_explain(struct demi_sandbox *sb)
{
	sb->explains = true;
}

/* A run has no capabilities, so its ids cannot change: capabilities(7). */
static int identify(const struct demi_sandbox *sb, struct walker *who)
{
	who->uid = sb->has_ids ? sb->uid : geteuid();
	who->gid = sb->has_ids ? sb->gid : getegid();
	int n = sb->has_ids ? 0 : getgroups(0, NULL);
	if (n <= 0)
		return n < 0 ? -errno : 0;
	who->groups = reallocarray(NULL, (size_t)n, sizeof *who->groups);
	if (!who->groups)
		return -ENOMEM;
	n = getgroups(n, who->groups);
	who->n_groups = n < 0 ? 0 : (size_t)n;
	return n < 0 ? -errno : 0;
}

/* The deny list, and what guards the rules. */
static int list_refusals(struct demi_sandbox *sb, const struct grants *grants,
			 struct explain *explain)
{
	int rc = confine_refusals(sb, &explain->refusals, &explain->n_refusals);

	if (rc < 0)
		return rc;
	struct refusal *all = reallocarray(explain->refusals, explain->n_refusals + GUARD_MOST,
					   sizeof *all);
	if (!all)
		return fail(&sb->why, -ENOMEM, "explain");
	explain->refusals = all;
	explain->n_refusals += guard_refusals(sb, grants, all + explain->n_refusals);
	return 0;
}

int explain_prepare(struct demi_run *run, const struct grants *grants)
{
	struct demi_sandbox *sb = run->sb;

	if (!sb->explains)
		return 0;
	run->explain = calloc(1, sizeof *run->explain);
	if (!run->explain)
		return fail(&sb->why, -ENOMEM, "explain");
	run->explain->grants.ruleset = -1;
	int rc = identify(sb, &run->explain->who);
	if (rc < 0)
		return fail(&sb->why, rc, "explain");
	rc = list_refusals(sb, grants, run->explain);
	return rc == 0 ? judge_watch(sb) : rc;
}

/* What the child alone could add to the ruleset: it is of its namespaces. */
static int note_late(struct grants *grants, const struct late_grant *late, pid_t program)
{
	const struct walker anyone = { 0 };
	const struct walk_how how = { .tid = program, .dirfd = AT_FDCWD };
	struct walk place = WALK_NONE;
	int rc = walk(&anyone, &how, late->path, &place);

	if (rc == 0 && place.object >= 0)
		rc = grants_note(grants, &place.st,
				 landlock_rights(grants->abi, late->access, place.st.st_mode));
	walk_close(&place);
	return rc;
}

int explain_started(struct demi_run *run, struct isolation *isolation,
		    const struct child_plan *plan)
{
	struct explain *explain = run->explain;

	if (!explain)
		return 0;
	/* open places keep their inode numbers from being given to others */
	explain->grants = isolation->grants;
	fd_close(&explain->grants.ruleset);
	isolation->grants = (struct grants){ .ruleset = -1 };
	for (size_t i = 0; i < plan->n_late; i++) {
		int rc = note_late(&explain->grants, &plan->late[i], run->program);
		if (rc < 0)
			return fail(&run->sb->why, rc, "explain: %s of the program",
				    plan->late[i].path);
	}
	return 0;
}

static bool holds(const struct refusal *refusal, const uint64_t args[6])
{
	for (size_t i = 0; i < REFUSAL_ARGS && refusal->args[i].mask; i++) {
		const struct refusal_arg *arg = &refusal->args[i];
		bool is_as = (((uint32_t)args[arg->arg] ^ arg->value) & arg->mask) == 0;
		if (is_as == arg->differs)
			return false;
	}
	return true;
}

static const struct refusal *find_refusal(const struct explain *explain,
					  const struct demi_notif *notif)
{
	for (size_t i = 0; i < explain->n_refusals; i++)
		if (explain->refusals[i].nr == notif->syscall_nr &&
		    holds(&explain->refusals[i], notif->args))
			return &explain->refusals[i];
	return NULL;
}

/* Registers alone decide, which no other thread can change, and nothing but the errno of
 * the list is ever answered: a supervisor that is gone leaves ENOSYS. */
bool explain_settle(struct demi_run *run, const struct demi_notif *notif)
{
	const struct refusal *refusal;

	if (!run->explain)
		return false;
	refusal = find_refusal(run->explain, notif);
	if (!refusal)
		return false;
	const struct denial *entry = refusal->entry;
	const struct demi_refused what = {
		.kind = DEMI_REFUSED_SYSCALL, .syscall_nr = notif->syscall_nr,
		.error = refusal->error, .pid = notif->pid,
		.family = entry ? entry->family : refusal->is_guard ? "guard" : "",
		.when = entry && entry->when ? entry->when : "",
		.path = "", .grant = "", .deny = "",
	};
	explain_note(run, &what);	/* before: then the run may be over */
	notify_error(run->listener, notif->id, refusal->error);
	return true;
}

static bool is_equal(const struct demi_refused *a, const struct demi_refused *b)
{
	return a->kind == b->kind && a->syscall_nr == b->syscall_nr && a->error == b->error &&
	       a->port == b->port && strcmp(a->when, b->when) == 0 &&
	       strcmp(a->path, b->path) == 0 && strcmp(a->grant, b->grant) == 0 &&
	       strcmp(a->deny, b->deny) == 0;
}

static bool append(struct explain *explain, const struct demi_refused *what)
{
	if (!explain->all)
		explain->all = calloc(DISTINCT_MAX, sizeof *explain->all);
	if (!explain->all || explain->n == DISTINCT_MAX)
		return false;
	struct demi_refused *copy = &explain->all[explain->n];
	*copy = *what;
	copy->count = 1;
	copy->path = strdup(what->path);
	copy->grant = strdup(what->grant);
	copy->deny = strdup(what->deny);
	if (!copy->path || !copy->grant || !copy->deny) {
		free((char *)copy->path);
		free((char *)copy->grant);
		free((char *)copy->deny);
		return false;
	}
	explain->n++;
	return true;
}

void explain_note(struct demi_run *run, const struct demi_refused *what)
{
	struct explain *explain = run->explain;

	pthread_mutex_lock(&run->lock);
	size_t i = 0;
	while (i < explain->n && !is_equal(&explain->all[i], what))
		i++;
	if (i < explain->n)
		explain->all[i].count++;
	else if (!append(explain, what))
		explain->left_out++;
	pthread_mutex_unlock(&run->lock);
}

int demi_run_refused(struct demi_run *run, size_t i, struct demi_refused *out)
{
	int rc = -ENOENT;

	*out = (struct demi_refused){ 0 };
	pthread_mutex_lock(&run->lock);
	if (run->explain && i < run->explain->n) {
		*out = run->explain->all[i];
		rc = 0;
	}
	pthread_mutex_unlock(&run->lock);
	return rc;
}

uint64_t demi_run_refused_more(struct demi_run *run)
{
	pthread_mutex_lock(&run->lock);
	uint64_t left_out = run->explain ? run->explain->left_out : 0;
	pthread_mutex_unlock(&run->lock);
	return left_out;
}

void explain_free(struct demi_run *run)
{
	struct explain *explain = run->explain;

	if (!explain)
		return;
	for (size_t i = 0; i < explain->n; i++) {
		free((char *)explain->all[i].path);
		free((char *)explain->all[i].grant);
		free((char *)explain->all[i].deny);
	}
	free(explain->all);
	free(explain->refusals);
	free(explain->who.groups);
	grants_free(&explain->grants);
	free(explain);
}
