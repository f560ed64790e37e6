/* The seccomp programs of a sandbox for people to read. */
#include "confine.h"
#include "guard.h"
#include "peers.h"
#include "perform/perform.h"
#include "util.h"
#include "watched.h"

#include <errno.h>
#include <stdlib.h>

static int describe_guard(struct demi_sandbox *sb, struct filter_sink out)
{
	struct grants grants;
	int rc = grants_make(&sb->access, &grants, &sb->why);

	if (rc == 0)
		rc = guard_filter(sb, &grants, out);
	grants_free(&grants);
	return rc;
}

static int describe_watched(struct demi_sandbox *sb, struct filter_sink out)
{
	int rc = peers_bind(sb);
	const struct watched watched = { .sb = sb, .performs = perform_is_wanted(sb) };

	return rc < 0 ? rc : watched_filter(&watched, out);
}

int demi_sandbox_filter_text(struct demi_sandbox *sb, enum demi_filter which, char **out)
{
	const struct filter_sink text = { .text = out };
	bool explains = sb->explains;
	int rc = -EINVAL;

	*out = NULL;
	sb->explains = false;	/* as a run that does not */
	switch (which) {
	case DEMI_FILTER_STATIC:
		rc = confine_filter(sb, text);
		break;
	case DEMI_FILTER_GUARD:
		rc = describe_guard(sb, text);
		break;
	case DEMI_FILTER_NOTIFY:
		rc = describe_watched(sb, text);
		break;
	}
	sb->explains = explains;
	return rc;
}
