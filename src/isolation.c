/* A sandbox's static rules, made ready for a child that cannot allocate. */
#include "isolation.h"

#include "guard.h"
#include "landlock.h"
#include "protection.h"
#include "util.h"

#include <demilune.h>

#include <errno.h>
#include <string.h>

/* By length, the outer of two comes first. */
static int by_depth(const void *a, const void *b)
{
	const struct bind *x = a, *y = b;
	size_t m = strlen(x->path), n = strlen(y->path);

	return m < n ? -1 : m > n;
}

/* What is granted for writing, and what would be covered, is mounted again. */
static int set_binds(const struct grants *grants, struct namespaces *out)
{
	if (!out->mount)
		return 0;
	out->binds = calloc(grants->n + 1, sizeof *out->binds);
	if (!out->binds)
		return -ENOMEM;
	for (size_t i = 0; i < grants->n; i++) {
		const struct place *place = &grants->places.all[grants->all[i].place];
		bool writes = grants->all[i].access & LANDLOCK_WRITE;
		if (namespaces_replace(out, place->text) ||
		    (!writes && !namespaces_hide(out, place->text)))
			continue;
		out->binds[out->n_binds++] = (struct bind){
			place->text, writes, S_ISDIR(place->st.st_mode), -1,
		};
	}
	qsort(out->binds, out->n_binds, sizeof *out->binds, by_depth);
	return 0;
}

/* Rules are about files, not names: a new /proc is another one. */
static int set_late(const struct grants *grants, struct child_plan *plan,
		    struct isolation *out)
{
	out->late = calloc(grants->n + N_PRIVATE, sizeof *out->late);
	if (!out->late)
		return -ENOMEM;
	for (size_t i = 0; i < grants->n; i++) {
		const struct place *place = &grants->places.all[grants->all[i].place];
		if (namespaces_hide(&out->namespaces, place->text))
			out->late[plan->n_late++] =
				(struct late_grant){ place->text, grants->all[i].access };
	}
	for (size_t i = 0; out->namespaces.mount && i < N_PRIVATE; i++)
		if (access(namespaces_private[i], F_OK) == 0)
			out->late[plan->n_late++] =
				(struct late_grant){ namespaces_private[i], LANDLOCK_WRITE };
	plan->late = out->late;
	return 0;
}

/* The new directories are granted as a whole: nothing could be carved from them. */
static int check_denied(const struct grants *grants, const struct namespaces *ns,
			struct why *why)
{
	for (size_t i = 0; i < grants->denied.n; i++)
		if (namespaces_hide(ns, grants->denied.all[i].text))
			return fail(why, -EINVAL, "deny %s: isolation puts another directory there",
				    grants->denied.all[i].text);
	return 0;
}

static bool is_visible(const struct namespaces *ns, const char *path)
{
	if (!namespaces_hide(ns, path) || namespaces_replace(ns, path))
		return true;
	for (size_t i = 0; i < ns->n_binds; i++)
		if (strcmp(path, ns->binds[i].path) == 0 ||
		    place_is_beneath(path, ns->binds[i].path))
			return true;
	return false;
}

/* The working directory by its name: as it is, it would be one of the old mounts. */
static int set_cwd(struct demi_sandbox *sb, struct child_plan *plan, struct isolation *out)
{
	int rc = places_add(&out->cwd, "cwd", sb->cwd ? sb->cwd : ".", &sb->why);

	if (rc < 0)
		return rc;
	plan->cwd = out->cwd.all[0].text;
	if (!is_visible(&out->namespaces, plan->cwd))
		return fail(&sb->why, -ENOENT, "cwd %s: isolation hides it; grant it, or start "
			    "in another", plan->cwd);
	return 0;
}

int isolation_prepare(struct demi_sandbox *sb, struct child_plan *plan,
		    struct isolation *out)
{
	*out = (struct isolation){ 0 };
	int rc = grants_make(&sb->access, &out->grants, &sb->why);
	if (rc < 0)
		return rc;
	plan->ruleset = out->grants.ruleset;
	plan->landlock_abi = out->grants.abi;
	rc = guard_filter(sb, &out->grants, (struct filter_sink){ .program = &plan->guard });
	if (rc < 0)
		return rc;
	unsigned int isolated = protection_isolated(sb->access.isolated, out->grants.missing);
	if (!isolated)
		return 0;
	protection_namespaces(isolated, &out->namespaces);
	plan->namespaces = &out->namespaces;
	rc = check_denied(&out->grants, &out->namespaces, &sb->why);
	if (rc < 0)
		return rc;
	rc = set_binds(&out->grants, &out->namespaces);
	if (rc == 0 && sb->access.confines_files)
		rc = set_late(&out->grants, plan, out);
	if (rc < 0)
		return fail(&sb->why, rc, "isolation");
	return out->namespaces.mount || out->namespaces.pid ? set_cwd(sb, plan, out) : 0;
}

void isolation_free(struct isolation *isolation)
{
	grants_free(&isolation->grants);
	free(isolation->namespaces.binds);
	free(isolation->late);
	places_free(&isolation->cwd);
}
