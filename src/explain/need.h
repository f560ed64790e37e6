/* What a call needs to be granted: which rights, beneath what. */
#ifndef DEMI_EXPLAIN_NEED_H
#define DEMI_EXPLAIN_NEED_H

#include "../run.h"
#include "walk.h"

#include <limits.h>

struct call_facts {
	struct demi_run *run;
	const struct demi_notif *notif;
	struct demi_mem *mem;
};

struct need {
	uint64_t rights;		/* LANDLOCK_ACCESS_FS_* */
	int dir;			/* where to look first, then above it; owned */
	bool has_object;		/* before that, on a file */
	struct stat object;
	char path[PATH_MAX];		/* what it is about */
	char grant[PATH_MAX];		/* what would have to be granted; "": nothing can be */
};

#define NEEDS_MAX 4		/* a script, its interpreter, that one's loader */
#define NEED_NONE { .dir = -1 }

/* need_is_about - is this call one that the rules of sb are about? */
bool need_is_about(const struct demi_sandbox *sb, int nr);

/*
 * need_find - the needs of a call about files
 *
 * Returns how many there are; 0 for a call that fails, or is over, before Landlock is
 * asked, and for what cannot be seen.
 * Owner: the caller, need_free()
 */
int need_find(const struct call_facts *call, struct need needs[NEEDS_MAX]);

void need_free(struct need needs[NEEDS_MAX]);

/* need_port - does it bind or connect a TCP socket, and to which port? */
bool need_port(const struct call_facts *call, bool *binds, unsigned int *port);

/* need_address - the path of a UNIX socket that is bound; false: it is none */
bool need_address(const struct call_facts *call, char path[PATH_MAX]);

#endif
