/* A sandbox's static rules, made ready for a child that cannot allocate. */
#ifndef DEMI_ISOLATION_H
#define DEMI_ISOLATION_H

#include "child.h"
#include "grants.h"
#include "sandbox.h"

struct isolation {
	struct grants grants;
	struct namespaces namespaces;
	struct late_grant *late;
	struct places cwd;
};

/* Fills the plan's part; what it points to lives as long as out. Owner: isolation_free(). */
int isolation_prepare(struct demi_sandbox *sb, struct child_plan *plan,
		    struct isolation *out);

void isolation_free(struct isolation *isolation);

#endif
